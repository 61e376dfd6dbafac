"""Goods that are made or ordered in when they are paid for: never "in stock", promised by the later of their days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kefu.core.catalogue import (
    EVERYWHERE,
    Ask,
    Catalogue,
    DeliveryBook,
    DeliveryPromise,
    Holiday,
    LeadTime,
    Place,
    Product,
    Shelf,
    StockRow,
    Variant,
    When,
    delivery_answer,
    extreme_answer,
    promise_delivery,
    stock_answer,
)
from kefu.core.catalogue.answers.describe import describe_product
from kefu.core.catalogue.answers.prices import prices_of
from kefu.core.knowledge.copies import describe_without_stock
from kefu.errors import BadInput

BEIJING = Place("110000", "北京市")
MONTH = LeadTime(25, 30)
PRESALE = LeadTime(day=date(2026, 12, 20))
SOFA = Product(
    "sofa",
    "实木沙发",
    (
        Variant("S-3", (("尺寸", "三人位"),), price=468000, lead_time=MONTH),
        Variant("S-1", (("尺寸", "单人位"),), price=168000),
    ),
    category="沙发",
    unit="套",
)
CASE = Product("case", "定制书柜", (Variant("C-1", price=320000, lead_time=MONTH),), unit="套")
LAMP = Product("lamp", "落地灯", (Variant("L-1", price=29900, lead_time=PRESALE),), category="灯")
CLOTH = Product("cloth", "原麻窗帘布", (Variant("M-1", price=8800),), unit="米")


def shelf_with(little, stock: dict[str, int] | None = None, holidays: tuple[Holiday, ...] = (), **more) -> Shelf:
    """Friday, 20 November; one warehouse, Beijing three days away."""
    rows = {sku: (StockRow(sku, "杭州仓", count, little.NOW),) for sku, count in (stock or {}).items()}
    book = DeliveryBook(little.PROMISES, holidays)
    catalogue = Catalogue.build((SOFA, CASE, LAMP, CLOTH))
    shelf = Shelf(
        catalogue, lambda skus: {s: rows[s] for s in skus if s in rows}, book, little.NOW, timedelta(hours=48)
    )
    return replace(shelf, **more)


def answer(shelf: Shelf, text: str, ask: Ask | None = None):
    return stock_answer(shelf, shelf.catalogue.resolve(text), ask)


@pytest.mark.parametrize("stock", [{"S-3": 999}, {"S-3": 0}, {}])
def test_what_is_made_to_order_is_never_in_stock(little, stock) -> None:
    found = answer(shelf_with(little, stock), "实木沙发三人位")
    assert "需下单后备货，付款后25-30天发货" in found.reply
    assert not any(word in found.reply for word in ("现货", "缺货", "暂不确定"))
    assert (found.found, found.available, found.uncertain) == (True, False, False)


def test_how_many_can_be_ordered_is_told_where_the_rows_say_it(little) -> None:
    shelf = shelf_with(little, {"L-1": 50})
    assert "目前可订50件" in answer(shelf, "落地灯").reply
    assert "最多可订50件，不够您要的60件" in answer(shelf, "落地灯", Ask(quantity=60)).reply


def test_its_price_needs_no_stock_row(little) -> None:
    found = answer(shelf_with(little), "定制书柜", Ask(focus="price", quantity=2))
    assert "价格是3200.00元，2套共6400.00元，需下单后备货，付款后25-30天发货" in found.reply
    assert not found.uncertain


@pytest.mark.parametrize(
    ("day", "possible", "says"),
    [
        (date(2026, 12, 23), True, "可以的，今天付款"),
        (date(2026, 12, 22), False, "22号送到北京市恐怕来不及"),
        (date(2026, 12, 17), False, "17号送到北京市来不及"),
    ],
)
def test_the_later_end_decides(little, day, possible, says) -> None:
    found = answer(shelf_with(little, {"S-3": 9}), "实木沙发三人位", Ask(BEIJING, When(day, None, f"{day.day}号")))
    assert found.deliverable is possible
    assert says in found.reply
    assert (
        "预计12月15日（周二）至12月20日（周日）从杭州仓发货，12月18日（周五）至12月23日（周三）送达北京市"
        in found.reply
    )


def test_a_presale_leaves_on_its_day_and_is_over_then(little) -> None:
    assert "是预售商品，预计12月20日（周日）发货" in answer(shelf_with(little), "落地灯").reply
    for ask in (Ask(BEIJING), Ask(focus="delivery")):
        assert answer(shelf_with(little), "落地灯", ask).reply.count("12月20日") == 1
    assert "12月23日（周三）送达北京市" in answer(shelf_with(little), "落地灯", Ask(BEIJING)).reply
    then = little.NOW + timedelta(days=30)
    assert answer(shelf_with(little, now=then), "落地灯").uncertain
    assert answer(shelf_with(little, {"L-1": 5}, now=then, max_age=timedelta(days=99)), "落地灯").available


def test_working_days_and_holidays_do_not_count(little) -> None:
    book = DeliveryBook(little.PROMISES, [Holiday(date(2026, 11, 24), date(2026, 11, 24), "盘点")])
    assert book.leaves(LeadTime(3, 3, working=True), little.TODAY) == (date(2026, 11, 26),) * 2
    assert book.leaves(LeadTime(4, 4), little.TODAY) == (date(2026, 11, 25),) * 2  # the day itself is one


def test_the_slowest_warehouse_counts_where_it_is_in_none_yet(little) -> None:
    book = DeliveryBook([DeliveryPromise("甲仓", EVERYWHERE, 2), DeliveryPromise("乙仓", EVERYWHERE, 5)])
    assert promise_delivery(book, (), BEIJING, little.NOW, lead=LeadTime(1, 1)).arrival.day == date(2026, 11, 26)
    assert promise_delivery(book, ("甲仓",), BEIJING, little.NOW, lead=LeadTime(1, 1)).arrival.day == date(2026, 11, 23)


def test_without_a_place_it_is_told_when_it_is_sent(little) -> None:
    found = answer(shelf_with(little), "定制书柜", Ask(focus="delivery"))
    assert "今天付款，预计12月15日（周二）至12月20日（周日）发货。请问您要送到哪个城市" in found.reply
    late = answer(shelf_with(little), "定制书柜", Ask(when=When(date(2026, 11, 30), None, "月底")))
    assert (late.deliverable, "月底到来不及" in late.reply) == (False, True)


def test_a_place_that_is_not_served_is_said_plainly(little) -> None:
    assert "不在我们的配送范围内" in answer(shelf_with(little), "定制书柜", Ask(Place("710000", "台湾省"))).reply


def test_several_are_promised_apart(little) -> None:
    found = delivery_answer(shelf_with(little, {"S-1": 2}), ("S-1", "S-3"), Ask(BEIJING))
    assert "实木沙发（单人位）：今天（11月20日）16:00前付款" in found.reply
    assert "实木沙发（三人位）：今天付款，预计12月15日" in found.reply
    assert not found.available


def test_lists_mark_it(little) -> None:
    shelf = shelf_with(little, {"S-1": 2})
    pairs = [(product, v) for product in shelf.catalogue.products for v in product.variants]
    assert (
        "三人位：4680.00元（需备货，付款后25-30天发货）；单人位：1680.00元，现货2套"
        in answer(shelf, "实木沙发", Ask(focus="price")).reply
    )
    cheapest = extreme_answer(shelf, pairs, "cheapest")
    assert "可以下单的里面最便宜的是落地灯，299.00元（预售，12月20日发货）" in cheapest.reply
    assert not cheapest.available
    assert "定制书柜3200.00元（需备货，付款后25-30天发货）" in prices_of(shelf, [(p, p.variants) for p in (SOFA, CASE)])
    gone = shelf_with(little, {"S-1": 0})
    assert "可以看看实木沙发（三人位）（需备货，付款后25-30天发货）" in answer(gone, "实木沙发单人位").reply


def test_a_model_is_told_it(little) -> None:
    assert "定制书柜，3200.00元（需备货，付款后25-30天发货）" in describe_product(shelf_with(little), CASE)
    assert "（预售，2026年12月20日发货）" in describe_without_stock(LAMP)


def test_prices_are_those_of_a_measure(little) -> None:
    shelf = shelf_with(little, {"M-1": 20})
    assert (
        "价格是88.00元/米，2.5米共220.00元，有现货"
        in answer(shelf, "原麻窗帘布", Ask(focus="price", quantity=2.5)).reply
    )
    assert "不够您要的30米" in answer(shelf, "原麻窗帘布", Ask(quantity=30)).reply
    assert "88.00元/米，现货20米" in describe_product(shelf, CLOTH)
    assert "88.00元/米" in describe_without_stock(CLOTH)


@pytest.mark.parametrize(("least", "most"), [(5, 3), (0, 0), (1, 400), (-1, 2)])
def test_a_span_that_cannot_be_is_refused(least: int, most: int) -> None:
    with pytest.raises(BadInput):
        LeadTime(least, most)
