"""A value is told by letters and a number (M4, E27): another number is one that the product has not."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Catalogue, Product, Variant

BOLT = Product(
    "bolt",
    "不锈钢外六角螺栓",
    tuple(Variant(f"B{size}", (("规格", f"{size} 20支"),)) for size in ("M6*30mm", "M8*30mm", "M8*50mm")),
    ("六角螺栓",),
    "螺栓",
)
PEN = Product("pen", "速写笔 N15", (Variant("P-1", (("笔尖", "F1"),)), Variant("P-2", (("笔尖", "F2"),))), (), "笔")
SHOP = Catalogue.build([BOLT, PEN])


@pytest.mark.parametrize(
    ("said", "last", "unknown"),
    [
        ("有没有M5的", "bolt", "m5"),
        ("六角螺栓M10的有吗", "", "m10"),
        ("Ｍ１２的呢", "bolt", "m12"),
        ("f3有货吗", "pen", "f3"),
    ],
)
def test_a_code_of_that_shape_is_missing(said: str, last: str, unknown: str) -> None:
    found = SHOP.resolve(said, last=[last] if last else [])
    assert (found.kind, found.unknown) == ("none", unknown)
    assert found.candidates


@pytest.mark.parametrize(
    ("said", "last", "skus"),
    [
        ("M6的呢", "bolt", ["BM6*30mm"]),
        ("m8的多少钱", "bolt", ["BM8*30mm", "BM8*50mm"]),
        ("f2的呢", "pen", ["P-2"]),
        ("N15有吗", "pen", ["P-1", "P-2"]),  # its own name
        ("usb3的口能用吗", "bolt", ["BM6*30mm", "BM8*30mm", "BM8*50mm"]),  # no value is told so
    ],
)
def test_codes_it_has_and_other_codes_choose_as_before(said: str, last: str, skus: list[str]) -> None:
    found = SHOP.resolve(said, last=[last])
    assert [variant.sku for variant in found.variants] == skus
