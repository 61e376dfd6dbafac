"""What comes closest to a sold-out variant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.names.kinship import range_of
from kefu.core.catalogue.values import Product, Variant

LOOKED_AT = 60
"""So many variants at most are compared: enough to offer three, few enough to look up in one query."""

_FITS = re.compile("码|尺寸|号型|内径|圈口|size", re.IGNORECASE)
"""Attributes that must fit a body or a thing: who asks for size 42 takes it in white rather than black in 43."""

_MADE_FOR = re.compile("[机车]型|适[用配合]|型号|接口")
"""Attributes that tell for what a thing is made: another value is for another owner."""

Orders = Mapping[str, Mapping[str, int]]
"""Attribute that must fit → its values, numbered in the shop's order."""


Serves = Callable[[Product, Variant], frozenset[str]]
"""The devices for which the shop's data say that a variant is made; none for goods for any."""


def nearest(
    catalogue: Catalogue,
    product: Product,
    variant: Variant,
    decisive: Collection[str] = (),
    serves: Serves = lambda _product, _variant: frozenset(),
    *,
    alike: bool = True,
) -> list[tuple[Product, Variant]]:
    """Sister variants, then the same category, the most alike first: what fits alike, same attributes, of sizes the
    nearest in the shop's order, then the nearest price.

    A variant that differs in a ``decisive`` attribute, or is for another range of weights or ages, is none: a case for
    another phone, drops for a bigger cat. Nor is one that does not serve every device that this one ``serves``, or is
    made for some where this one is for any: a mat for another car. With ``alike`` half of the attributes must be the
    same, too; without it those that tell for what a thing is made.
    """
    served = serves(product, variant)

    def is_for_the_same(pair: tuple[Product, Variant]) -> bool:
        others = serves(*pair)
        return served <= others if served else not others

    decisive = {*decisive, *(name for name, value in variant.attributes if (span := range_of(value)) and span.unit)}
    sisters = [(product, other) for other in product.variants if other.sku != variant.sku]
    sisters = [*filter(is_for_the_same, sisters)]
    orders = {name: _order(product, name) for name, _ in variant.attributes if _FITS.search(name)}
    sisters.sort(key=lambda pair: _distance(variant, pair[1], orders))
    if product.virtual:  # a card for another service is no stand-in
        return sisters[:LOOKED_AT]
    sisters = [pair for pair in sisters if _fits_alike(variant, pair[1], decisive)]
    others = [
        (other, one)
        for other in catalogue.in_category(product.category, LOOKED_AT)
        if other.id != product.id and not other.virtual
        for one in other.variants
    ]
    others = [*filter(is_for_the_same, others)]
    others.sort(key=lambda pair: _distance(variant, pair[1], orders))
    close = [pair for pair in others if (_alike if alike else _made_for_the_same)(variant, pair[1])]
    return (sisters + [pair for pair in close if _fits_alike(variant, pair[1], decisive)])[:LOOKED_AT]


def _order(product: Product, name: str) -> dict[str, int]:
    """The values of an attribute that must fit, numbered in the shop's order."""
    return {value: at for at, value in enumerate(dict.fromkeys(one.attribute(name) for one in product.variants))}


def _fits_alike(one: Variant, other: Variant, decisive: Collection[str]) -> bool:
    return all(one.attribute(name) == other.attribute(name) for name in decisive)


def _shared(one: Variant, other: Variant) -> int:
    return len(set(one.attributes) & set(other.attributes))


def _alike(one: Variant, other: Variant) -> bool:
    """At least half of the attributes are the same: a desktop memory is no stand-in for a laptop's."""
    return 2 * _shared(one, other) >= len(one.attributes)


def _made_for_the_same(one: Variant, other: Variant) -> bool:
    return all(other.attribute(name) in ("", value) for name, value in one.attributes if _MADE_FOR.search(name))


def _distance(one: Variant, other: Variant, orders: Orders) -> tuple[int, int, int, int]:
    unfit = sum(one.attribute(name) != other.attribute(name) for name in orders)
    steps = sum(_steps(order, one.attribute(name), other.attribute(name)) for name, order in orders.items())
    price = abs((one.price or 0) - (other.price or 0))
    return unfit, -_shared(one, other), steps, price


def _steps(order: Mapping[str, int], one: str, other: str) -> int:
    """How far apart two values stand in the product's own order; one that it has not is the farthest."""
    return abs(order[one] - order[other]) if other in order else len(order)
