"""Class texts of a Dify classifier node find the shop's intents, or are listed as unmapped."""

from kefu.core.intents import IntentNames, map_classes

INTENTS = [
    IntentNames("urge_delivery", "催发货", ("催单", "什么时候发货"), ("怎么还不发货呀", "都三天了还没发出")),
    IntentNames("stock_query", "库存查询", ("有没有货",), ("还有货吗", "白色的有现货吗")),
    IntentNames("after_sales", "售后", ("退换货", "退款"), ("我要退货", "质量有问题怎么办")),
    IntentNames("product_usage", "产品使用", ("使用方法", "怎么用"), ("这个怎么连蓝牙",)),
    IntentNames("human_request", "转人工", ("人工客服",)),
]


def test_plain_names_map_to_their_intent():
    mapped = map_classes(["催发货", "库存查询", "售后", "产品使用"], INTENTS)
    assert mapped.classes["库存查询"] == {"stock_query"}
    assert mapped.unmapped == ()


def test_a_name_with_an_explanation_maps():
    mapped = map_classes(["催发货：客户询问什么时候发货、要求尽快发货", "After_sales"], INTENTS)
    assert mapped.classes["催发货：客户询问什么时候发货、要求尽快发货"] == {"urge_delivery"}
    assert mapped.classes["After_sales"] == {"after_sales"}


def test_one_class_may_stand_for_several_intents():
    assert map_classes(["售后/产品使用"], INTENTS).classes == {
        "售后/产品使用": frozenset({"after_sales", "product_usage"})
    }


def test_the_rest_class_is_no_unmapped_class_and_takes_what_nobody_takes():
    mapped = map_classes(["其他/转人工", "催发货"], INTENTS)
    assert mapped.rest == ("其他/转人工",)
    assert mapped.classes["其他/转人工"] == {"human_request"}
    assert mapped.unmapped == ()
    assert mapped.class_of("product_usage") == "其他/转人工"
    assert mapped.class_of("urge_delivery") == "催发货"


def test_examples_explain_a_class_text_without_a_name():
    assert map_classes(["白色的现货有吗"], INTENTS).classes == {"白色的现货有吗": frozenset({"stock_query"})}


def test_a_text_that_fits_nothing_is_listed_and_never_guessed():
    mapped = map_classes(["旅游攻略", "😀", ""], INTENTS)
    assert mapped.classes == {}
    assert mapped.unmapped == ("旅游攻略", "😀", "")
    assert mapped.class_of("urge_delivery") is None


def test_what_the_owner_chose_wins():
    mapped = map_classes(["旅游攻略", "售后"], INTENTS, {"旅游攻略": ["product_usage"]})
    assert mapped.classes["旅游攻略"] == {"product_usage"}
