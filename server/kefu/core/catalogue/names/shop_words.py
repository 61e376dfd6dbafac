"""Which words are a shop's own: names of its goods and kinds, brands, values; and what a text says besides them."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.names.facets import Facets, content_words
from kefu.core.catalogue.names.gazetteer import Gazetteer
from kefu.core.catalogue.names.vocabulary import Vocabulary
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import COLOURS, SIZES, Query, Span, canonical_value, key

NAMED = 2_000
"""So many products' names are looked through for a place's that is one's too."""


class ShopWords:
    """What the goods, kinds and values of a shop are called. Not changed after it is built."""

    def __init__(
        self, products: Sequence[Product], names: Gazetteer[tuple[int, ...]], facets: Facets, vocabulary: Vocabulary
    ) -> None:
        self._names = names
        self._facets = facets
        self._vocabulary = vocabulary
        self._all_names = "\n".join(name for p in products[:NAMED] for name in (p.name, *p.aliases))
        self._variant_aliases = frozenset(key(alias) for p in products for v in p.variants for alias in v.aliases)

    def where_named(self, query: Query) -> list[Span]:
        """Where names of goods and kinds stand."""
        return [hit.span for hit in (*self._names.find(query), *self._facets.kinds(query))]

    def naming_goods(self, text: str) -> list[str]:
        """The words of a text that name goods or kinds, each once, folded."""
        query = Query.of(text)
        words = sorted({query.text[start:end] for start, end in self.where_named(query)}, key=len, reverse=True)
        return [word for at, word in enumerate(words) if not any(word in longer for longer in words[:at])]

    def besides_goods(self, text: str) -> str:
        """What a text says besides the goods, kinds and values that it names, without blanks and punctuation."""
        query = Query.of(text)
        left = list(query.text)
        for hit in (*self._names.find(query), *self._facets.kinds(query), *self._vocabulary.read(query).values):
            left[hit.start : hit.end] = [""] * (hit.end - hit.start)
        return "".join(left)

    def is_brand(self, word: str) -> bool:
        """Whether the shop has a brand of that name, which may be a place's too (松溪)."""
        return self._facets.is_brand(word)

    def is_in_a_name(self, word: str) -> bool:
        """Whether the word stands in the name of a product (保山 in 保山小粒咖啡豆)."""
        return word in self._all_names

    def calls_a_variant(self, word: str) -> bool:
        """Whether a variant has that alias (一箱)."""
        return key(word) in self._variant_aliases

    def has_value(self, value: str) -> bool:
        """Whether goods of the shop come in that value."""
        return bool(self._vocabulary.attributes_of(canonical_value(value)))

    def is_value(self, word: str) -> bool:
        """Whether the word is a size, colour, amount … rather than a thing."""
        value = canonical_value(word)
        return self.has_value(word) or value in COLOURS | SIZES or value != key(word)

    def attribute_of_amount(self, said: str) -> tuple[str, str] | None:
        """The attribute of whose values 十斤, 30包 is or holds the amount, and the amount; None if of none."""
        return self._vocabulary.attribute_of_amount(said)

    def attribute_of_code(self, said: str) -> tuple[str, str] | None:
        """The attribute of which 15号 is a value's number, and that number; None if of none."""
        return next(((name, said) for name in self._vocabulary.attributes_of(said)), None)


def words_sought(text: str) -> list[str]:
    """The words of a text that say what is looked for: no small talk, no amounts."""
    return content_words(Query.of(text), ())
