"""The words of a shop, as the slot extractor wants them."""

from __future__ import annotations

from collections.abc import Iterable

from kefu.core.catalogue.kinship import said_for
from kefu.core.catalogue.values import Device, JargonTerm, Product
from kefu.core.slots import Lexicon
from kefu.core.text import tokenise

MAX_PRODUCTS = 50_000
"""Over so many products the extractor leaves names to the catalogue, which finds them in its own index."""


def lexicon_of(products: Iterable[Product], devices: Iterable[Device]) -> Lexicon:
    """Product names and aliases, categories and the words they are made of; attribute values; device models."""
    names: dict[str, str] = {}
    attributes: dict[str, dict[str, str]] = {}
    spoken: dict[str, dict[str, str]] = {}
    for number, product in enumerate(products):
        if product.category and product.category not in names:
            names.update(dict.fromkeys(_words_of(product.category), product.category))
        if number < MAX_PRODUCTS:
            names.update(dict.fromkeys((product.name, *product.aliases), product.name))
        for variant in product.variants:
            for name, value in variant.attributes:
                if value not in attributes.setdefault(name, {}):
                    attributes[name][value] = value
                    spoken.setdefault(name, {}).update(dict.fromkeys(said_for(value), value))
    models = {name: device.model for device in devices for name in (device.model, *device.aliases)}
    either = {name: {**spoken[name], **values} for name, values in attributes.items()}
    return Lexicon.build(products=names, attributes=either, models=models)


def with_jargon(lexicon: Lexicon, jargon: Iterable[JargonTerm]) -> Lexicon:
    """The trade's terms too; they win over names."""
    return lexicon.with_products({term.term: term.means or term.term for term in jargon})


def _words_of(category: str) -> tuple[str, ...]:
    """The category and its words: 固态硬盘 is also 固态 and 硬盘, 内存条 also 内存."""
    words = [word for word in tokenise(category) if len(word) >= 2]
    stem = [category[:-1]] if len(category) == 3 and category.endswith(("条", "盘")) else []
    return (category, *words, *stem)
