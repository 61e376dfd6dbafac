"""Words that mean a value only among a product's others: sizes, ranges, other units, pieces in words."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Catalogue, Product, Variant
from kefu.core.catalogue.answers.alternatives import nearest
from kefu.core.catalogue.several.several_things import things_in


def product(number: str, name: str, *variants: dict[str, str]) -> Product:
    made = tuple(Variant(f"{number}-{at}", tuple(one.items())) for at, one in enumerate(variants or ({},)))
    return Product(number, name, made, (), name[-2:])


MIXED = Catalogue.build(
    [
        product("pants", "溪谷拉拉裤", *({"尺码": s, "适用体重": kg} for s, kg in (("M", "6-11kg"), ("L", "9-14kg")))),
        product("bag", "溪谷睡袋", {"尺码": "M码"}, {"尺码": "L码"}),
        product("teat", "溪谷奶嘴", {"流量": "S号"}, {"流量": "M号"}),
        product("wire", "溪谷电线", *({"截面": a, "颜色": c} for a in ("2.5平方", "6平方") for c in ("红色", "蓝色"))),
        product("screw", "溪谷自攻螺丝", *({"规格": size} for size in ("M4*16mm", "M4*25mm", "M5*25mm"))),
        product("lock", "溪谷房门锁", {"适用门厚": "35-45mm"}, {"适用门厚": "45-55mm"}),
        product("milk", "溪谷奶粉", {"段位": "1段", "适用月龄": "0-6个月"}, {"段位": "2段", "适用月龄": "6-12个月"}),
        product("suit", "溪谷连体衣", *({"身高": f"{cm}cm"} for cm in (66, 73, 80))),
        product("lamp", "溪谷吸顶灯", {"适用面积": "8-15平"}, {"适用面积": "15-25平"}),
        Product(
            "head",
            "溪谷花洒",
            (
                Variant("head-s", (("款式", "单头"), ("颜色", "银色"))),
                Variant("head-b", (("款式", "单头"), ("颜色", "黑色"))),
                Variant("head-3", (("款式", "单头+软管+底座"), ("颜色", "银色")), ("三件套",)),
            ),
        ),
    ]
)
"""Sizes as several makers write them, and ranges with all kinds of units."""


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("拉拉裤L码还有没", "L 9-14kg"),
        ("拉拉裤m号的", "M 6-11kg"),
        ("拉拉裤大号有吗", "L 9-14kg"),
        ("睡袋M的有吗", "M码"),
        ("睡袋l码", "L码"),
        ("睡袋大码的", "L码"),
        ("奶嘴m的", "M号"),
        ("奶嘴中号的有吗", "M号"),
        ("电线6平的红的要3卷", "6平方 红色"),
        ("电线 2.5平方毫米蓝色", "2.5平方 蓝色"),
        ("自攻螺丝M4*25的", "M4*25mm"),
        ("自攻螺丝m5x25有吗", "M5*25mm"),
        ("自攻螺丝 4x16的多少钱", "M4*16mm"),
        ("自攻螺丝M5的有吗", "M5*25mm"),
        ("房门锁 门厚38的有吗", "35-45mm"),
        ("房门锁50厚能装哪款", "45-55mm"),
        ("房门锁 我的门4厘米厚", "35-45mm"),
        ("奶粉8个月的宝宝喝哪个", "2段 6-12个月"),
        ("吸顶灯 房间20平", "15-25平"),
        ("吸顶灯12平米的卧室用", "8-15平"),
    ],
)
def test_a_size_is_meant_however_its_maker_writes_it(said: str, means: str) -> None:
    found = MIXED.resolve(said)
    assert found.variant, found
    assert " ".join(value for _, value in found.variant.attributes) == means


@pytest.mark.parametrize(
    "said",
    ["连体衣 8个月男宝75cm穿多大", "连体衣身高77厘米拿哪个码", "拉拉裤 宝宝刚出生6斤穿什么码", "奶粉用了3个月坏了"],
)
def test_the_measures_of_somebody_are_no_size_that_is_missing(said: str) -> None:
    assert not MIXED.resolve(said).unknown


def test_whom_it_is_for_is_no_thing_of_a_list() -> None:
    found = [thing.meant.variant for thing in things_in(MIXED, "溪谷睡袋买M还是L 宝宝78厘米")]
    assert [variant and variant.sku for variant in found] == ["bag-0", "bag-1"]


@pytest.mark.parametrize(
    ("said", "unknown"),
    [("连体衣75cm的有吗", "75cm"), ("溪谷花洒三件套黑色的有吗", "三件套 黑色"), ("电线4平方的有没有", "4平方")],
)
def test_a_size_that_is_missing_is_told(said: str, unknown: str) -> None:
    assert MIXED.resolve(said).unknown == unknown


SEATS = Product(
    "seats",
    "溪谷凉座垫",
    (
        Variant("seats-1", (("规格", "单片"), ("颜色", "米色"))),
        Variant("seats-5b", (("规格", "五座全套"), ("颜色", "黑色")), ("全套",)),
        Variant("seats-5w", (("规格", "五座全套"), ("颜色", "米色"))),
    ),
    (),
    "座垫",
)
"""An alias of one variant stands in the value of another."""

CATALOGUE = Catalogue.build(
    [
        product("nest", "松果四季窝", *({"颜色": c, "尺码": s} for c in ("墨绿", "燕麦色") for s in ("S", "M", "L"))),
        product(
            "tree",
            "松果爬架",
            *({"规格": f"{size}高{cm}cm"} for size, cm in (("小型", 80), ("中型", 130), ("大型", 170))),
        ),
        product("table", "溪谷折叠桌", *({"尺寸": size} for size in ("60*40cm", "90*60cm", "120*60cm"))),
        product("socks", "溪谷羊毛袜", *({"尺码": size} for size in ("35-38", "39-42", "43-46"))),
        product(
            "drops", "安护滴剂", *({"体重": kg, "规格": n} for kg in ("2.5kg以下", "2.5-7.5kg") for n in ("1支", "3支"))
        ),
        product("food", "安护主粮", *({"净含量": kg} for kg in ("1.5kg", "5kg", "10kg"))),
        product("sand", "安护猫砂", *({"规格": size} for size in ("单包2.5kg", "4包箱装", "8包箱装"))),
        product("shoe", "溪谷跑鞋", *({"颜色": c, "尺码": s} for c in ("橙红", "冰蓝") for s in ("41", "42"))),
        product("pear", "溪谷雪梨", *({"规格": size} for size in ("2-3斤（6个）", "4-5斤（6个）"))),
        product("pomelo", "溪谷红柚", *({"规格": size} for size in ("2个装（5斤）", "4个装（9斤）"))),
        product("nuts", "安护坚果桶", *({"规格": size} for size in ("团圆款8袋0.9kg", "富贵款10袋1.2kg", "7包尝鲜装"))),
        SEATS,
        product("mat", "溪谷地垫", {"座位": "五座"}),
        product(
            "coat", "溪谷外套", *({"颜色": c, "尺码": s} for c, s in (("黑色", "XL"), ("黑色", "3XL"), ("藏青", "XL")))
        ),
    ]
)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("四季窝墨绿大号", "墨绿 L"),
        ("四季窝墨绿中码的", "墨绿 M"),
        ("爬架大的多少钱", "大型高170cm"),
        ("爬架最小的", "小型高80cm"),
        ("折叠桌中号有吗", "90*60cm"),
        ("折叠桌最大的", "120*60cm"),
        ("羊毛袜43码的", "43-46"),
        ("羊毛袜 我穿41的", "39-42"),
        ("羊毛袜35-38有吗", "35-38"),
        ("滴剂 4公斤的猫 三支", "2.5-7.5kg 3支"),
        ("滴剂3斤 1支的", "2.5kg以下 1支"),
        ("主粮20斤的有吗", "10kg"),
        ("主粮十斤", "5kg"),
        ("猫砂8包的", "8包箱装"),
        ("跑鞋橙色41", "橙红 41"),
        ("外套黑色3xl", "黑色 3XL"),
        ("爬架最大的 哦不 还是小的吧", "小型高80cm"),
        ("雪梨小个的多少钱", "2-3斤（6个）"),
        ("雪梨大个的", "4-5斤（6个）"),
        ("红柚四个的有吗", "4个装（9斤）"),
        ("红柚2个装", "2个装（5斤）"),
        ("坚果桶富贵的", "富贵款10袋1.2kg"),
        ("坚果桶 7包的", "7包尝鲜装"),
        ("座垫五座米色的有吗", "五座全套 米色"),
        ("五座全套的座垫米色有吗", "五座全套 米色"),
    ],
)
def test_a_value_is_meant_by_its_place_among_the_others(said: str, means: str) -> None:
    found = CATALOGUE.resolve(said)
    assert found.variant, found
    assert " ".join(value for _, value in found.variant.attributes) == means


@pytest.mark.parametrize("said", ["四季窝墨绿特大号", "折叠桌个大的吗", "我家狗20斤 主粮买哪个", "爬架小巧的吗"])
def test_other_words_choose_nothing(said: str) -> None:
    assert CATALOGUE.resolve(said).variant is None


def test_what_does_not_exist_together_is_told_with_what_there_is() -> None:
    found = CATALOGUE.resolve("外套藏青3xl")
    assert (found.kind, found.unknown) == ("none", "藏青 3XL")
    assert [variant.sku for variant in found.near] == ["coat-1", "coat-2"]


def test_an_unknown_size_of_a_colour_is_told_with_the_sizes_of_that_colour() -> None:
    found = CATALOGUE.resolve("溪谷跑鞋冰蓝45码")
    assert found.unknown
    assert [variant.sku for variant in found.near] == ["shoe-2", "shoe-3"]


def test_different_ends_choose_none_where_nothing_is_taken_back() -> None:
    assert CATALOGUE.resolve("爬架大的和小的都有吗").kind == "ambiguous"


HELD = Catalogue.build(
    [
        product("berry", "溪谷草莓", {"规格": "大果2斤"}, {"规格": "特大果2斤"}, {"规格": "3斤礼盒"}),
        Product("mango", "越南当季玉芒特大果香甜多汁现摘整箱野生", (Variant("mango-1"),), ("玉芒",), "芒果"),
        Product("cherry", "进口车厘子空运当季现摘整箱多汁大果", (Variant("cherry-1"),), ("车厘子",), "车厘子"),
        Product("box", "溪谷综合果篮", (Variant("box-1"),), (), "礼盒"),
        Product("honey", "溪谷槐花蜜", (Variant("honey-1"),), (), "蜂蜜"),
        Product("honeys", "溪谷百花蜜", (Variant("honeys-1"), Variant("honeys-2", (("规格", "2瓶礼盒"),))), (), "蜂蜜"),
    ]
)


@pytest.mark.parametrize(
    ("held", "said", "means"),
    [
        ("berry", "那特大的呢", "berry-1"),
        ("berry", "有礼盒吗", "berry-2"),
        ("honey", "有两瓶的礼盒吗", "honeys-2"),
        ("honey", "野生的还是养殖的", "honey-1"),
    ],
)
def test_words_of_other_titles_do_not_change_the_subject(held: str, said: str, means: str) -> None:
    """By themselves they mean other goods; after ``held`` its variants, or those of its kind."""
    product = HELD.product(held)
    assert product
    kept = HELD.kept(product, said, HELD.resolve(said))
    assert kept
    assert kept.variant
    assert kept.variant.sku == means


@pytest.mark.parametrize(("held", "said"), [("berry", "那进口的呢"), ("honey", "玉芒有吗"), ("mango", "礼盒还有吗")])
def test_another_thing_is_another_thing(held: str, said: str) -> None:
    product = HELD.product(held)
    assert product
    assert HELD.kept(product, said, HELD.resolve(said)) is None


SHOES = Catalogue.build([product("run", "溪谷跑鞋"), product("walk", "岩行徒步鞋"), product("cup", "岩行保温杯")])


@pytest.mark.parametrize("said", ["要是我穿毛衣呢", "这能治关节炎吗", "发顺丰行吗", "大袋的有货不", "一次50双"])
def test_what_is_no_thing_is_not_said_back_as_one(said: str) -> None:
    assert SHOES.resolve(said).unknown == ""


def test_one_character_stands_for_the_few_kinds_that_end_in_it() -> None:
    sold = [
        Product(number, name, (Variant(number),), (), kind)
        for number, name, kind in (("r", "溪谷1", "跑鞋"), ("w", "岩行2", "徒步鞋"))
    ]
    found = Catalogue.build(sold).resolve("想买双鞋")
    assert [one.id for one in found.candidates] == ["r", "w"]


def test_a_category_whose_goods_end_otherwise_is_not_meant_by_its_last_character() -> None:
    """阀门 are no 门."""
    valve = Product("v", "铜球阀", (Variant("v"),), ("球阀",), "阀门")
    case = Product("c", "磨砂硅胶壳", (Variant("c"),), (), "手机壳")
    sold = Catalogue.build([valve, case])
    assert not sold.resolve("左开的门能用不").is_named
    assert sold.resolve("15的壳有吗").product == case


def test_a_part_that_is_no_product_is_said_back_whole() -> None:
    """转接件 may be read as 转接 and 件."""
    assert SHOES.resolve("转接件多少钱", last=["run"]).unknown == "转接件"


def test_other_values_than_the_one_chosen_are_all_of_them() -> None:
    cup = Product("cup", "岩行保温杯", tuple(Variant(f"cup-{c}", (("颜色", c),)) for c in ("雾蓝", "炭黑")))
    sold = Catalogue.build([cup])
    assert len(sold.resolve("有其它颜色没", last=["cup-雾蓝"]).variants) == 2
    assert len(sold.resolve("有货没", last=["cup-雾蓝"]).variants) == 1


def test_what_is_for_another_weight_is_no_stand_in() -> None:
    drops = CATALOGUE.product("drops")
    assert drops
    assert [one.sku for _, one in nearest(CATALOGUE, drops, drops.variants[2])] == ["drops-3"]
