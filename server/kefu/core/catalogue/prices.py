"""What each of several products costs, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.choose import full_name
from kefu.core.catalogue.phrases import opening, say_price
from kefu.core.catalogue.stock import Shelf
from kefu.core.catalogue.values import Product, Variant

MOST = 5


def prices_of(shelf: Shelf, choices: Sequence[tuple[Product, Sequence[Variant]]]) -> str:
    """A reply with the price of each product's ``choices``; "" for more than `MOST` products, or without any
    price."""
    skus = [variant.sku for _, variants in choices for variant in variants]
    if not 2 <= len(choices) <= MOST:
        return ""
    states = shelf.states(skus)
    said = []
    for product, variants in choices:
        prices = sorted(variant.price for variant in variants if variant.price is not None)
        if not prices:
            continue
        if len(variants) == 1:
            there = {"in": "", "out": "（暂时缺货）", "unknown": "（库存暂不确定）"}[states[variants[0].sku].kind]
            said.append(f"{full_name(product, variants[0])}{say_price(prices[0])}{there}")
        else:
            upwards = "" if prices[0] == prices[-1] else "起"
            said.append(f"{product.spoken}{say_price(prices[0])}{upwards}")
    return f"{opening(shelf.address)}{'，'.join(said)}。请问您要哪一款？" if said else ""
