"""The words of a shop, as the slot extractor wants them."""

from __future__ import annotations

from collections.abc import Iterable

from kefu.core.catalogue.values import Device, Product
from kefu.core.slots import Lexicon

MAX_PRODUCTS = 50_000
"""Over so many products the extractor leaves names to the catalogue, which finds them in its own index."""


def lexicon_of(products: Iterable[Product], devices: Iterable[Device]) -> Lexicon:
    """Product names and aliases, attribute values, device models."""
    names: dict[str, str] = {}
    attributes: dict[str, dict[str, str]] = {}
    for number, product in enumerate(products):
        if number < MAX_PRODUCTS:
            names.update(dict.fromkeys((product.name, *product.aliases), product.name))
        for variant in product.variants:
            for name, value in variant.attributes:
                attributes.setdefault(name, {}).setdefault(value, value)
    models = {name: device.model for device in devices for name in (device.model, *device.aliases)}
    return Lexicon.build(products=names, attributes=attributes, models=models)
