"""Boxes of goods that are sold by the piece: 两箱 of what is counted in 包 is no two pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.phrases import say_number
from kefu.core.catalogue.values import Product, Variant
from kefu.core.slots.numbers import parse_number
from kefu.core.text import normalise

BOX = "箱"
_LOOSE = ("件", "份", "")
"""Units that say nothing of how goods are packed: a box of them may be one."""
_NUMBER = r"\d{1,3}|[二两三四五六七八九十]{1,3}"
_HOLDS = re.compile(
    rf"[一每整1]箱(?:里|内|装|共|有|是|为|含|拍|[=: ])*(?P<n>{_NUMBER}) ?(?P<unit>[一-鿿])"
    rf"|(?P<many>{_NUMBER}) ?(?P<of>[一-鿿])(?:装?(?:一|每|/)整?箱|整箱)"
)


def is_a_box(product: Product, variant: Variant) -> bool:
    """Whether the variant is sold by the box, as its unit, a value or an alias says."""
    called = (product.unit, *variant.aliases, *(value for _, value in variant.attributes))
    return any(BOX in name for name in called) or product.unit.strip() in _LOOSE


def boxed(product: Product, variants: Sequence[Variant]) -> Variant | None:
    """The one of ``variants`` that is called a box (10包箱装, alias 一箱), where the product is counted otherwise."""
    if BOX in product.unit:
        return None
    found = [v for v in variants if any(BOX in name for name in (*v.aliases, *(value for _, value in v.attributes)))]
    return found[0] if len(found) == 1 else None


def pieces_in_a_box(product: Product) -> float:
    """How many of its unit its description or name tells of one box; 0 if neither does, or they tell several."""
    text = normalise(f"{product.description} {product.name}").text
    told = {
        parse_number(match["n"] or match["many"])
        for match in _HOLDS.finditer(text)
        if (match["unit"] or match["of"]) == product.unit.strip()
    }
    return (told.pop() or 0) if len(told) == 1 else 0


def in_pieces(product: Product, variants: Sequence[Variant], boxes: float) -> tuple[float, str]:
    """So many boxes in the unit of the product, and what is to be said of that; 0 pieces where nobody knows."""
    if variants and all(is_a_box(product, variant) for variant in variants):
        return boxes, ""
    unit, held = product.unit.strip(), pieces_in_a_box(product)
    if held:
        pieces = held * boxes
        several = f"，{say_number(boxes)}箱是{say_number(pieces)}{unit}" if boxes > 1 else ""
        return pieces, f"一箱{say_number(held)}{unit}{several}。"
    return 0, f"以上按{unit}计，一箱有多少{unit}暂不确定，您可以告诉我要多少{unit}，我帮您算。"


def of_one_piece(products: Sequence[Product]) -> str:
    """What is said of the prices of ``products`` where they were asked by the box."""
    units = {product.unit.strip() for product in products}
    if len(units) > 1 or any(BOX in unit or unit in _LOOSE for unit in units):
        return ""
    unit = units.pop()
    return f"以上是1{unit}的价格，一箱有多少{unit}，选好款式后我帮您看。"
