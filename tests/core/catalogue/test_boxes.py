"""Boxes of goods that are counted otherwise."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Product, Variant
from kefu.core.catalogue.several.boxes import boxed, in_pieces, pieces_in_a_box


def tissues(description: str = "", unit: str = "包", *names: str) -> Product:
    variants = tuple(Variant(f"T{n}", (("规格", name),)) for n, name in enumerate(names or ("单包",)))
    return Product("t", "云絮抽纸", variants, unit=unit, description=description)


@pytest.mark.parametrize(
    ("description", "held"),
    [
        ("一箱24包", 24),
        ("整箱拍6包更划算", 6),
        ("每箱装十二包", 12),
        ("12包/箱", 12),
        ("一箱6包，大号一箱4包", 0),
        ("", 0),
        ("一箱24卷", 0),
        ("24包一箱", 24),
    ],
)
def test_how_many_a_box_holds_is_read_where_it_is_told(description: str, held: float) -> None:
    """In the product's own unit, and only if one number is told."""
    assert pieces_in_a_box(tissues(description)) == held


def test_boxes_become_pieces_or_nothing() -> None:
    """Never pieces of one each, unless the product is sold by the box or counted in no unit of its own."""
    known, unknown = tissues("一箱24包"), tissues()
    assert in_pieces(known, known.variants, 2) == (48, "一箱24包，2箱是48包。")
    assert in_pieces(unknown, unknown.variants, 2)[0] == 0
    assert "暂不确定" in in_pieces(unknown, unknown.variants, 2)[1]
    for unit in ("箱", "件"):
        assert in_pieces(tissues(unit=unit), tissues().variants, 2) == (2, "")


def test_the_variant_that_is_a_box() -> None:
    both = tissues("", "包", "单包", "整箱24包")
    box = boxed(both, both.variants)
    assert box is not None
    assert box.sku == "T1"
    assert boxed(tissues(unit="箱"), both.variants) is None
