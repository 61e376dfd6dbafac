"""A product in one line of facts, for a model's prompt and for retrieval."""

from __future__ import annotations

from kefu.core.catalogue.choose import label
from kefu.core.catalogue.phrases import say_moment
from kefu.core.catalogue.stock import Shelf, priced
from kefu.core.catalogue.values import Product


def describe_product(shelf: Shelf, product: Product) -> str:
    """One line: name, each variant with price and today's stock or lead time, and when it was counted."""
    states = shelf.states([variant.sku for variant in product.variants])
    lines = []
    for variant in product.variants:
        facts = priced(shelf, product, variant, states[variant.sku])
        lines.append(f"{label(product, variant) or product.spoken}{'' if facts.startswith('（') else '，'}{facts}")
    dates = [state.as_of for state in states.values() if state.as_of]
    counted = f"（库存更新于{say_moment(min(dates), shelf.now)}）" if dates else ""
    about = f"{product.name}。{product.description.strip().rstrip('。')}" if product.description else product.name
    return " ".join(f"{about}。{'；'.join(lines)}{counted}".split())
