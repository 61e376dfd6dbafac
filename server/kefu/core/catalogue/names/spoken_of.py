"""What words mean after goods were spoken of: of these, of others of their kind, or of others that a word points at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.names.choose import ASKS_WHICH, OTHERS, choose, is_called, likest
from kefu.core.catalogue.names.decided import choice_of, decided
from kefu.core.catalogue.names.facets import Facets, content_words
from kefu.core.catalogue.names.gazetteer import Gazetteer
from kefu.core.catalogue.names.labels import which_product
from kefu.core.catalogue.names.pointing import (
    by_material,
    material_pointing,
    pointing_words,
    points_at,
    stand_for_variants,
)
from kefu.core.catalogue.names.relative import says_a_size
from kefu.core.catalogue.names.textsearch import ProductSearch
from kefu.core.catalogue.names.vocabulary import Said, Vocabulary
from kefu.core.catalogue.names.wording import are_called, are_named
from kefu.core.catalogue.values import Product, Resolution, Variant
from kefu.core.catalogue.words import Query, key

Known = Sequence[tuple[Product, Variant | None]]
"""What was spoken of: products, or one variant of theirs."""
SIBLINGS = 200
"""So many products of a category at most are looked at."""
POINTED_AT = 8
"""More products that a word points at are not told by it."""


class SpokenOf:
    """The shop's goods as they are spoken of in the course of a conversation. Not changed after it is built."""

    def __init__(
        self,
        products: Sequence[Product],
        names: Gazetteer[tuple[int, ...]],
        facets: Facets,
        vocabulary: Vocabulary,
        search: ProductSearch,
    ) -> None:
        self._products = products
        self._names = names
        self._facets = facets
        self._vocabulary = vocabulary
        self._search = search
        self._made_of = by_material(products)

    def meant(self, said: Said, known: Known) -> Resolution:
        """The product spoken of before; a variant if the earlier SKU or the new words say which."""
        products = tuple(dict.fromkeys(product for product, _ in known))
        if not products:
            return Resolution("none")
        if len(products) > 1:
            choices = [(product, choice_of(product, said, self._vocabulary)) for product in products]
            fitting = [one for one in choices if one[1].mentioned and one[1].variants]
            if len(fitting) == 1:
                return decided(*fitting[0], "last")
            products = tuple(product for product, _ in fitting) or products
            return Resolution("ambiguous", candidates=products[:8], question=which_product(products), how="last")
        choice = choice_of(products[0], said, self._vocabulary)
        skus = {variant.sku for _, variant in known if variant}
        others = OTHERS.search(said.query.text)
        if skus and not choice.mentioned and not choice.unknown and not says_a_size(said) and not others:
            choice = replace(choice, variants=tuple(v for v in products[0].variants if v.sku in skus))
        if len(skus) == 1 and choice.mentioned and not ASKS_WHICH.search(said.query.text):
            choice = replace(choice, variants=likest(choice.variants, next(v for _, v in known if v)))
        if len(skus) > 1 and choice.mentioned:
            within = tuple(v for v in choice.variants if v.sku in skus)
            choice = replace(choice, variants=within or choice.variants)
        return decided(products[0], choice, "last")

    def tells(self, said: Said, known: Known) -> bool:
        """Whether the words name values of what was spoken of before (清香的呢), or one that it has not (M3的呢)."""
        products = dict.fromkeys(product for product, _ in known)
        choices = [choose(product, said, self._vocabulary) for product in products]
        return any(choice.mentioned or choice.unknown for choice in choices)

    def kept(self, product: Product, text: str, found: Resolution) -> Resolution | None:
        """What ``text`` asks of ``product``, where what it was ``found`` to mean by itself is no other thing's name:
        the kind or name is what one of its variants is called (礼盒的呢), or the words stand in variants (那特大的呢)
        or in the search words of a title (野生的还是养殖的). None: it is another thing."""
        said = self._vocabulary.read(Query.of(text))
        if found.how == "facets":
            return self._kept_kind(product, said) if found.category != product.category else None
        if found.how == "name" and stand_for_variants(said.query, self._names.find(said.query), product.variants):
            return decided(product, choice_of(product, said, self._vocabulary), "last")
        words = [word for word in content_words(said.query, said.spans) if not is_called([word], product.variants)]
        points = "还是" not in text and any(points_at(word, said.query) for word in words)  # 那进口的呢
        points = points or material_pointing(said.query) in self._made_of
        if found.how != "text" or points or are_named([*words, *pointing_words(said)], found.products):
            return None
        return decided(product, choice_of(product, said, self._vocabulary), "last")

    def _kept_kind(self, product: Product, said: Said) -> Resolution | None:
        """The product, or the others of its kind, with a variant that is called like the kind said (礼盒)."""
        kinds = [said.query.text[hit.start : hit.end] for hit in self._facets.kinds(said.query)]
        for products in ([product], self._of_the_kind(product)):
            choices = [(one, choose(one, said, self._vocabulary, words=kinds)) for one in products]
            having = [
                (one, choice) for one, choice in choices if choice.mentioned and are_called(kinds, choice.variants)
            ]
            if len(having) == 1:
                return decided(*having[0], "last")
        return None

    def sibling(self, said: Said, product: Product, words: Sequence[str]) -> Resolution | None:
        """The one other product of the category in whose names all ``words`` stand, the first a model's number (4k)."""
        first = key(words[0])
        if not any(c.isdigit() for c in first) or not any("a" <= c <= "z" for c in first):
            return None
        others = [
            other
            for other in self._of_the_kind(product)
            if all(key(word) in key("".join((other.name, *other.aliases))) for word in words)
        ]
        return decided(others[0], choose(others[0], said, self._vocabulary), "name") if len(others) == 1 else None

    def _of_the_kind(self, product: Product) -> list[Product]:
        """The other products of its category."""
        alike = (self._products[at] for at in self._facets.in_category(product.category, SIBLINGS))
        return [one for one in alike if one.id != product.id]

    def pointed_at(self, said: Said, known: Known) -> tuple[Product, ...]:
        """The few goods that one word of their names points at (那实木的呢, 鹅绒的冬天那款), of the kind spoken of
        before if it has such; none where what was spoken of before has that word itself."""
        before = [product for product, _ in known]
        telling = content_words(said.query, said.spans)
        material = material_pointing(said.query)
        for word in (*pointing_words(said), *([material] if material in self._made_of else ())):
            places = self._made_of[word] if word == material else self._search.holding(word, POINTED_AT)
            found = [self._products[at] for at in places]
            if word not in telling and word != material:
                found = [one for one in found if are_named([word], [one])]
            found = [one for one in found if choose(one, said, self._vocabulary).mentioned] or found  # 24寸办公那台
            if found and not {product.id for product in found} & {product.id for product in before}:
                alike = [product for product in found if product.category in {one.category for one in before}]
                if len(alike or found) <= POINTED_AT:
                    return tuple(alike or found)
        return ()


def says_an_alias(query: Query, found: Resolution) -> bool:
    """Whether what was ``found`` is one variant, and the words call it by an alias (单包的多少钱)."""
    aliases = [key(alias) for variant in found.variants for alias in variant.aliases]
    return found.kind == "exact" and any(alias and alias in query.text for alias in aliases)
