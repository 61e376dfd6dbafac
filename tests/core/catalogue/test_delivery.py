"""Promises by warehouse and place: cut-off times, holidays, express, places we do not deliver to."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from kefu.core.catalogue import (
    EVERYWHERE,
    UNSPLIT,
    Ask,
    DeliveryBook,
    DeliveryPromise,
    Holiday,
    Place,
    When,
    delivery_answer,
    promise_delivery,
)
from kefu.errors import BadInput


def at(little, hour: int, minute: int = 0) -> datetime:
    return little.NOW.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("hour", "minute", "when", "possible", "says"),
    [
        (14, 0, "TOMORROW", True, "今天（11月20日）18:00前付款，杭州仓发货，预计明天（11月21日）送达杭州市"),
        (17, 59, "TOMORROW", True, "预计明天（11月21日）送达"),
        (18, 0, "TOMORROW", True, "明天（11月21日）12:00前付款，杭州仓走当晚达，预计明天（11月21日）21:30前送达"),
        (11, 59, "TONIGHT", True, "今天（11月20日）12:00前付款，杭州仓走当晚达，预计今天（11月20日）21:30前送达"),
        (12, 0, "TONIGHT", False, "今晚送到杭州市来不及，最快"),
    ],
)
def test_the_cut_off_decides_to_the_minute(little, hour, minute, when, possible, says) -> None:
    book = DeliveryBook(little.PROMISES)
    found = promise_delivery(book, ["杭州仓"], little.HANGZHOU, at(little, hour, minute), getattr(little, when))
    assert found.possible is possible
    assert says in found.sentence


def test_the_narrowest_region_wins(little) -> None:
    book = DeliveryBook(little.PROMISES)
    assert book.promise("杭州仓", "330106").region == "330100"  # a district of the city
    assert book.promise("杭州仓", "330200").region == "330000"
    assert book.promise("杭州仓", "110000").region == "100000"
    assert book.promise("别的仓", "330100").region == "100000"


def test_the_fastest_warehouse_that_has_it_is_chosen(little) -> None:
    book = DeliveryBook(little.PROMISES)
    guangzhou = little.Place("440100", "广州市")
    assert promise_delivery(book, ["杭州仓", "广州仓"], guangzhou, little.NOW).arrival.warehouse == "广州仓"
    assert promise_delivery(book, ["杭州仓"], guangzhou, little.NOW).arrival.day == date(2026, 11, 23)


def test_nothing_leaves_on_a_holiday(little) -> None:
    book = DeliveryBook(little.PROMISES, [Holiday(date(2026, 11, 20), date(2026, 11, 22), "盘点")])
    found = promise_delivery(book, ["杭州仓"], little.SUZHOU, little.NOW, little.TOMORROW)
    assert found.possible is False
    assert found.arrival.day == date(2026, 11, 23)  # express of the first working day


def test_a_place_we_do_not_deliver_to_is_said_plainly(little) -> None:
    found = promise_delivery(DeliveryBook(little.PROMISES), ["杭州仓"], little.Place("710000", "台湾省"), little.NOW)
    assert found.possible is False
    assert "不在我们的配送范围内" in found.sentence


def test_no_promise_at_all_is_uncertain(little) -> None:
    found = promise_delivery(DeliveryBook(), ["杭州仓"], little.HANGZHOU, little.NOW)
    assert found.possible is None
    assert "暂不确定" in found.sentence


def test_a_day_that_is_far_enough_is_met_by_the_ordinary_service(little) -> None:
    found = promise_delivery(
        DeliveryBook(little.PROMISES),
        ["杭州仓"],
        little.HANGZHOU,
        at(little, 9),
        When(date(2026, 11, 25), None, "25号"),
    )
    assert found.possible
    assert not found.arrival.express


def test_tonight_to_suzhou_for_the_products_of_the_turn_before(little) -> None:
    found = delivery_answer(little.shelf(), ("RAM5-16", "RAM4-8"), Ask(little.SUZHOU, little.TONIGHT))
    assert (found.route, found.deliverable, found.available) == ("delivery", True, True)
    assert "杭州仓走当晚达，预计今天（11月20日）22:00前送达苏州市" in found.reply


def test_what_is_sold_out_is_named_and_not_promised(little) -> None:
    found = delivery_answer(little.shelf(), ("RAM5-16", "RAM5-32"), Ask(little.SUZHOU, little.TONIGHT))
    assert "另外疾澜 DDR5 笔记本内存条（32GB）目前缺货" in found.reply
    assert found.available is False
    gone = delivery_answer(little.shelf(), ("RAM5-32", "BAG-M"), Ask(little.SUZHOU, little.TONIGHT))
    assert gone.deliverable is False


def test_without_products_the_promise_is_for_goods_in_stock_only(little) -> None:
    found = delivery_answer(little.shelf(), (), Ask(little.SUZHOU, little.TONIGHT))
    assert found.deliverable is True
    assert "以下单时有库存为准" in found.reply


def test_without_a_place_it_is_asked_for(little) -> None:
    found = delivery_answer(little.shelf(), ("RAM5-16", "RAM4-8"), Ask(when=little.TONIGHT))
    assert found.missing == ("place",)


def test_virtual_goods_need_no_delivery(little) -> None:
    assert "不需要快递配送" in delivery_answer(little.shelf(), ("C-1",), Ask(little.SUZHOU)).reply


@pytest.mark.parametrize(
    "values",
    [("", "330100", 91), ("", "330100", -1), ("", "330100", 1, None, "当晚达", time(12, 0), None)],
)
def test_a_promise_checks_itself(values) -> None:
    with pytest.raises(BadInput):
        DeliveryPromise(*values)


def test_a_holiday_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(BadInput):
        Holiday(date(2026, 2, 2), date(2026, 2, 1))


def test_a_promise_for_the_whole_country_does_not_hold_beyond_the_border(little) -> None:
    """Hong Kong needs a row of its own; without one nothing is promised."""
    book = DeliveryBook(little.PROMISES)
    hong_kong = Place("810000", "香港特别行政区")
    found = promise_delivery(book, ["杭州仓"], hong_kong, little.NOW)
    assert found.possible is None
    assert "暂不确定" in found.sentence
    own = DeliveryBook((*little.PROMISES, DeliveryPromise("广州仓", "810000", 4)))
    assert promise_delivery(own, ["杭州仓", "广州仓"], hong_kong, little.NOW).arrival.warehouse == "广州仓"


def test_stock_that_no_warehouse_has_is_promised_without_a_name(little) -> None:
    book = DeliveryBook([DeliveryPromise("", EVERYWHERE, 2, time(18))])
    found = promise_delivery(book, [UNSPLIT], little.HANGZHOU, little.NOW)
    assert found.arrival is not None
    assert (UNSPLIT in found.sentence, "发货" in found.sentence) == (False, False)


TWO_HOURS = (
    DeliveryPromise("北仓", EVERYWHERE, 3, cutoff=time(17)),
    DeliveryPromise("北仓", "330000", 1, cutoff=time(18)),
    DeliveryPromise("南仓", EVERYWHERE, 3, cutoff=time(13)),
    DeliveryPromise("", "650000", 8, cutoff=time(9)),
)


@pytest.mark.parametrize(
    ("hour", "warehouses", "told"),
    [
        (12, (), "今天（11月20日）13:00前付款，当天发货"),
        (14, (), "今天（11月20日）17:00前付款，北仓当天发货；明天（11月21日）13:00前付款，南仓当天发货"),
        (14, ("北仓",), "今天（11月20日）17:00前付款，当天发货"),
        (14, ("南仓",), "明天（11月21日）13:00前付款，当天发货"),
        (18, ("北仓", "南仓"), "明天（11月21日）13:00前付款，当天发货"),
    ],
)
def test_each_warehouse_has_its_last_hour(little, hour, warehouses, told) -> None:
    assert DeliveryBook(TWO_HOURS).dispatch(at(little, hour), None, warehouses) == told


def test_promises_of_no_warehouse_count_where_there_are_no_others(little) -> None:
    book = DeliveryBook([DeliveryPromise("", EVERYWHERE, 3, cutoff=time(15))])
    assert book.dispatch(at(little, 14), None, ("北仓",)) == "今天（11月20日）15:00前付款，当天发货"
