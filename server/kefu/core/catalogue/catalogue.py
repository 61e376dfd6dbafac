"""The shop's products, compiled: a question → the product and variant it means, or what to ask, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

import numpy as np

from kefu.core.catalogue.delivery.limits import names_a_refusal
from kefu.core.catalogue.names.choose import Choice, choose
from kefu.core.catalogue.names.codes import Codes
from kefu.core.catalogue.names.decided import choice_of, decided, decided_among
from kefu.core.catalogue.names.facets import Facets, content_words
from kefu.core.catalogue.names.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.names.jargon import Jargon
from kefu.core.catalogue.names.labels import which_product
from kefu.core.catalogue.names.model_numbers import ModelNumbers, Numbered
from kefu.core.catalogue.names.pointing import but_variants
from kefu.core.catalogue.names.shop_words import ShopWords
from kefu.core.catalogue.names.short_names import ShortNames
from kefu.core.catalogue.names.spoken_of import Known, SpokenOf, says_an_alias
from kefu.core.catalogue.names.textsearch import ProductSearch
from kefu.core.catalogue.names.vocabulary import Said, Vocabulary, common
from kefu.core.catalogue.names.wording import are_named, has_words
from kefu.core.catalogue.values import JargonTerm, Product, Resolution, Variant, Wanted
from kefu.core.catalogue.words import Query, key

_TAKES = re.compile("^[那就我要来拿给买想先亲再 ]+")
"""Before a thing that is taken (那来两盒原味的)."""

Numbers = tuple[int, ...]
"""Places in `Catalogue.products`."""
NAMED = 2_000
"""So many products' names are looked through for what they are called shortly."""
KNOWN = 200
"""Products with a value among which words of the question choose."""
OFFERED = 8
"""Products among which a value alone still asks, rather than for the kind of thing."""
REMEMBERED = 1_000
"""Texts whose named goods are kept: the stages of a turn ask for the same parts of a message."""


class Catalogue:
    """Built whole, never changed: a worker swaps it for a new one. Jargon changes cheaply, see ``with_jargon``."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = tuple(products)
        keys = [key(product.name) for product in self.products]
        self._at = {product.id: at for at, product in enumerate(self.products)}
        self._names: Gazetteer[Numbers] = Gazetteer(_names(self.products, keys))
        self._codes = Codes(self.products)
        self._numbers = ModelNumbers(self.products)
        self._vocabulary = Vocabulary(self.products)
        self._facets = Facets(self.products, keys, self._vocabulary)
        self._search = ProductSearch(self.products)
        self._short_names = ShortNames(self.products[:NAMED])
        self.words = ShopWords(self.products, self._names, self._facets, self._vocabulary)
        """What the shop's goods, kinds and values are called."""
        self._spoken_of = SpokenOf(self.products, self._names, self._facets, self._vocabulary, self._search)
        self._jargon = Jargon()
        self._by_name = lru_cache(REMEMBERED)(self._named_in)

    @classmethod
    def build(cls, products: Iterable[Product], jargon: Iterable[JargonTerm] = ()) -> Catalogue:
        """Compile; a million variants take seconds. Texts are indexed at once so that no question pays for it."""
        return cls(products).with_jargon(jargon)

    def with_jargon(self, jargon: Iterable[JargonTerm]) -> Catalogue:
        """The same products with other words of the trade; shares everything that is big."""
        twin = Catalogue.__new__(Catalogue)
        twin.__dict__.update(self.__dict__)
        twin._jargon = Jargon(jargon)
        twin._by_name = lru_cache(REMEMBERED)(twin._named_in)
        return twin

    @cached_property
    def not_sent_everywhere(self) -> tuple[Product, ...]:
        """The goods whose descriptions speak of not being sent somewhere."""
        return tuple(product for product in self.products if names_a_refusal(product.description))

    @cached_property
    def all_leave_at_once(self) -> bool:
        """Whether none of the goods has a lead time."""
        return not any(variant.lead_time for product in self.products for variant in product.variants)

    def product(self, product_id: str) -> Product | None:
        at = self._at.get(product_id)
        return None if at is None else self.products[at]

    def thing(self, name: str) -> Product | None:
        """The product of that id or SKU, as conversations remember it."""
        found = self._known(name)
        return found[0] if found else None

    def by_sku(self, sku: str) -> tuple[Product, Variant] | None:
        """The product and variant of that SKU or barcode, whatever the case it is written in."""
        found = self._codes.get(sku)
        return None if found is None else self._at_number(*found)

    def _at_number(self, product: int, variant: int) -> tuple[Product, Variant]:
        return self.products[product], self.products[product].variants[variant]

    @property
    def categories(self) -> tuple[str, ...]:
        return self._facets.categories

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the shop sells: its categories, those with most products first; without any its few products."""
        return self._facets.main_categories or tuple(p.spoken for p in self.products if len(self.products) <= OFFERED)

    def category_in(self, text: str) -> str:
        """The category that a text names, jargon included; ``""`` if none."""
        return self._facets.category(self._jargon.translated(Query.of(text), self.words.where_named)[0])

    def in_plain_words(self, text: str) -> str:
        """A text with what each word of the trade means in its place; as it is where it has none."""
        query, terms = self._jargon.translated(Query.of(text), self.words.where_named)
        return query.text if any(term.means for term in terms) else text

    def in_category(self, category: str, most: int = 500) -> tuple[Product, ...]:
        """Products of the category, at most ``most``."""
        return tuple(self.products[at] for at in self._facets.in_category(category, most))

    def offered(self, text: str, ignore: Sequence[str] = ()) -> list[tuple[Product, Variant]]:
        """Every variant of the kind and with the values that ``text`` names; none if it names no kind of this shop."""
        said = self._vocabulary.read(
            self._jargon.translated(Query.of(_without(text, ignore)), self.words.where_named)[0]
        )
        found = self._facets.find(said)
        if not found.names_a_kind or found.unknown:
            return []
        products = [self.products[at] for at in found.products]
        return [(product, v) for product in products for v in choose(product, said, self._vocabulary).variants]

    def with_value(self, text: str, ignore: Sequence[str] = (), in_part: bool = False) -> Resolution:
        """32g的有吗, 黑色37有吗 with nothing spoken of before: the products that have it, if they are few enough to be
        offered; ``in_part``: also as a word of a longer value (五孔 of 五孔带开关)."""
        said = self._vocabulary.read(Query.of(_without(text, ignore)))
        hits = said.values or (said.parts if in_part else ())
        if not hits:
            return Resolution("none")
        numbers = self._vocabulary.products_with(hits[0].target)
        for hit in hits[1:]:
            numbers = common(numbers, self._vocabulary.products_with(hit.target))
        if not 0 < len(numbers) <= KNOWN:
            return Resolution("none")
        products = [self.products[at] for at in numbers.tolist()]
        for word in content_words(said.query, said.spans):  # 20套水洗棉1米8的 灰色
            named = [product for product in products if len(word) > 1 and word in key(product.name)]
            products = named or products
        if len(products) > OFFERED:
            return Resolution("none")
        return decided_among(self._vocabulary, said, tuple(products), "text")

    def shortly_named(self, text: str, ignore: Sequence[str] = (), spoken_of: Sequence[Product] = ()) -> Resolution:
        """What a thing of a list is called in fewer words than its names have (插头 of 灯带插头), of the goods
        ``spoken_of`` if one of them is; nothing where it has a word that those goods do not have."""
        said = self._vocabulary.read(Query.of(_without(text, ignore)))
        for names in (ShortNames(spoken_of), self._short_names):
            valued = [*said.spans, *names.variant_aliases(said.query)]
            found = [
                product
                for product, span in names.called(said.query, valued)
                if has_words(product, content_words(said.query, [*valued, span]))
            ]
            having = [product for product in found if choice_of(product, said, self._vocabulary).mentioned]
            if found:
                return decided_among(self._vocabulary, said, tuple(having or found), "text")
        return Resolution("none")

    def speaks_only_of(self, text: str, product: Product) -> bool:
        """Whether ``text`` has no word but values and what the product and its variants are called."""
        said = self._vocabulary.read(Query.of(_TAKES.sub("", text)))
        return has_words(
            product, content_words(said.query, [*said.spans, *ShortNames([product]).variant_aliases(said.query)])
        )

    def having(self, text: str, products: Sequence[Product]) -> tuple[Product, ...]:
        """Those of ``products`` with a variant of the values that ``text`` names; none if it names no value of any."""
        return tuple(product for product, choice in self._choices(text, products) if choice.mentioned)

    def chosen(self, product: Product, text: str) -> Resolution:
        """What ``text`` leaves of a product that is known to be meant."""
        said = self._vocabulary.read(Query.of(text))
        return decided(product, choice_of(product, said, self._vocabulary), "last")

    def read(self, text: str) -> Said:
        """What ``text`` says of values."""
        return self._vocabulary.read(Query.of(text))

    def choice(self, product: Product, text: str) -> Choice:
        """What ``text`` tells of a product that is known to be meant, and the variants that it leaves."""
        return choice_of(product, self.read(text), self._vocabulary)

    def kept(self, product: Product, text: str, found: Resolution) -> Resolution | None:
        """What ``text`` asks of ``product``, spoken of before, whatever it was ``found`` to mean by itself; None where
        it names another thing."""
        return self._spoken_of.kept(product, text, found)

    def is_only_in_titles(self, text: str, found: Resolution) -> bool:
        """Whether what was ``found`` has the words of ``text`` only among the search words of its titles (车用的)."""
        said = self._vocabulary.read(Query.of(text))
        return found.how == "text" and not are_named(content_words(said.query, said.spans), found.products)

    def left_of(self, text: str, products: Sequence[Product]) -> list[tuple[Product, tuple[Variant, ...]]]:
        """Of each of ``products`` the variants that the values in ``text`` leave; those with none are left out."""
        return [(product, choice.variants) for product, choice in self._choices(text, products)]

    def _choices(self, text: str, products: Sequence[Product]) -> list[tuple[Product, Choice]]:
        """What ``text`` leaves of each of ``products``, where it leaves something."""
        said = self._vocabulary.read(Query.of(text))
        choices = [(product, choice_of(product, said, self._vocabulary)) for product in products]
        return [(product, choice) for product, choice in choices if choice.variants]

    def resolve(
        self, text: str, *, wanted: Wanted | None = None, last: Sequence[str] = (), ignore: Sequence[str] = ()
    ) -> Resolution:
        """What ``text`` (and the slots in ``wanted``) means.

        ``last`` are product ids or SKUs spoken of before, used when the text itself names nothing. ``ignore`` are
        parts of the text that were understood as something else (a place, a date).
        """
        wanted = wanted or Wanted()
        text = _without(text, ignore)
        if wanted.product or wanted.variant:
            said = f"{wanted.product} {wanted.variant}"
            of_last = last and not wanted.product
            found = (
                self._spoken_of.meant(self.read(said), self._all_known(last)) if of_last else self._resolve(said, last)
            )
            if found.kind != "none" or not text:
                return self._narrow_by(found, text)
        return self._resolve(text, last)

    def named(self, text: str, ignore: Sequence[str] = ()) -> Resolution:
        """As `resolve`, by names, codes and kinds alone: words that would have to be searched for mean nothing."""
        return self._by_name(_without(text, ignore))

    def _named_in(self, text: str) -> Resolution:
        return self._resolve(text, (), search=False)

    def every_named(self, text: str) -> tuple[Product, ...]:
        """As `named`, and what the names that it left out stand for: values of one thing of a list (一双浅色的A和5双B)
        choose none of another."""
        found = self.named(text).products
        if not found:
            return ()
        named = ([self.products[at] for at in hit.target] for hit in self._names.find(Query.of(text)))
        return (*found, *(one for products in named if not {*products} & {*found} for one in products))

    def _narrow_by(self, found: Resolution, text: str) -> Resolution:
        """The slots left several variants: let the sentence decide."""
        if found.kind != "ambiguous" or found.product is None or not text:
            return found
        choice = choose(found.product, self._vocabulary.read(Query.of(text)), self._vocabulary)
        return decided(found.product, choice, found.how) if choice.variants else found

    def _resolve(self, text: str, last: Sequence[str], search: bool = True) -> Resolution:
        written = Query.of(text)
        codes = self._codes.find(written)  # as written: SSD in SSD-XL7-1T is no jargon
        if len(codes) == 1:
            product, variant = self._at_number(*codes[0])
            return Resolution("exact", product, (variant,), how="code")
        query, terms = self._jargon.translated(written, self.words.where_named)
        pinned = [pin for term in terms if (pin := self._pinned(term))]
        said = self._vocabulary.read(query)
        known = self._all_known(last)
        if not query.text and not pinned:
            return self._spoken_of.meant(said, known)
        kinds = self._facets.kinds(query)
        named = self._names.find(query)
        kinds = but_variants(query, kinds, named, self._variants_of)
        named = but_variants(query, named, named, self._variants_of)
        hits = [hit for hit in named if not self._facets.are_told_by(query, kinds, hit.span, hit.target)]
        if pinned or hits:
            return self._from_names(said, hits, pinned)
        found = self._facets.find(said, kinds)
        found_numbers = self._numbers.find(query)
        numbered = [one for one in found_numbers if not self._facets.are_told_by(query, kinds, one.span, one.products)]
        if numbered:
            meant = self._from_numbers(said, numbered, found.category)
            if meant is not None:
                return meant
        if found.names_a_kind:
            products = tuple(self.products[at] for at in found.products)
            spans = [hit.span for hit in kinds]
            return decided_among(self._vocabulary, said, products, "facets", found.unknown, found.category, spans)
        if not search:
            return Resolution("none")
        values = said.spans
        if (last or values) and not content_words(query, values):
            if called := self._spoken_of.pointed_at(said, known):  # 刻字的有豆沙色吗, after another lipstick
                return decided_among(self._vocabulary, said, called, "text")
            return self._spoken_of.meant(said, known)  # XL alone, with nothing spoken of before, names no product
        found_by_text = self._from_text(said)
        if found_by_text.kind == "none" and (called := self._spoken_of.pointed_at(said, known)):
            return decided_among(self._vocabulary, said, called, "text")
        if last and found_by_text.kind == "none":
            from_last = self._spoken_of.meant(said, known)
            if not found_by_text.unknown or says_an_alias(query, from_last) or self._spoken_of.tells(said, known):
                return from_last  # 什么时候能到: words, but no thing asked for; 单包的多少钱: its own variant
        return found_by_text

    def _variants_of(self, numbers: Numbers) -> Sequence[Variant]:
        """The variants of what a name stands for, if it is one product."""
        return self.products[numbers[0]].variants if len(numbers) == 1 else ()

    def _with_what_is_said(self, said: Said, numbers: Sequence[int]) -> Sequence[int]:
        """Those with every value said of which some have it (DDR4 of all that is for 笔记本)."""
        for value in dict.fromkeys((*(hit.target for hit in said.values), *(amount for amount, _, _ in said.amounts))):
            posting = self._vocabulary.products_with(value)
            having = frozenset(common(np.array(sorted(numbers), dtype=np.uint32), posting).tolist())
            numbers = [at for at in numbers if at in having] or numbers
        return numbers

    def _pinned(self, term: JargonTerm) -> tuple[Product, Variant | None] | None:
        """The product, or the one variant, that a word of the trade was given for."""
        product = self.product(term.product)
        return self.by_sku(term.sku) or ((product, None) if product else None)

    def _from_names(
        self, said: Said, hits: list[Hit[Numbers]], pinned: list[tuple[Product, Variant | None]]
    ) -> Resolution:
        named = [self.products[at] for hit in hits for at in hit.target]
        products = tuple({product.id: product for product in (*(product for product, _ in pinned), *named)}.values())
        exact = {variant.sku: variant for _, variant in pinned if variant}
        if len(exact) == 1 and len(products) == 1:
            return Resolution("exact", products[0], tuple(exact.values()), how="code")
        found = decided_among(self._vocabulary, said, products, "name", spans=[hit.span for hit in hits])
        if found.kind == "none" and found.product and found.unknown:
            shared = tuple(said.query.text[hit.start : hit.end] for hit in hits)
            return self._spoken_of.sibling(said, found.product, (found.unknown, *shared)) or found
        return found

    def _from_numbers(self, said: Said, numbered: Sequence[Numbered], category: str) -> Resolution | None:
        """The products of the model numbers said, of the ``category`` if one is named; None if there are none."""
        numbers = dict.fromkeys(at for one in numbered for at in one.products)
        products = tuple(self.products[at] for at in numbers)
        products = tuple(product for product in products if category in ("", product.category))
        values = {(hit.start, hit.end) for hit in said.values}
        spans = [(one.start, one.end) for one in numbered if (one.start, one.end) not in values]
        return decided_among(self._vocabulary, said, products, "name", spans=spans) if products else None

    def sibling(self, product: Product, text: str) -> Resolution | None:
        """The one other product of the category whose name holds the amount in ``text`` (65W充电器，还有100W的)."""
        said = self._vocabulary.read(Query.of(text))
        words = [said.query.folded[start:end] for _, start, end in said.amounts]
        return self._spoken_of.sibling(said, product, words[:1]) if words else None

    def _all_known(self, names: Sequence[str]) -> Known:
        return [found for name in names if (found := self._known(name))]

    def _known(self, name: str) -> tuple[Product, Variant | None] | None:
        product = self.product(name)
        return (product, None) if product else self.by_sku(name)

    def _from_text(self, said: Said) -> Resolution:
        found = self._search.find(said.query, said.spans)
        if not found.products:
            return Resolution("none", unknown=found.unknown)
        left = self._with_what_is_said(said, found.products) if found.sure else found.products
        products = tuple(self.products[at] for at in left)
        if found.sure:
            return decided_among(self._vocabulary, said, products, "text")
        question = which_product(products) if len(products) > 1 else f"您说的是“{products[0].spoken}”吗？"
        return Resolution("ambiguous", candidates=products, question=question, how="fuzzy", unknown=found.unknown)


def _without(text: str, parts: Sequence[str]) -> str:
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, " ") if part else text
    return text


def _names(products: Sequence[Product], keys: Sequence[str]) -> dict[str, Numbers]:
    """Names of products → what they name; a name of several names them all."""
    names: dict[str, Numbers] = {}
    for at, product in enumerate(products):
        for name in dict.fromkeys((keys[at], *map(key, product.aliases))):
            names[name] = (*names.get(name, ()), at)
    return names
