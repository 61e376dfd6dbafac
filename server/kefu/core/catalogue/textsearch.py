"""Products by the words of a question when it holds no name and no kind: BM25, then character similarity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from kefu.core.catalogue.facets import content_words
from kefu.core.catalogue.textindex import TextIndex
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import Query, key
from kefu.core.text import tokenise

SURE_SHARE = 0.75
"""Share of the question's information that a product's text must hold to be meant for sure."""

CLOSE = 80.0
"""rapidfuzz partial ratio from which a misspelt name is worth asking about."""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """``sure``: the products hold nearly all words said. Otherwise they are only worth asking about."""

    products: tuple[int, ...] = ()
    sure: bool = False
    unknown: str = ""


class ProductSearch:
    """One document a product: name, aliases, brand, category."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = products
        self._index = TextIndex(_documents(products))

    def content(self, query: Query) -> list[str]:
        """Words that could name a product."""
        return content_words(query, ())

    def find(self, query: Query) -> TextMatch:
        words = self.content(query)
        said = "".join(words)
        if not words:
            return TextMatch()
        hits = self._index.search([*words, *_bigrams(said)], top_k=20)
        if not hits:
            return TextMatch(unknown=said)
        total = sum(self._index.idf_of(word) for word in words)
        shares = [(self._share(words, at) / total, at) for at, _ in hits]
        best = max(share for share, _ in shares)
        if best >= SURE_SHARE:
            return TextMatch(tuple(at for share, at in shares if share >= best - 1e-9), True)
        close = [at for at, _ in hits if fuzz.partial_ratio(said, self._text(at)) >= CLOSE and len(said) > 2]
        return TextMatch(tuple(close[:3]), False, said)

    def _share(self, words: Sequence[str], at: int) -> float:
        text = self._text(at)
        return sum(self._index.idf_of(word) for word in words if word in text)

    def _text(self, at: int) -> str:
        return _text(self._products[at])


def _text(product: Product) -> str:
    return key("".join((product.brand, product.name, *product.aliases, product.category)))


def _documents(products: Sequence[Product]) -> Iterator[list[str]]:
    for product in products:
        text = _text(product)
        yield [*tokenise(text), *_bigrams(text)]


def _bigrams(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]
