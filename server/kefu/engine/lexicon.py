"""The words of a shop, as the slot extractor wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ahocorasick_rs import AhoCorasick

from kefu.core.catalogue.names.kinship import said_for
from kefu.core.catalogue.values import Device, JargonTerm, Product
from kefu.core.slots import Lexicon
from kefu.core.text import normalise, tokenise

MAX_PRODUCTS = 50_000
"""Over so many products the extractor leaves names to the catalogue, which finds them in its own index."""


def lexicon_of(products: Iterable[Product], devices: Iterable[Device]) -> Lexicon:
    """Product names and aliases, categories and the words they are made of; attribute values; device models."""
    goods = tuple(products)
    names = _kinds(goods)
    attributes: dict[str, dict[str, str]] = {}
    spoken: dict[str, dict[str, str]] = {}
    for number, product in enumerate(goods):
        if number < MAX_PRODUCTS:
            called = (product.name, product.name.replace(" ", ""), *product.aliases)  # typed without the spaces
            names.update(dict.fromkeys(called, product.name))
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


def _kinds(goods: Sequence[Product]) -> dict[str, str]:
    """Each category and its words → the category. A word that goods of other kinds have in their names as well
    (笔记本 of 笔记本支架, where there is 笔记本内存条) names no kind; one that several kinds end with means no more
    than it says."""
    categories = dict.fromkeys(product.category for product in goods if product.category)
    words = {word: kind for kind in reversed(categories) for word in _words_of(kind)}
    elsewhere = _of_other_kinds(words, goods)
    names: dict[str, str] = {}
    for word, kind in words.items():
        if word not in elsewhere or word in categories:
            names[word] = kind
        elif kind.endswith(word):
            alone = sum(other.endswith(word) for other in categories) == 1
            names[word] = kind if alone else word
    return names | {kind: kind for kind in categories}


def _of_other_kinds(words: Mapping[str, str], goods: Sequence[Product]) -> frozenset[str]:
    """Those of the words that goods of another category have in their names or in what their category is called, but
    not as a part of the word's own category (固态硬盘 of 固态硬盘盒)."""
    folded = {normalise(word).text: word for word in words}
    kinds = {word: normalise(kind).text for word, kind in words.items()}
    search, said = AhoCorasick(list(folded)), list(folded)
    found: set[str] = set()
    for product in goods:
        for name in dict.fromkeys((product.category, product.name, *product.aliases)):
            text = normalise(name).text
            for index in {index for index, _, _ in search.find_matches_as_indexes(text, overlapping=True)}:
                word = folded[said[index]]
                if word not in found and words[word] != product.category:
                    rest = text.replace(kinds[word], " ")
                    found.update({word} if said[index] in rest else ())
    return frozenset(found)


def _words_of(category: str) -> tuple[str, ...]:
    """The category and its words: 固态硬盘 is also 固态 and 硬盘, 内存条 also 内存."""
    words = [word for word in tokenise(category) if len(word) >= 2]
    stem = [category[:-1]] if len(category) == 3 and category.endswith(("条", "盘")) else []
    return (category, *words, *stem)
