"""The years of a device: read from the shop's data, heard from customers, and what they decide."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from kefu.core.catalogue import (
    Catalogue,
    Compatibility,
    CompatibilityPair,
    CompatibilityRule,
    DeliveryBook,
    Device,
    Product,
    Shelf,
    StockRow,
    Variant,
    fit_answer,
    stock_answer,
)
from kefu.core.catalogue.answers.shelf import Ask
from kefu.core.catalogue.fit.answer import KnownDevice
from kefu.core.catalogue.fit.years import dated, read_years, said_year, say_years
from kefu.errors import BadInput

NOW = datetime.fromisoformat("2026-12-05T15:20:00+08:00")


@pytest.mark.parametrize(
    ("value", "years", "said"),
    [
        ("2013-2017", ((2013, 2017),), "2013-2017款"),
        ("13-17款", ((2013, 2017),), "2013-2017款"),
        ("2013—2017年", ((2013, 2017),), "2013-2017款"),
        ("2019至今", ((2019, math.inf),), "2019款至今"),
        ("19款以后", ((2019, math.inf),), "2019款至今"),
        ("2012及以前", ((-math.inf, 2012),), "2012款及以前"),
        ("18款", ((2018, 2018),), "2018款"),
        ("2013-2015/2018、2019", ((2013, 2015), (2018, 2018), (2019, 2019)), "2013-2015款、2018-2019款"),
        ("2019.6-2021.3", ((2019, 2021),), "2019-2021款"),
        ("全部", ((-math.inf, math.inf),), ""),
    ],
)
def test_the_years_of_a_device_are_read_and_said(value, years, said) -> None:
    assert read_years(value) == years
    assert say_years(years) == said


@pytest.mark.parametrize("value", ["新款", "17-13", "三代", "60"])
def test_what_is_no_year_is_refused(value) -> None:
    with pytest.raises(BadInput):
        read_years(value)


@pytest.mark.parametrize(
    ("text", "asked", "years"),
    [
        ("我是15年的 能用吗", False, (2015,)),
        ("16款 垫子有吗", False, (2016,)),
        ("2015 能用吗", False, (2015,)),
        ("一五款", False, (2015,)),
        ("二零一八年的", False, (2018,)),
        ("18年买的", False, (2017, 2018, 2019)),
        ("17的", True, (2017,)),
        ("是17年的", True, (2017,)),
        ("一七的", True, (2017,)),
        ("16左右吧", True, (2015, 2016, 2017)),
        ("17的", False, None),
        ("用了15年了", False, None),
        ("质保10年吗", False, None),
        ("2026年12月能到吗", False, None),
        ("2000块的", False, None),
        ("15年老店", False, None),
        ("17寸的", True, None),
    ],
)
def test_a_customers_year_is_told_from_a_time_a_price_and_a_size(text, asked, years) -> None:
    found = said_year(text, asked)
    assert (found.years if found else None) == years


@pytest.mark.parametrize(
    ("name", "stem", "years"),
    [
        ("15款翠鸟", "翠鸟", ((2015, 2015),)),
        ("13-17款翠鸟", "翠鸟", ((2013, 2017),)),
        ("老款翠鸟", "翠鸟", ()),
        ("云帆 Book14 2021", "云帆book14", ((2021, 2021),)),
        ("X200", "x200", ()),
    ],
)
def test_a_name_is_taken_apart_from_its_edition(name, stem, years) -> None:
    found = dated(name)
    assert (found.stem, found.years) == (stem, years)


NEW = Device("海风翠鸟", ("翠鸟", "新翠鸟"), (("年款", "2018至今"), ("雨刮", "26寸")))
OLD = Device("老款翠鸟", ("老翠鸟",), (("年款", "2013-2017"), ("雨刮", "24寸")))
BY_ALIASES = (
    Device("海风翠鸟", ("翠鸟", "18款翠鸟", "20款翠鸟"), (("雨刮", "26寸"),)),
    Device("老款翠鸟", ("15款翠鸟", "16款翠鸟"), (("雨刮", "24寸"),)),
)
PLAIN = Device("山雀", ("小山雀",), (("雨刮", "22寸"),))
RULE = CompatibilityRule("雨刮器", "雨刮", "=", "尺寸")


def found(text: str, *devices: Device) -> tuple[str, str, str]:
    match = Compatibility(devices or (NEW, OLD, PLAIN)).find_device(text)
    return match.kind, match.device.model if match.device and match.kind == "exact" else "", match.unknown


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("我是15年的翠鸟", "老款翠鸟"),
        ("翠鸟脚垫16款能用吗", "老款翠鸟"),
        ("15年翠鸟", "老款翠鸟"),
        ("2015款海风翠鸟", "老款翠鸟"),
        ("19款翠鸟", "海风翠鸟"),
        ("老款翠鸟", "老款翠鸟"),
        ("15款山雀", "山雀"),
    ],
)
def test_the_year_decides_between_devices_of_one_name(text, model) -> None:
    assert found(text) == ("exact", model, "")


def test_a_name_without_its_year_is_asked_about() -> None:
    match = Compatibility((NEW, OLD)).find_device("翠鸟能用哪种雨刮")
    assert (match.kind, match.by_year, match.candidates) == ("ambiguous", "翠鸟", (OLD, NEW))


@pytest.mark.parametrize("text", ["11款翠鸟", "翠鸟 2011年的", "老翠鸟19款"])
def test_a_year_of_no_device_is_never_the_nearest(text) -> None:
    kind, model, unknown = found(text)
    assert (kind, model) == ("none", "")
    assert "翠鸟" in unknown


@pytest.mark.parametrize(("text", "kind"), [("16款翠鸟", "exact"), ("翠鸟16年的", "exact"), ("翠鸟19款", "none")])
def test_without_years_in_the_data_a_year_must_be_in_a_name(text, kind) -> None:
    found_kind, model, _ = found(text, *BY_ALIASES)
    assert (found_kind, model) == (kind, "老款翠鸟" if kind == "exact" else "")


def test_a_year_does_not_choose_where_nobody_knows_any() -> None:
    undated = (Device("海风翠鸟", ("翠鸟",)), Device("老款翠鸟"))
    assert found("翠鸟", *undated)[1] == "海风翠鸟"
    assert found("15年的翠鸟", *undated)[0] == "ambiguous"


def test_years_in_the_models_names_are_enough() -> None:
    devices = (Device("翠鸟 2013-2017款"), Device("翠鸟 2018款"))
    assert found("翠鸟 16款", *devices)[1] == "翠鸟 2013-2017款"
    assert Compatibility(devices).find_device("翠鸟能装吗").by_year == "翠鸟"


BLADES = Product(
    "blade",
    "静音雨刮",
    (Variant("B-26", (("尺寸", "26寸"),), price=6900), Variant("B-24", (("尺寸", "24寸"),), price=6500)),
    category="雨刮器",
    unit="对",
)
BLACK = (("颜色", "黑色"),)
MATS = (
    Product("mat-new", "翠鸟脚垫", (Variant("M-N", BLACK), Variant("M-B", (("颜色", "棕色"),))), category="脚垫"),
    Product("mat-other", "山雀脚垫", (Variant("M-O", BLACK),), category="脚垫"),
    Product("mat-made", "定制脚垫", (Variant("M-M", BLACK),), category="脚垫"),
)
PAIRS = (
    CompatibilityPair("海风翠鸟", True, product="mat-new"),
    CompatibilityPair("老款翠鸟", False, product="mat-new", note="底盘不一样，请拍定制款"),
    CompatibilityPair("山雀", True, product="mat-other"),
)
CARS = Compatibility((NEW, OLD, PLAIN), (RULE,), PAIRS)


def shelf(**counts: int) -> Shelf:
    def stock(skus):
        return {
            sku: (StockRow(sku, "总仓", counts.get(sku.replace("-", "_"), 9), NOW - timedelta(hours=1)),)
            for sku in skus
        }

    catalogue = Catalogue.build((BLADES, *MATS))
    return Shelf(catalogue, stock, DeliveryBook(), NOW, timedelta(days=2), "亲", CARS.decisive, CARS.serves)


def test_the_year_is_asked_with_the_ranges_and_its_answer_decides() -> None:
    asked = fit_answer(shelf(), CARS, "翠鸟用什么雨刮器")
    assert asked.missing == ("year",)
    assert "2013-2017款；2018款至今" in asked.reply
    for said, size in (("17的", "24寸"), ("2021款", "26寸"), ("老款的", "24寸")):
        answer = fit_answer(shelf(), CARS, said, device=KnownDevice(asked.device, year_asked=True), part=asked.part)
        assert size in answer.reply


def test_the_year_is_not_asked_where_it_changes_nothing() -> None:
    alike = Compatibility((NEW, Device("老款翠鸟", (), (("年款", "2013-2017"), ("雨刮", "26寸")))), (RULE,))
    assert "26寸" in fit_answer(shelf(), alike, "翠鸟用什么雨刮器").reply


def test_a_known_model_is_exchanged_for_that_of_another_year() -> None:
    answer = fit_answer(shelf(), CARS, "那15年的用什么雨刮器", device=KnownDevice("海风翠鸟"))
    assert answer.device == "老款翠鸟"


def test_what_the_data_rule_out_is_said_with_its_reason() -> None:
    answer = fit_answer(shelf(), CARS, "16年的翠鸟 脚垫能用吗")
    assert "翠鸟脚垫不适合老款翠鸟（2013-2017款）：底盘不一样，请拍定制款" in answer.reply
    assert answer.skus == ()


def test_of_a_device_that_is_not_known_goods_made_to_order_may_be_named() -> None:
    answer = fit_answer(shelf(), CARS, "脚垫有吗", device=KnownDevice("白鹭 h9"))
    assert "没有“白鹭 h9”" in answer.reply
    assert "店里有定制脚垫" in answer.reply
    assert answer.uncertain


def test_prices_are_told_where_they_are_asked() -> None:
    assert "26寸69.00元，现货9对" in fit_answer(shelf(), CARS, "19款翠鸟的雨刮器多少钱", priced=True).reply


def test_nothing_for_another_device_is_offered_for_what_is_sold_out() -> None:
    sold_out = shelf(M_B=0)
    answer = stock_answer(sold_out, sold_out.catalogue.resolve("翠鸟脚垫棕色"), Ask())
    assert "翠鸟脚垫（黑色）" in answer.reply
    assert "山雀" not in answer.reply
    assert "定制" not in answer.reply
