"""What each of several products costs, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.names.labels import full_name
from kefu.core.catalogue.phrases import WHICH_ONE, apart, opening, say_price_of, say_prices
from kefu.core.catalogue.values import Product, Variant

MOST = 5


def prices_of(shelf: Shelf, choices: Sequence[tuple[Product, Sequence[Variant]]]) -> str:
    """A reply with the price of each product's ``choices``, of the first `MOST`; "" for one product, or without any
    price."""
    if len(choices) < 2:
        return ""
    states = shelf.states([variant.sku for _, variants in choices for variant in variants])
    said = []
    for product, variants in choices[:MOST]:
        prices = [variant.price for variant in variants if variant.price is not None]
        if not prices:
            continue
        if len(variants) == 1:
            state = states[variants[0].sku]
            there = shelf.mark(state) or {"in": "", "out": "（暂时缺货）"}.get(state.kind, "（库存暂不确定）")
            said.append(f"{apart(full_name(product, variants[0]))}{say_price_of(prices[0], product.unit)}{there}")
        else:
            said.append(f"{apart(product.spoken)}{say_prices(prices, product.unit)}")
    more = "等" if len(choices) > MOST else ""
    return f"{opening(shelf.address)}{'，'.join(said)}{more}。{WHICH_ONE}" if said else ""
