"""Pairs that make goods "must fit" for devices which the shop sells itself: told to the owner, never to a customer."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.values import CompatibilityPair, CompatibilityRule, Device, Product
from kefu.core.catalogue.words import key

SHORTEST = 3
"""Characters of a device's name by which one of the shop's goods is known to be that device."""


def pairs_with_own_goods(
    products: Sequence[Product],
    devices: Sequence[Device],
    rules: Sequence[CompatibilityRule],
    pairs: Sequence[CompatibilityPair],
) -> list[CompatibilityPair]:
    """The pairs of parts of which pairs say only that they fit, and only several of the shop's own goods.

    They make these parts "must fit": whoever asks whether they can be used for something is asked for the device.
    A part for one of the goods (a filter), or that fits some and others not, is for certain devices indeed.
    """
    parts = {one for pair in pairs for one in (pair.product, pair.sku) if one}
    ruled = {rule.category for rule in rules}
    texts = [key(" ".join((p.name, *p.aliases))) for p in products if p.category not in ruled and not _is_of(p, parts)]
    names = {
        device.model: [one for one in map(key, (device.model, *device.aliases)) if len(one) >= SHORTEST]
        for device in devices
    }
    own = {model for model, called in names.items() if any(name in text for name in called for text in texts)}
    paired: dict[tuple[str, str], list[CompatibilityPair]] = {}
    for pair in pairs:
        paired.setdefault((pair.product, pair.sku), []).append(pair)
    return [
        pair
        for of_part in paired.values()
        if len(of_part) > 1 and all(pair.fits and pair.device in own for pair in of_part)
        for pair in of_part
    ]


def _is_of(product: Product, parts: set[str]) -> bool:
    return product.id in parts or any(variant.sku in parts for variant in product.variants)
