"""A product in one line of facts, for a model's prompt and for retrieval."""

from __future__ import annotations

from kefu.core.catalogue.choose import label
from kefu.core.catalogue.phrases import say_moment, say_price_of
from kefu.core.catalogue.stock import Shelf, amount
from kefu.core.catalogue.values import Product


def describe_product(shelf: Shelf, product: Product) -> str:
    """One line: name, each variant with price and today's stock or lead time, and when it was counted."""
    states = shelf.states([variant.sku for variant in product.variants])
    lines = []
    for variant in product.variants:
        state = states[variant.sku]
        there = "缺货" if state.kind == "out" else amount(shelf, product, state)
        price = f"，{say_price_of(variant.price, product.unit)}" if variant.price is not None else ""
        lines.append(f"{label(product, variant) or product.spoken}{price}，{there}")
    dates = [state.as_of for state in states.values() if state.as_of]
    counted = f"（库存更新于{say_moment(min(dates), shelf.now)}）" if dates else ""
    about = f"{product.name}。{product.description.strip().rstrip('。')}" if product.description else product.name
    return " ".join(f"{about}。{'；'.join(lines)}{counted}".split())
