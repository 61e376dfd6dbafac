"""For a customer who names nothing: what the whole shop has at an end of its prices, and at a price."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator

from kefu.core.catalogue.answers.extremes import Extreme
from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.values import Product, Variant

BROWSED = 20_000
"""Products up to which the whole shop is looked through; a customer of a larger one is asked for a kind of goods."""
TRIED = 40
"""Variants whose stock is looked up to find what is there at an end of the prices."""
OF_A_KIND = 5
"""The same for each kind at a price."""

Pair = tuple[Product, Variant]


def at_an_end(catalogue: Catalogue, extreme: Extreme) -> list[Pair]:
    """The variants nearest that end of the whole shop's prices; none in a shop too large for that."""
    pick = heapq.nsmallest if extreme == "cheapest" else heapq.nlargest
    return pick(TRIED, _priced(catalogue), key=_price)


_GIFT = re.compile("礼盒|礼物|礼品|礼包|送礼")


def is_a_gift(pair: Pair) -> bool:
    """Whether it is made up as a gift, by its names and kind."""
    product = pair[0]
    return _GIFT.search(" ".join((product.name, product.category, *product.aliases))) is not None


def one_of_each_kind(shelf: Shelf, within: tuple[float, float], most: int, gift: bool = False) -> list[Pair]:
    """Of each kind the dearest that can be bought within these prices, in fen; of those the ``most`` dearest, what is
    made up as a ``gift`` first if one is looked for, what is sent as a code last."""
    kinds: dict[str, list[Pair]] = {}
    for product, variant in _priced(shelf.catalogue):
        if within[0] <= (variant.price or 0) <= within[1]:
            kinds.setdefault(product.category or product.id, []).append((product, variant))

    def wanted(pair: Pair) -> tuple[bool, int, str]:
        return (gift and is_a_gift(pair), *_price(pair))

    nearest = [heapq.nlargest(OF_A_KIND, pairs, key=wanted) for pairs in kinds.values()]
    states = shelf.states([variant.sku for pairs in nearest for _, variant in pairs])
    there = [[pair for pair in pairs if states[pair[1].sku].can_be_bought] for pairs in nearest]
    best = [pairs[0] for pairs in there if pairs]
    return sorted(best, key=lambda pair: (gift and not is_a_gift(pair), pair[0].virtual, -(pair[1].price or 0)))[:most]


NOT_ALL = "（需备货和预售的商品除外，您可以告诉我具体商品）"
"""After when things are sent, in a shop where that does not hold for all."""


def _priced(catalogue: Catalogue) -> Iterator[Pair]:
    products = catalogue.products if len(catalogue.products) <= BROWSED else ()
    return ((product, v) for product in products for v in product.variants if v.price is not None)


def _price(pair: Pair) -> tuple[int, str]:
    return pair[1].price or 0, pair[1].sku
