"""Whether words stand in what the shop has written of a product."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.names.choose import is_called
from kefu.core.catalogue.values import Product, Variant
from kefu.core.catalogue.words import key


def are_named(words: Sequence[str], products: Sequence[Product]) -> bool:
    """Whether one of the words names one of the products: in a name that is no title, an alias, a kind or a brand."""
    names = [key(" ".join((*p.aliases, p.category, p.brand, "" if p.is_titled else p.name))) for p in products]
    return any(word in name for word in words for name in names)


def has_words(product: Product, words: Sequence[str]) -> bool:
    """Whether each of the words stands in a name, a value or the description of the product."""
    called = (
        v for variant in product.variants for v in (*variant.aliases, *(value for _, value in variant.attributes))
    )
    text = key(
        " ".join((product.name, *product.aliases, product.category, product.brand, product.description, *called))
    )
    return all(word in text for word in words)


def are_called(words: Sequence[str], variants: Sequence[Variant]) -> bool:
    return bool(variants) and all(is_called(words, [variant]) for variant in variants)
