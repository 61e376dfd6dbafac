"""An amount of goods that are sold by measure is how much is wanted; other measures are not."""

from __future__ import annotations

import pytest

from kefu.core.decide.hearing.measured import with_amount
from kefu.core.slots import Slot


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("原麻要8米多少钱", "米", "8"),
        ("来2.5米", "米", "2.5"),
        ("五米多少", "米", "5"),
        ("要3平", "平方米", "3"),
        ("要3㎡的", "平米", "3"),
        ("来两斤", "斤", "2"),
        ("10kg多少钱", "公斤", "10"),
        ("窗户宽2米", "米", ""),
        ("2米宽的窗户", "米", ""),
        ("8米还是10米好", "米", ""),
        ("三米白的", "米", ""),
        ("身高1米8", "米", ""),
        ("两米半", "米", ""),
        ("5斤装的", "斤", ""),
        ("来8米", "件", ""),
    ],
)
def test_the_one_amount_in_the_goods_own_measure_is_the_quantity(text: str, unit: str, said: str) -> None:
    found = with_amount((), text, (unit,))
    assert [slot.normalised for slot in found if slot.type == "quantity"] == ([said] if said else [])


def test_it_takes_the_place_of_what_was_read_as_a_size() -> None:
    size = Slot("attribute", "尺寸", "8米", 3, 5, "8米")
    assert [slot.type for slot in with_amount((size,), "原麻要8米", ("米",))] == ["quantity"]
