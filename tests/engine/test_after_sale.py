"""What was bought: exchanged, not received, chosen by the buyer, or not to be sent back as other goods are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.core.orders import OrderItem
from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.orders import load_orders, save_orders
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,虚拟,商家编码,规格,价格,备货天数,描述
slipper,栖木毛毡拖鞋,毛毡拖鞋,拖鞋,双,,SL-37,鞋码=37,49,,
,,,,,,SL-38,鞋码=38,49,,
stamp,栖木木柄印章,木柄印章|印章,印章,枚,,ST-R,形状=圆,39,,
,,,,,,ST-S,形状=方,39,,
carved,栖木定制刻名印章,刻名印章,印章,枚,,CA-R,形状=圆,89,4-6天,刻4个字以内
plate,栖木来样定做门牌,定做门牌,门牌,块,,PL-1,材质=胡桃木,129,7-9天,
pass,栖木会员季卡,会员季卡|季卡,会员卡,张,是,PA-3,有效期=3个月,29,,全店九八折
jar,栖木预售陶罐,预售陶罐|陶罐,陶罐,只,,JA-1,颜色=白,69,2026-12-02,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,30\n" for sku in ("SL-37", "SL-38", "ST-R", "ST-S", "JA-1"))
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
售后,换尺码,尺码不合适可以换吗,签收10天内鞋底干净的可以换一次尺码，寄回运费自理。,,买小了能换大的吗|不合适可以换吗
售后,七天退,可以退货吗,签收7天内不影响二次销售的可以退。,,不想要了能退吗
说明,刻名,印章能刻什么,中文4个字以内，刻好的不退不换。,carved,能刻图案吗
"""


@pytest.fixture
def workshop(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with slippers, stamps, a card, a presale and buyers who have ordered some of them."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRIES)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    with sample_engine.db.write() as connection:
        paid = load_orders(connection, sample_shop.id)["202611200021"]
        for at, (status, skus) in enumerate(ORDERS.items()):
            sent = {"carrier": "韵达快递", "tracking": f"YD000000000097{at}"} if status == "shipped" else {}
            items = tuple(OrderItem(sku) for sku in skus)
            own = {"order_no": f"2026112097{at}1", "buyer_id": status, "phone_last4": f"330{at}", "status": status}
            save_orders(connection, sample_shop.id, [replace(paid, **own, items=items, **sent)])
    return sample_shop


ORDERS = {
    "paid": ("CA-R", "SL-38"),
    "shipped": ("SL-37", "ST-S"),
    "unpaid": ("ST-R",),
    "refunding": ("SL-37",),
}
"""Status, and so the buyer, of each order: what it holds."""


@pytest.mark.parametrize(
    "text", ["买的毛毡拖鞋37小了想换38", "收到的拖鞋太大了 想换小一码的", "毛毡拖鞋38穿着挤 能换大的吗"]
)
def test_what_was_bought_is_exchanged_not_looked_up_in_stock(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text)
    assert "可以换一次尺码" in told["reply"] + told["context"], told


@pytest.mark.parametrize("text", ["毛毡拖鞋38的有吗 37有点小", "37小了 拖鞋换38的多少钱"])
def test_another_size_of_what_is_looked_at_is_no_exchange(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text)
    assert told["intent"] in ("stock_query", "price_query"), told


@pytest.mark.parametrize("texts", [["刻名印章能退吗"], ["刻名印章多少钱", "不喜欢能退不"]])
def test_what_is_made_for_one_customer_is_not_sent_back_as_other_goods_are(
    sample_engine: Engine, workshop: Shop, texts: list[str]
) -> None:
    *_, told = talk(sample_engine, workshop, *texts)
    assert "刻好的不退不换" in told["reply"] + told["context"], told
    assert "7天内" not in told["reply"]


@pytest.mark.parametrize("text", ["定做门牌不想要了可以退吗", "来样定做的那个门牌能退吗"])
def test_a_person_where_nothing_is_written_of_such_goods(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text)
    assert told["handoff_reason"] == "policy", told


@pytest.mark.parametrize("text", ["季卡能退吗", "能退吗会员季卡"])
def test_a_card_is_sent_back_as_is_written_of_cards(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text)
    assert "没有查看过卡密的可以退换" in told["context"], told
    assert "7天内" not in told["reply"] + told["context"]


@pytest.mark.parametrize("text", ["木柄印章能退吗", "毛毡拖鞋不想要了能退吗"])
def test_other_goods_are_sent_back_as_ever(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text)
    assert "7天内" in told["reply"] + told["context"], told


def test_goods_of_the_kind_that_is_named_choose_the_order(sample_engine: Engine, workshop: Shop) -> None:
    (told,) = talk(sample_engine, workshop, "我的木柄印章做好没", buyer="paid")
    assert told["route"] == "order", told
    assert "刻名印章×1" in told["reply"]


@pytest.mark.parametrize("text", ["拖鞋我买的几码来着", "拖鞋我选的是什么码", "拖鞋是37还是38我买的"])
def test_which_one_was_chosen_is_told_from_the_order(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text, buyer="shipped")
    assert "毛毡拖鞋（37）×1" in told["reply"], told


def test_which_one_was_chosen_is_not_told_from_the_shelf(sample_engine: Engine, workshop: Shop) -> None:
    (told,) = talk(sample_engine, workshop, "拖鞋我买的几码来着")
    assert told["missing"] == ["order_no", "phone_last4"], told


@pytest.mark.parametrize("text", ["昨天发的那个几号能到天津", "今天早上发的快递多久到"])
def test_what_was_sent_is_no_new_order(sample_engine: Engine, workshop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, workshop, text, buyer="shipped")
    assert "YD0000000000971" in told["reply"], told
    assert "前付款" not in told["reply"]


@pytest.mark.parametrize("text", ["收件人名字写错了能改不", "手机号填错了能改成我老公的吗"])
def test_a_known_buyers_change_is_told_with_the_order_and_handed_over(
    sample_engine: Engine, workshop: Shop, text: str
) -> None:
    (told,) = talk(sample_engine, workshop, text, buyer="shipped")
    assert told["handoff_reason"] == "policy", told


@pytest.mark.parametrize("text", ["显示签收了可是我没收到", "写着放驿站了 没有啊"])
def test_signed_for_and_not_received_is_a_persons(sample_engine: Engine, workshop: Shop, text: str) -> None:
    *_, told = talk(sample_engine, workshop, "我的快递到哪了", text, buyer="shipped")
    assert told["handoff_reason"] == "policy", told


def test_what_was_not_received_is_kept_until_its_number_is_known(sample_engine: Engine, workshop: Shop) -> None:
    asked, told = talk(sample_engine, workshop, "快递显示签收了 我没收到", "202611209711 3301")
    assert asked["missing"] == ["order_no", "phone_last4"]
    assert ("YD0000000000971" in told["reply"], told["handoff_reason"]) == (True, "policy")


def test_another_variant_of_what_has_left_is_an_exchange(sample_engine: Engine, workshop: Shop) -> None:
    *_, told = talk(sample_engine, workshop, "我的快递到哪了", "拖鞋会掉毛吗", "那能换38的吗", buyer="shipped")
    assert "可以换一次尺码" in told["reply"] + told["context"] or told["handoff_reason"] == "policy", told


def test_one_of_what_has_not_left_is_to_be_another(sample_engine: Engine, workshop: Shop) -> None:
    *_, told = talk(sample_engine, workshop, "我的订单发了吗", "印章多少钱", "帮我把里面那双换成37的", buyer="paid")
    assert told["handoff_reason"] == "policy", told


@pytest.mark.parametrize(
    ("text", "says"),
    [("我拍了印章没付钱 现在付后天能到上海不", "上海"), ("拍了个印章还没付款 现在付今天能发吗", "前付款")],
)
def test_what_is_not_paid_is_told_when_it_comes_if_it_is(
    sample_engine: Engine, workshop: Shop, text: str, says: str
) -> None:
    (told,) = talk(sample_engine, workshop, text, buyer="unpaid")
    assert "还没有付款" in told["reply"], told
    assert says in told["reply"]


@pytest.mark.parametrize(
    "texts",
    [
        ["我退款怎么还没到账 尾号3303", "202611209731"],
        ["退款怎么还没到", "尾号3303", "202611209731"],
        ["我手机13800003303 退款怎么还没到", "202611209731"],
    ],
)
def test_digits_and_a_number_of_two_messages_prove_the_buyer(
    sample_engine: Engine, workshop: Shop, texts: list[str]
) -> None:
    *_, told = talk(sample_engine, workshop, *texts)
    assert "正在办理退款" in told["reply"], told
    assert told["handoff_reason"] == "policy"


def test_who_says_to_have_paid_is_asked_for_the_number(sample_engine: Engine, workshop: Shop) -> None:
    asked, told = talk(sample_engine, workshop, "陶罐到成都几天", "我付了的 尾号3300", "202611209701")[1:]
    assert asked["missing"] == ["order_no"], asked
    assert "已付款" in told["reply"], told


def test_a_presale_is_not_sent_as_all_others_are(sample_engine: Engine, workshop: Shop) -> None:
    *_, told = talk(sample_engine, workshop, "预售陶罐有货吗", "付了款5号之前能发吗")
    assert "12月2日" in told["reply"], told
    assert "当天发货" not in told["reply"]


def test_the_place_spoken_of_holds_for_other_goods_that_are_sent(sample_engine: Engine, workshop: Shop) -> None:
    *_, told = talk(sample_engine, workshop, "毛毡拖鞋37到乌鲁木齐几天", "那木柄印章圆的能发吧 几天到")
    assert "乌鲁木齐" in told["reply"], told
