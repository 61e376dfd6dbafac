"""Which variants are left by what was said before the product was named."""

from __future__ import annotations

from kefu.core.catalogue.values import Product, Resolution, Variant
from kefu.core.decide.goods.narrowing import narrowed

BOX = Product(
    "box",
    "收纳箱",
    tuple(
        Variant(f"B-{n}", (("颜色", colour), ("规格", size)))
        for n, (colour, size) in enumerate(
            (colour, size) for colour in ("灰色", "粉色") for size in ("大号60*40cm", "特大号80*50cm", "小号30*20cm")
        )
    ),
)
ALL = Resolution("ambiguous", BOX, BOX.variants, question="?", how="name")


def left(**attributes: str) -> list[str]:
    return [variant.sku for variant in narrowed(ALL, attributes).variants]


def test_a_value_said_before_is_found_whatever_the_product_calls_its_attribute() -> None:
    assert left(尺码="大号") == ["B-0", "B-3"]
    assert left(尺码="大号", 颜色="粉色") == ["B-3"]


def test_a_value_that_the_product_has_nowhere_leaves_all() -> None:
    assert left(口味="草莓") == [variant.sku for variant in BOX.variants]
