"""Amounts spoken in two parts, as one number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kefu.core.catalogue import Catalogue
from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.restated.in_figures import in_figures
from kefu.core.decide.values import Asked

NONE = Catalogue.build([])


def asking(text: str, catalogue: Catalogue) -> str:
    return in_figures(Asked(text, "c", datetime(2026, 12, 1, tzinfo=UTC)), catalogue).query


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("水杯2升3的还有吗", "水杯2.3升的还有吗"),
        ("两斤半的猫粮", "2.5斤的猫粮"),
        ("一升二和3升6哪个好", "1.2升和3.6升哪个好"),
        ("5公斤半多少钱", "5.5公斤多少钱"),
        ("1升8 两个", "1.8升 两个"),
        ("2升5两个", "2升5两个"),
        ("2升5个", "2升5个"),
        ("猫砂6升一共多少", "猫砂6升一共多少"),
        ("3升4升的各一台", "3升4升的各一台"),
        ("两斤三两", "两斤三两"),
        ("来2斤3袋", "来2斤3袋"),
        ("2斤半袋", "2斤半袋"),
        ("第1升5", "第1升5"),
        ("1.5升5天到", "1.5升5天到"),
    ],
)
def test_what_follows_the_unit_is_its_tenths_where_nothing_counts_it(said: str, meant: str) -> None:
    assert asking(said, NONE) == meant


def test_a_variant_keeps_the_name_that_the_shop_gave_it() -> None:
    bag = Product("f", "鱼食", variants=(Variant("F-1", aliases=("两斤半",)),))
    assert asking("两斤半的", Catalogue.build([bag])) == "两斤半的"
