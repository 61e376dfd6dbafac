"""By how much the prices of two things differ: of two variants of one product in each size that both come in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.names.labels import differing
from kefu.core.catalogue.phrases import say_price
from kefu.core.catalogue.several.several_things import Thing, difference_of
from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.goods.narrowing import only

DIFFERENCE = re.compile(r"(?<!还)(?:相?差|贵|便宜)了?(?:多少|几块|多大)(?!钱?(?:[就才能]|到|够|满|凑|包邮))")
"""Asks by how much one costs more than the other."""


def like_with_like(things: Sequence[Thing]) -> list[Thing]:
    """Two kinds of one product, each in the sizes that the other comes in as well (AA和AAA差多少, of AA in 3斤 and 6斤
    and AAA in 3斤); other things as they are."""
    pairs = _pairs(things)
    if not pairs:
        return list(things)
    sides = (tuple(dict.fromkeys(side)) for side in zip(*pairs, strict=True))
    return [replace(one, meant=only(one.meant, left)) for one, left in zip(things, sides, strict=True)]


def say_difference(counted: Sequence[tuple[Thing, float]]) -> str:
    """What each of two things costs, so many of each, and how far that is apart, in each size of several; "" of others
    or where a price is not known."""
    if two := difference_of(counted):
        return f"{_apart(*two)}。"
    pairs, product = _pairs([thing for thing, _ in counted]), counted[0][0].meant.product
    if product is None or any(one.price is None or other.price is None for one, other in pairs):
        return ""
    told = (f"{_in_common(product, *pair)}：{_apart(pair[0].price or 0, pair[1].price or 0)}" for pair in pairs)
    return f"{'；'.join(told)}。" if pairs else ""


def _apart(one: int, other: int) -> str:
    return f"{say_price(one)}和{say_price(other)}相差{say_price(abs(one - other))}"


def _pairs(things: Sequence[Thing]) -> list[tuple[Variant, Variant]]:
    """The variants of two things of one product that are alike in all in which both come, if each has one such."""
    if len(things) != 2 or things[0].meant.product is None or things[0].meant.product != things[1].meant.product:
        return []
    one, other = (thing.meant.variants for thing in things)
    names = [
        name
        for name in differing(things[0].meant.product.variants)
        if {v.attribute(name) for v in one} & {v.attribute(name) for v in other}
    ]
    found = [(a, b) for a in one for b in other if names and all(a.attribute(n) == b.attribute(n) for n in names)]
    return found if len({a for a, _ in found}) == len({b for _, b in found}) == len(found) else []


def _in_common(product: Product, one: Variant, other: Variant) -> str:
    same = (one.attribute(name) for name in differing(product.variants) if one.attribute(name) == other.attribute(name))
    return " ".join(value for value in same if value)
