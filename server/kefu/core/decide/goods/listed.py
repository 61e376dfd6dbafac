"""The goods that were listed, offered or spoken of before a message."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.hearing.reading import Reading
from kefu.core.dialogue import Named


def several_meant(reading: Reading) -> list[tuple[Product, Variant]]:
    """The variants listed in the last answer, if this message names no product of its own but asks about them."""
    if reading.resolution.product is not None or reading.resolution.candidates:
        return []
    follow = reading.follow
    listed = follow.products or (reading.state.products if follow.product is None and not follow.ordinal else ())
    pairs = variants_of(reading, listed)
    return _with_values(reading, pairs) if len(pairs) > 1 else []


def _with_values(reading: Reading, pairs: list[tuple[Product, Variant]]) -> list[tuple[Product, Variant]]:
    """Those of several variants with the values that the message names (灰的今天能发吗), or others of these goods
    that have them (那32G的呢, after 16G); else those with what was said before (16g的内存条多少钱 … 发成都几天到);
    all where there are none."""
    products = list(dict.fromkeys(product for product, _ in pairs))
    if named := _having(reading, reading.wished_for, products):
        return [pair for pair in pairs if pair in named] or named
    before = " ".join(v for name, v in reading.state.attributes.items() if name != "device")
    known = _having(reading, before, products)
    return [pair for pair in pairs if pair in known] or pairs


def _having(reading: Reading, said: str, products: list[Product]) -> list[tuple[Product, Variant]]:
    """The variants of ``products`` that have the values ``said``."""
    catalogue = reading.parts.catalogue
    left = catalogue.left_of(said, catalogue.having(said, products))
    return [(product, variant) for product, variants in left for variant in variants]


def offered(reading: Reading) -> list[tuple[Product, Variant]]:
    """What the open question offers to choose from."""
    return variants_of(reading, reading.state.pending.options) if reading.state.pending else []


def variants_of(reading: Reading, listed: Sequence[Named]) -> list[tuple[Product, Variant]]:
    """Each variant, and every variant of each product that was ``listed``."""
    pairs: list[tuple[Product, Variant]] = []
    for thing in listed:
        if found := reading.parts.catalogue.by_sku(thing.id):
            pairs.append(found)
        elif product := reading.parts.catalogue.product(thing.id):
            pairs.extend((product, variant) for variant in product.variants)
    return pairs


def shown(reading: Reading) -> tuple[Product, ...]:
    """The products of the last answer, in its order; else the one that the conversation is about."""
    state = reading.state
    listed = state.products or ((state.product,) if state.product else ())
    return tuple(dict.fromkeys(product for product, _ in variants_of(reading, listed)))
