"""Several variants of one product in one reply: what they share is said once, and asked about no more."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.catalogue import Ask, Catalogue, LeadTime, Place, Product, Shelf, StockRow, Variant, delivery_answer
from kefu.core.catalogue.answers.stock import stock_answer

BEIJING = Place("110000", "北京市")
SIZES = ("S", "M", "L")
APRON = Product(
    "apron",
    "定制围裙",
    tuple(Variant(f"AP-{size}", (("尺码", size),), price=6600, lead_time=LeadTime(3, 5)) for size in SIZES),
    unit="件",
)
SCARF = Product(
    "scarf",
    "羊毛围巾",
    tuple(Variant(f"SC-{n}", (("花色", f"{n}号花"),), price=8800 + n // 8 * 1000) for n in range(1, 9)),
    unit="条",
)
SHOE = Product(
    "shoe",
    "帆布鞋",
    tuple(
        Variant(f"SH-{colour}{size}", (("颜色", colour), ("尺码", size)), price=9900)
        for colour in ("黑色", "白色")
        for size in ("38", "39", "40", "41", "42")
    ),
    unit="双",
)
JAR = Product(
    "jar",
    "密封罐",
    tuple(
        Variant(f"JA-{colour}{size}", (("颜色", colour), ("容量", size)), price=price)
        for colour in ("透明", "茶色")
        for size, price in (("500ml", 1900), ("800ml", 2500), ("2L", 3900))
    ),
    unit="个",
)


def shelf_with(little, stock: dict[str, int]) -> Shelf:
    rows = {sku: (StockRow(sku, "杭州仓", count, little.NOW),) for sku, count in stock.items()}
    catalogue = Catalogue.build((APRON, SCARF, SHOE, JAR))
    return replace(
        little.shelf(), catalogue=catalogue, stock=lambda skus: {s: rows[s] for s in skus if s in rows}, address=""
    )


def answer(shelf: Shelf, text: str, ask: Ask | None = None):
    return stock_answer(shelf, shelf.catalogue.resolve(text), ask)


def test_variants_of_which_the_same_is_to_be_said_stand_in_one_line(little) -> None:
    found = answer(shelf_with(little, {}), "定制围裙多少钱", Ask(focus="price", quantity=4))
    assert "定制围裙S、M、L：66.00元（需备货，付款后3-5天发货）。4件共264.00元。" in found.reply


def test_a_count_is_one_variants(little) -> None:
    shelf = shelf_with(little, {"JA-透明500ml": 5, "JA-透明800ml": 5, "JA-透明2L": 0})
    assert "透明 500ml现货5个、透明 800ml现货5个、透明 2L暂时缺货（" in answer(shelf, "透明密封罐").reply
    gone = shelf_with(little, {"JA-透明500ml": 5, "JA-透明800ml": 0, "JA-透明2L": 0})
    assert "透明 500ml现货5个；透明 800ml、透明 2L暂时缺货（" in answer(gone, "透明密封罐").reply


def test_a_promise_that_holds_for_all_is_told_with_the_list(little) -> None:
    found = answer(shelf_with(little, {}), "定制围裙", Ask(BEIJING))
    assert "（需备货，付款后3-5天发货）。今天付款，预计11月23日" in found.reply
    assert found.missing == ("variant",)


def test_without_a_place_it_is_asked_where_to_and_not_which(little) -> None:
    for shelf, name in ((shelf_with(little, {}), "定制围裙"), (shelf_with(little, {"SC-2": 4}), "羊毛围巾")):
        found = answer(shelf, name, Ask(focus="delivery"))
        assert (found.missing, "哪一" in found.reply) == (("place",), False)
        assert found.reply.endswith(found.ask)
        assert found.ask.startswith("请问您要送到哪个城市？")


def test_a_price_and_a_day_asked_together_are_both_told(little) -> None:
    ask = Ask(when=little.TOMORROW, quantity=4, focus="price")
    few = answer(shelf_with(little, {}), "定制围裙", ask)
    assert "4件共264.00元。明天到来不及，今天付款" in few.reply
    assert (few.missing, few.reply.endswith("发货。请问您要哪一款？")) == (("variant",), True)
    many = answer(shelf_with(little, {"SC-2": 4}), "羊毛围巾", ask)
    assert many.reply == "您好，羊毛围巾88.00元起。请问您要送到哪个城市？我帮您看一下送达时间。"


def test_what_is_promised_apart_is_still_asked_about(little) -> None:
    half = replace(APRON, variants=(APRON.variants[0], replace(APRON.variants[1], lead_time=None)))
    shelf = replace(shelf_with(little, {"AP-M": 9}), catalogue=Catalogue.build((half,)))
    found = answer(shelf, "定制围裙", Ask(focus="delivery"))
    assert (found.missing, "请问您要哪一款？" in found.reply) == (("variant",), True)


def test_many_variants_are_asked_about_with_their_price(little) -> None:
    found = answer(shelf_with(little, {}), "羊毛围巾", Ask(focus="price"))
    assert found.reply.startswith("您好，羊毛围巾88.00元起，花色分1号花、")
    assert answer(shelf_with(little, {}), "帆布鞋", Ask(focus="price")).reply.startswith("您好，帆布鞋99.00元，颜色分")


def test_several_are_promised_where_there_are_as_many_as_wanted(little) -> None:
    shelf = shelf_with(little, {"JA-透明500ml": 30, "JA-透明800ml": 2})
    found = delivery_answer(shelf, ("JA-透明500ml", "JA-透明800ml"), Ask(BEIJING, quantity=10))
    assert found.reply.endswith("送达北京市；密封罐（透明 800ml）只有2个，不够您要的10个。")


def test_who_asks_for_a_size_is_offered_it_in_another_colour_and_then_the_next_sizes(little) -> None:
    there = {f"SH-{colour}{size}": 3 for colour in ("黑色", "白色") for size in ("38", "39", "40", "41")}
    found = answer(shelf_with(little, {**there, "SH-黑色41": 0}), "帆布鞋黑色41")
    assert found.alternatives == ("SH-白色41", "SH-黑色40", "SH-黑色39")


def test_who_asks_for_a_capacity_is_offered_the_next_of_the_colour(little) -> None:
    there = {variant.sku: 3 for variant in JAR.variants}
    found = answer(shelf_with(little, {**there, "JA-茶色500ml": 0}), "密封罐茶色500ml")
    assert found.alternatives[:1] == ("JA-透明500ml",)
    assert "JA-茶色800ml" in found.alternatives
