"""A product in one line of facts."""

from __future__ import annotations

from datetime import timedelta

from kefu.core.catalogue.answers.describe import describe_product
from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.delivery.promises import DeliveryBook
from kefu.core.catalogue.values import Product, Variant

STOOL = Product(
    "stool",
    "榆木小凳",
    tuple(
        Variant(f"stool-{h}", (("高度", h), ("承重", "120kg"), ("材质", "榆木")), price=6900) for h in ("25cm", "40cm")
    ),
    description="榫卯结构。",
)
BENCH = Product("bench", "换鞋凳", (Variant("bench-1", (("颜色", "原木色"),), price=19900),))


def test_what_all_variants_have_in_common_is_told_once(little) -> None:
    """Of the values: 榆木 stands in the name already."""
    shelf = Shelf(
        Catalogue.build((STOOL, BENCH)),
        lambda _: {},
        DeliveryBook(little.PROMISES, ()),
        little.NOW,
        timedelta(hours=48),
    )
    assert "榫卯结构。承重：120kg。25cm，69.00元" in describe_product(shelf, STOOL)
    assert "颜色：原木色。换鞋凳，199.00元" in describe_product(shelf, BENCH)
