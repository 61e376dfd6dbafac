"""A product in one line of facts, for a model's prompt and for retrieval."""

from __future__ import annotations

from kefu.core.catalogue.answers.said_of_stock import priced
from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.names.labels import differing, label
from kefu.core.catalogue.phrases import say_moment
from kefu.core.catalogue.values import Product


def describe_product(shelf: Shelf, product: Product) -> str:
    """One line: name, what all variants have in common, each variant with price and today's stock or lead time, and
    when it was counted."""
    states = shelf.states([variant.sku for variant in product.variants])
    lines = []
    for variant in product.variants:
        facts = priced(shelf, product, variant, states[variant.sku])
        lines.append(f"{label(product, variant) or product.spoken}{'' if facts.startswith('（') else '，'}{facts}")
    dates = [state.as_of for state in states.values() if state.as_of]
    counted = f"（库存更新于{say_moment(min(dates), shelf.now)}）" if dates else ""
    about = f"{product.name}。{product.description.strip().rstrip('。')}" if product.description else product.name
    return " ".join("。".join((about, *_common(product), "；".join(lines) + counted)).split())


def _common(product: Product) -> list[str]:
    """The attributes with one value for all variants (适用月龄：8个月以上), which no label tells."""
    told, apart = f"{product.name}{product.description}", differing(product.variants)
    common = [(name, value) for name, value in product.variants[0].attributes if name not in apart]
    said = [f"{name}：{value}" for name, value in common if value and value not in told]
    return ["，".join(said)] if said else []
