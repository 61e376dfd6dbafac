"""Brands, categories and attribute values: finding products by what they are rather than by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kefu.core.catalogue.choose import TIMES
from kefu.core.catalogue.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import (
    COLOURS,
    MODIFIERS,
    SIZES,
    SMALL_TALK,
    Query,
    canonical_value,
    key,
    measures,
)
from kefu.core.text import tokenise

Facet = tuple[str, str]
"""(``brand``, ``category`` or ``value``; the brand, category or canonical value)."""


@dataclass(frozen=True, slots=True)
class FacetMatch:
    """``products`` (numbers) that have every facet named; ``unknown`` words before the kind that none of them has."""

    names_a_kind: bool
    products: tuple[int, ...] = ()
    unknown: str = ""
    category: str = ""


class Facets:
    """Posting lists of brands and categories, and which attribute each value belongs to."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = products
        self._postings: dict[Facet, list[int]] = {}
        self._attributes_of: dict[str, set[str]] = {}
        seen: set[tuple[str, str]] = set()
        for at, product in enumerate(products):
            for kind, name in (("brand", product.brand), ("category", product.category)):
                if name:
                    self._postings.setdefault((kind, name), []).append(at)
            for variant in product.variants:
                for pair in variant.attributes:
                    if pair not in seen:
                        seen.add(pair)
                        self._attributes_of.setdefault(canonical_value(pair[1]), set()).add(pair[0])
        self.categories = tuple(name for kind, name in self._postings if kind == "category")
        self._kinds = Gazetteer((key(name), (kind, name)) for kind, name in self._postings)
        vocabulary = {key(value) for value in (*COLOURS, *SIZES)} | set(self._attributes_of)
        self._values = Gazetteer((value, value) for value in vocabulary if not value.isdigit())

    def category(self, query: Query) -> str:
        return next((name for kind, name in (hit.target for hit in self._kinds.find(query)) if kind == "category"), "")

    def kinds(self, query: Query) -> list[Hit[Facet]]:
        """Brands and categories named in ``query``."""
        return self._kinds.find(query)

    def in_category(self, category: str) -> list[int]:
        return self._postings.get(("category", category), [])

    def find(self, query: Query) -> FacetMatch:
        """Products by brand and category said in ``query``; other words may narrow them, or be unknown."""
        hits = self._kinds.find(query)
        if not hits:
            return FacetMatch(False)
        category = next((name for kind, name in (hit.target for hit in hits) if kind == "category"), "")
        lists = [self._postings[facet] for facet in dict.fromkeys(hit.target for hit in hits)]
        common = set(lists[0]).intersection(*lists[1:])
        if not common:
            return FacetMatch(True, tuple(self.in_category(category)), "".join(h.target[1] for h in hits), category)
        return self._narrowed(query, hits, sorted(common), category)

    def _narrowed(self, query: Query, hits: Sequence[Hit[Facet]], products: list[int], category: str) -> FacetMatch:
        values = self._values.find(query)
        spans = [*((hit.start, hit.end) for hit in hits), *((hit.start, hit.end) for hit in values)]
        amounts = [amount for amount, _, _ in measures(query.folded)]
        for value in [hit.target for hit in values] + amounts:
            fitting = [at for at in products if value in _values_of(self._products[at])]
            if not fitting and value in self._attributes_of and not value.endswith(TIMES):
                return FacetMatch(True, tuple(products[:5]), value, category)
            products = fitting or products
        for word in content_words(query, spans):
            fitting = [at for at in products if word in key(self._products[at].name)]
            if not fitting and _before_kind(query, word, hits):
                return FacetMatch(True, tuple(products[:5]), word + category, category)
            products = fitting or products
        return FacetMatch(True, tuple(products), "", category)

    def only_values(self, query: Query) -> bool:
        """Whether the text says nothing of a product but sizes, colours and amounts."""
        spans = [(hit.start, hit.end) for hit in self._values.find(query)]
        return not content_words(query, spans)

    def unknown_value(self, product: Product, query: Query, spans: Sequence[tuple[int, int]]) -> str:
        """A value said that the product should have a variant for, by its attributes, and has not; else ``""``."""
        values = _values_of(product)
        attributes = {name for variant in product.variants for name, _ in variant.attributes}
        text = key(product.name + "".join(product.aliases))
        aliases = {key(alias) for variant in product.variants for alias in variant.aliases}
        for hit in self._values.find(query):
            value = hit.target
            if value in values or value in text or value in aliases or _inside(hit, spans):
                continue
            if any(alias in value or value in alias for alias in aliases):
                continue
            alike = COLOURS if value in COLOURS else SIZES if value in SIZES else frozenset()
            if self._attributes_of.get(value, set()) & attributes or alike & values:
                return value
        for value in values & SIZES | values & COLOURS:
            start = query.text.find(value)
            if start > 0 and query.text[start - 1] in MODIFIERS and query.joined[start]:
                other = query.text[start - 1] + value
                if other not in values:
                    return other
        return _unknown_amount(values, query, text)


def _inside(hit: Hit[str], spans: Sequence[tuple[int, int]]) -> bool:
    return any(hit.start < end and hit.end > start for start, end in spans)


def _unknown_amount(values: set[str], query: Query, text: str) -> str:
    """An amount said in a unit in which the product has others, as the customer wrote it."""
    units = {value.lstrip("0123456789.") for value in values if value[:1].isdigit()}
    for amount, start, end in measures(query.folded):
        unit = amount.lstrip("0123456789.")
        if unit in units and unit and unit not in TIMES and amount not in values and amount not in text:
            return query.folded[start:end]
    return ""


def _values_of(product: Product) -> set[str]:
    return {canonical_value(value) for variant in product.variants for _, value in variant.attributes}


def content_words(query: Query, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Words outside ``spans`` that are no small talk and no amount: what may name a product."""
    blanked = list(query.text)
    for start, end in spans:
        blanked[start:end] = " " * (end - start)
    spaced = "".join((" " if not joined else "") + c for c, joined in zip(blanked, query.joined, strict=True))
    for _, start, end in reversed(list(measures(spaced))):
        spaced = spaced[:start] + " " * (end - start) + spaced[end:]
    return [word for word in tokenise(spaced) if word not in SMALL_TALK and (len(word) > 1 or "a" <= word <= "z")]


def _before_kind(query: Query, word: str, hits: Sequence[Hit[Facet]]) -> bool:
    """Whether ``word`` stands right before a brand or category, or looks like a model number: then it names a thing."""
    if any("a" <= c <= "z" for c in word) and any(c.isdigit() for c in word):
        return True
    if any(hit.target[0] == "brand" for hit in hits):
        return False
    return any(query.text[: hit.start].endswith(word) for hit in hits)
