"""The cheapest and the dearest: by the shop's prices, only of what its rows say is there."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import extreme_answer, extreme_in


@pytest.mark.parametrize(
    ("text", "extreme"),
    [
        ("最便宜的内存条是哪款", "cheapest"),
        ("内存条哪个便宜", "cheapest"),
        ("最贵的内存条多少钱", "dearest"),
        ("便宜点的", "cheapest"),
        ("内存条便宜点呗", None),
        ("内存条多少钱", None),
    ],
)
def test_a_sentence_asks_for_an_end_of_the_prices(text: str, extreme: str | None) -> None:
    assert extreme_in(text) == extreme


@pytest.mark.parametrize(
    ("text", "extreme", "skus"),
    [
        ("最便宜的内存条是哪款", "cheapest", ("RAM4-8", "RAM4-16", "RAM5-16")),
        ("最贵的内存条", "dearest", ("RAM5-16", "RAM4-16", "RAM4-8")),  # RAM5-32 costs more and is sold out
        ("16g的内存条哪个最便宜", "cheapest", ("RAM4-16", "RAM5-16")),
        ("ddr5的条子最便宜的", "cheapest", ("RAM5-16",)),
    ],
)
def test_the_cheapest_of_what_was_named_and_is_there(little, text, extreme, skus) -> None:
    shelf = little.shelf()
    found = extreme_answer(shelf, shelf.catalogue.offered(text), extreme)
    assert found
    assert (found.skus, found.available) == (skus, True)


def test_nothing_in_stock_or_nothing_named_has_no_extreme(little) -> None:
    empty = little.shelf({"RAM5-16": (("杭州仓", 0),)})
    assert extreme_answer(empty, empty.catalogue.offered("最便宜的内存条"), "cheapest") is None
    assert empty.catalogue.offered("最便宜的") == []
    assert empty.catalogue.offered("最便宜的打印机") == []
