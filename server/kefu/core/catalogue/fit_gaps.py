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
    """The pairs that say 是 of a device that is one of the shop's goods, and no part for another.

    Each makes its goods "must fit": whoever asks whether they can be used for something is asked for the device.
    """
    parts = {one for pair in pairs for one in (pair.product, pair.sku) if one}
    ruled = {rule.category for rule in rules}
    texts = [key(" ".join((p.name, *p.aliases))) for p in products if p.category not in ruled and not _is_of(p, parts)]
    names = {
        device.model: [one for one in map(key, (device.model, *device.aliases)) if len(one) >= SHORTEST]
        for device in devices
    }
    return [
        pair
        for pair in pairs
        if pair.fits and any(name in text for name in names.get(pair.device, ()) for text in texts)
    ]


def _is_of(product: Product, parts: set[str]) -> bool:
    return product.id in parts or any(variant.sku in parts for variant in product.variants)
