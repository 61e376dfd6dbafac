"""Several things in one sentence: which parts name one, and one sentence of its own for each."""

from __future__ import annotations

import re

import pytest

from kefu.core.catalogue import Ask, Catalogue, JargonTerm, Product, Variant
from kefu.core.catalogue.several.several_things import difference_of, several_answer, sum_of, things_in


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("雀影鼠标黑色和A产品大号都有货吗", ["MS-BK", "BAG-L"]),
        ("疾澜D5 16G，疾澜D4 8G，HDMI线3米，雀影鼠标白色有没有", ["RAM5-16", "RAM4-8", "HD-3", "MS-WH"]),
        ("A产品大号还有A产品中号吗", ["BAG-L", "BAG-M"]),
        ("A产品大号还有吗，和昨天一样", ["BAG-L"]),
        ("A产品大号和A产品大号", ["BAG-L"]),
        ("送到杭州和苏州，A产品大号", ["BAG-L"]),
        ("A产品大号 雀影鼠标黑色 疾澜D4 8G各来一个", ["BAG-L", "MS-BK", "RAM4-8"]),
        ("A产品大号一个 雀影 鼠标 白色两个 多少钱", ["BAG-L", "MS-WH"]),
        ("A产品 大号", ["BAG-L"]),
        ("疾澜 D5 16G 有货 吗", ["RAM5-16"]),
        ("A产品大号两个雀影鼠标黑色三个 多少钱", ["BAG-L", "MS-BK"]),
        ("A产品大号跟特大号差多少钱", ["BAG-L", "BAG-XL"]),
        ("今天和明天都行", []),
        ("有货吗，在吗", []),
    ],
)
def test_the_parts_that_name_something(little, text: str, meant: list[str]) -> None:
    """The same thing once; what names nothing is no thing."""
    things = things_in(little.catalogue(), text)
    assert [thing.meant.variant.sku for thing in things if thing.meant.variant] == meant


def test_each_thing_has_its_own_sentence(little) -> None:
    """Sold out, in stock, undecided and unknown side by side, and the question of the undecided one is open."""
    shelf = little.shelf()
    things = things_in(shelf.catalogue, "A产品中号和雀影鼠标，还有金士顿内存条有货吗")
    found = several_answer(shelf, things, lambda _thing: Ask())
    assert "A产品（中号）目前缺货" in found.reply
    assert "雀影 L1 无线鼠标黑色现货5个、白色暂时缺货" in found.reply
    assert "没有查到“金士顿内存条”" in found.reply
    assert found.reply.count("亲，") == 1
    assert (found.found, found.available, found.quantity) == (True, False, 0)
    assert (found.missing, set(found.skus)) == (("variant",), {"MS-BK", "MS-WH"})


def test_all_there_is_available_and_each_quantity_is_its_own(little) -> None:
    """Twelve and three of one, five of the other; six wanted of it are too many."""
    shelf = little.shelf()
    things = things_in(shelf.catalogue, "A产品大号和雀影鼠标黑色")
    found = several_answer(shelf, things, lambda _thing: Ask())
    assert found.available
    assert "库存15个" in found.reply
    assert "库存5个" in found.reply
    assert found.skus == ("BAG-L", "MS-BK")
    short = several_answer(shelf, things, lambda thing: Ask(quantity=6 if thing.start else 0))
    assert not short.available
    assert "不够您要的6个" in short.reply


def test_parts_without_a_name_are_of_what_was_spoken_of(little) -> None:
    """4升加1升 after an oil; alone they name nothing."""
    catalogue = little.catalogue()
    text = "那8G加16G 再来个雀影鼠标黑色"
    things = things_in(catalogue, text, held=["ram4"])
    assert [thing.meant.variant.sku for thing in things if thing.meant.variant] == ["RAM4-8", "RAM4-16", "MS-BK"]
    assert len(things_in(catalogue, text)) == 1
    assert things_in(catalogue, "那8G的多少钱", held=["ram4"]) == []


def test_what_two_things_differ_by_and_cost_together(little) -> None:
    things = things_in(little.catalogue(), "A产品大号和A产品特大号")
    assert difference_of([(thing, 1) for thing in things]) == (12900, 13900)
    assert difference_of([(things[0], 2), (things[1], 1)]) == (25800, 13900)  # totals with totals
    assert sum_of([(thing, 2) for thing in things]) == 53600
    mice = things_in(little.catalogue(), "雀影鼠标和A产品大号")
    assert sum_of([(thing, 0) for thing in mice]) == 18800  # both colours cost the same
    undecided = things_in(little.catalogue(), "A产品和雀影鼠标")
    assert difference_of([(thing, 1) for thing in undecided]) is None


def chargers() -> Catalogue:
    """Two chargers told apart by a number in their names, and codes that begin with a word of the trade."""
    colours = (("颜色", "白色"),), (("颜色", "黑色"),)
    made = []
    for watts in (65, 100):
        variants = tuple(Variant(f"CHG-{watts}-{n}", one) for n, one in enumerate(colours))
        name = f"捷炬 {watts}W 氮化镓充电器"
        made.append(Product(f"c{watts}", name, variants, (f"{watts}W充电器",), "充电器", "捷炬"))
    return Catalogue.build(made, [JargonTerm("CHG", "充电器")])


def test_the_number_of_another_model_means_that_model() -> None:
    """65W充电器，还有100W的: two things; a number that no model has is still unknown."""
    catalogue = chargers()
    things = things_in(catalogue, "65W充电器，还有100W的，有货吗")
    assert [thing.meant.product.id for thing in things if thing.meant.product] == ["c65", "c100"]
    assert [thing.meant.product.id for thing in things_in(catalogue, "65W充电器和140W的")] == ["c65"]


def test_a_code_is_read_as_it_is_written_before_any_jargon() -> None:
    """CHG means charger, and is a part of a code."""
    found = chargers().resolve("CHG-65-1有货吗")
    assert (found.how, found.variant.sku if found.variant else "") == ("code", "CHG-65-1")


def wares() -> Catalogue:
    """Goods with numbers in their values, and a name that is said in short."""
    bottle = Product(
        "bt",
        "澄口 高硼硅玻璃水瓶",
        (Variant("BT-1", (("容量", "350ml"),), (), (), 4200), Variant("BT-2", (("容量", "600ml"),), (), (), 5200)),
        ("玻璃水瓶",),
        "水杯",
    )
    cap = Product(
        "cp", "备用杯盖", (Variant("CP", (("每袋", "10个"),), (), (), 900),), ("备用杯盖",), "杯盖", unit="袋"
    )
    brush = Product("br", "长柄洗瓶刷", (Variant("BR", (), (), (), 1200),), ("洗瓶刷",), "清洁", unit="把")
    return Catalogue.build((bottle, cap, brush))


def listed(text: str, held: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(SKU or what is unknown, the part of ``text``) of each thing of a list."""
    counted = [match.span() for match in re.finditer(r"[一两三\d]+[个把袋](?!装)", text)]
    ignore = [text[start:end] for start, end in counted]
    things = things_in(wares(), text, ignore, held=held, counted=counted)
    found = [(thing.meant.variant.sku if thing.meant.variant else thing.meant.unknown) for thing in things]
    return [(sku, text[thing.start : thing.end].strip()) for sku, thing in zip(found, things, strict=True)]


def test_each_number_of_a_list_has_its_own_thing() -> None:
    """What is called shortly is found, what is not found stays, and a number is no value of another product."""
    assert listed("玻璃瓶350的10个 刷子两把") == [("BT-1", "玻璃瓶350的10个"), ("BR", "刷子两把")]
    assert listed("两个350的 三个600的", ("bt",)) == [("BT-1", "两个350的"), ("BT-2", "三个600的")]
    assert listed("350的要10个 草帽三个", ("bt",)) == [("BT-1", "350的要10个"), ("草帽", "草帽三个")]
    assert listed("两个和三个价格一样吗") == []
