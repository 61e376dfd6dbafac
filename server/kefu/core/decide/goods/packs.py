"""Pieces of what is sold by the pack: 500颗 of screws in boxes of 100颗 are five boxes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from kefu.core.catalogue.values import Product, Resolution, Variant
from kefu.core.decide.hearing.reading import Reading, how_many

_HELD = re.compile(r"(?<![\d.])(\d{1,5})\s*([一-龥])")


def to_a_pack(reading: Reading, said: str) -> float:
    """How many such pieces the largest pack of the goods spoken of holds; 0 where they are not sold so."""
    return max((held(one, one.variants, said) for one in reading.goods.meant), default=0)


def held(product: Product, variants: Iterable[Variant], said: str) -> float:
    """How many of the pieces that are ``said`` (500颗) the largest pack of ``variants`` holds; 0 where the product is
    sold by them, or no value counts them."""
    unit = said.lstrip("0123456789. ")[:1]
    if not unit or product.unit.startswith(unit):
        return 0
    values = (value for variant in variants for _, value in variant.attributes)
    return max(
        (float(number) for value in values for number, piece in _HELD.findall(value) if piece == unit), default=0
    )


def how_many_wanted(reading: Reading, found: Resolution) -> float:
    """How many are wanted of what was ``found``: packs where pieces were said, none as long as it is not known of which
    pack."""
    said = next((slot for slot in reading.slots if slot.type == "quantity"), None)
    if said is None or reading.asked.quantity or not to_a_pack(reading, said.value):
        return reading.quantity
    pack = held(found.product, (found.variant,), said.value) if found.product and found.variant else 0
    return math.ceil(how_many(said.normalised) / pack) if pack else 0
