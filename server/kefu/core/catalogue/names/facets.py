"""Brands and categories: finding products by what they are rather than by name."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kefu.core.catalogue.names.choose import choose, is_called
from kefu.core.catalogue.names.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.names.vocabulary import NOTHING, Said, Vocabulary, common
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import COLOURS, SMALL_TALK, TIMES, Query, Span, is_free, key, measures
from kefu.core.text import tokenise

Facet = tuple[str, str]
"""(``brand``, ``category`` or ``noun``, a common ending of categories; its name)."""

_LOOK = re.compile("[问看查瞧](?:一?下|一[问看])")
"""Its last character must not be read as the first of a name (问下雀影鼠标)."""

_YEAR = re.compile(r"(?<!\d)(?:20)?[012]\d ?(?:款|年)")
"""23款, 2019年: of what the goods are for, no name."""
_SO_MANY = re.compile(r"(?<![a-z\d.])\d{1,3} ?[个件条双只台套张盒箱包袋瓶罐块片支根把串份颗粒枚](?![a-z])")
"""12盒, 10个: how many, no name."""

_FOR = ("", "的", "用的", "专用", "专用的", "配的")
"""Between what goods are for and their kind."""

MOST = 200
"""More products than this are not told apart any further: the answer is a question anyway."""


@dataclass(frozen=True, slots=True)
class FacetMatch:
    """``products`` (numbers) that have every facet named; ``unknown`` words before the kind that none of them has."""

    names_a_kind: bool
    products: tuple[int, ...] = ()
    unknown: str = ""
    category: str = ""


class Facets:
    """Posting lists of brands and categories."""

    def __init__(self, products: Sequence[Product], names: Sequence[str], vocabulary: Vocabulary) -> None:
        """``names`` are the products' names as :func:`words.key` makes them."""
        self._names = names
        self._products = products
        self._vocabulary = vocabulary
        postings: dict[Facet, array[int]] = {}
        for at, product in enumerate(products):
            for facet in (("brand", product.brand), ("category", product.category)):
                if facet[1]:
                    postings.setdefault(facet, array("I")).append(at)
        self._postings = {facet: np.frombuffer(found, dtype=np.uint32) for facet, found in postings.items()}
        for noun, found in {**_endings(products, self._postings), **_nouns(self._postings)}.items():
            self._postings["noun", noun] = found
        sizes = {name: len(found) for (kind, name), found in self._postings.items() if kind == "category"}
        self.categories = tuple(sizes)
        self.main_categories = tuple(sorted(sizes, key=lambda name: -sizes[name]))
        self._kinds = Gazetteer({key(facet[1]): facet for facet in self._postings})
        self._heads, shared = _heads([name for name in self.categories if self._is_called_by_its_head(name)])
        for head, names in shared.items():
            self._heads[head] = ("noun", head)
            self._postings["noun", head] = np.unique(np.concatenate([self._postings["category", n] for n in names]))

    def _is_called_by_its_head(self, category: str) -> bool:
        """Whether its last character may stand for its goods: not where these are called otherwise, as those of 阀门
        whose names end in 阀 are no 门. Titles and numbers do not tell."""
        products = [self._products[at] for at in self.in_category(category, LOOKED_AT)]
        names = [key(one) for product in products for one in product.aliases[:NAMES]]
        names += [key(product.name) for product in products if not product.is_titled]
        telling = [name for name in names if "一" <= name[-1:] <= "鿿"]
        return not telling or any(key(category) in name or name[-1] == key(category)[-1:] for name in telling)

    def kinds(self, query: Query) -> list[Hit[Facet]]:
        """Brands and categories named in ``query``; a category by its last character only where none is named."""
        found = self._kinds.find(query)
        if self._heads and all(hit.target[0] == "brand" for hit in found):
            found += [hit for match in _HEAD.finditer(query.text) for hit in self._headed(match, found)]
        return found

    def _headed(self, match: re.Match[str], found: Sequence[Hit[Facet]]) -> list[Hit[Facet]]:
        """The category whose last character stands alone there."""
        facet = self._heads.get(match[1])
        free = is_free(match.span(1), (hit.span for hit in found))
        return [Hit(*match.span(1), facet)] if facet and free else []

    def are_told_by(self, query: Query, kinds: Sequence[Hit[Facet]], name: Span, numbers: Collection[int]) -> bool:
        """Whether the name at these places, of the goods ``numbers``, only tells which of one of the ``kinds`` in
        ``query`` is meant, which are other goods: v8的滤芯 and 滤芯（V8） are filters."""
        start, end = name
        for kind in kinds:
            if kind.target[0] == "brand":
                continue
            goods = self._postings[kind.target]
            if kind.start >= end and query.text[end : kind.start] in _FOR:
                return not {*goods.tolist()}.intersection(numbers)
            if kind.end == start and not {*goods.tolist()}.intersection(numbers):
                return self._have_value(goods[:MOST], query.text[start:end])
        return False

    def _have_value(self, goods: np.ndarray, value: str) -> bool:
        variants = (variant for at in goods.tolist() for variant in self._products[at].variants)
        return any(key(one) == value for variant in variants for _, one in variant.attributes)

    def is_brand(self, word: str) -> bool:
        return self._kinds.get(key(word)) == ("brand", word)

    def category(self, query: Query) -> str:
        """The first category named, ``""`` if none."""
        return _category(self.kinds(query))

    def in_category(self, category: str, most: int | None = None) -> tuple[int, ...]:
        """Numbers of the products in it, at most ``most``."""
        return tuple(self._postings.get(("category", category), NOTHING)[:most].tolist())

    def find(self, said: Said, kinds: Sequence[Hit[Facet]] | None = None) -> FacetMatch:
        """Products by brand and category said; other words may narrow them, or be unknown.

        ``kinds`` are those of the question, where they were read already."""
        hits = self.kinds(said.query) if kinds is None else kinds
        if not hits:
            return FacetMatch(False)
        category = _category(hits)
        facets = list(dict.fromkeys(hit.target for hit in hits))
        products = self._postings[facets[0]]
        for facet in facets[1:]:
            products = common(products, self._postings[facet])
        if not len(products):
            return FacetMatch(True, self.in_category(category, 5), "".join(name for _, name in facets), category)
        return self._narrowed(said, hits, products, category)

    def _narrowed(self, said: Said, hits: Sequence[Hit[Facet]], products: np.ndarray, category: str) -> FacetMatch:
        spans = [(hit.start, hit.end) for hit in hits] + [(hit.start, hit.end) for hit in said.values]
        for value in dict.fromkeys([*(hit.target for hit in said.values), *(amount for amount, _, _ in said.amounts)]):
            fitting = common(products, self._vocabulary.products_with(value))
            if not len(fitting) and self._vocabulary.attributes_of(value) and not value.endswith(TIMES):
                fitting = self._having(said, products)  # 五座 of 五座全套, 3斤 of what is for 1-2kg
                if not len(fitting):
                    return FacetMatch(True, _first(products), value, category)
            products = fitting if len(fitting) else products
        words = content_words(said.query, spans)
        if all(hit.target[0] == "noun" and len(hit.target[1]) == 1 for hit in hits):
            words = [word for word in words if _stands_before(said.query, word, hits)]  # 客厅25平买哪个灯
        for word in words:
            held = np.array([word in self._names[at] for at in products.tolist()], dtype=bool)
            if not held.any():
                some = (self._products[at] for at in products.tolist()[:MOST])
                held = np.array([len(word) > 1 and is_called([word], each.variants) for each in some], dtype=bool)
            if not held.any() and _before_kind(said.query, word, hits):
                return FacetMatch(True, _first(products), word + (category or hits[-1].target[1]), category)
            products = products[: len(held)][held] if held.any() else products
        return FacetMatch(True, tuple(products[:MOST].tolist()), "", category)

    def _having(self, said: Said, products: np.ndarray) -> np.ndarray:
        """Those with a variant that all values said leave, in whatever words."""
        choices = [choose(self._products[at], said, self._vocabulary) for at in products.tolist()[:LOOKED_AT]]
        held = np.array([bool(choice.mentioned and choice.variants) for choice in choices], dtype=bool)
        return products[: len(held)][held]


LOOKED_AT = 50
"""Products of a kind at most of which each is asked whether it has what was said."""


def _nouns(postings: Mapping[Facet, np.ndarray]) -> dict[str, np.ndarray]:
    """裤子 → the products of every category that ends in 裤, where no category is called so itself."""
    endings: dict[str, list[np.ndarray]] = {}
    for (kind, name), products in postings.items():
        noun = f"{name[-1:]}子"
        if kind == "category" and len(name) > 1 and ("category", noun) not in postings and name[-1:] != "子":
            endings.setdefault(noun, []).append(products)
    return {noun: np.unique(np.concatenate(found)) for noun, found in endings.items()}


_HEAD = re.compile(
    r"(?<![^的这那个款条张根双只带要买配送来a-z\d])([一-鿿])(?=$|[有还呢吗的多能要也和跟在是怎什啥哪可支会卖缺补没])"
)
"""Where one character is a word of its own: 15的壳有吗, 那线呢, 带线吗."""
_ACTS = frozenset("发用卖送买拍退换装洗护理修养改做寄配")
"""Also something that is done: 发北京 asks for no 洗护发."""
_COUNTS = frozenset("个件条双只台套张盒箱包袋瓶罐块片支根本把份组对颗粒枚桶斤米码号")
"""Also counts things: 一包 is no bag."""


def _heads(categories: Sequence[str]) -> tuple[dict[str, Facet], dict[str, list[str]]]:
    """壳 → the one category that ends in it (手机壳), 床 → the category of that name; and 鞋 → the few that end in it
    (跑鞋, 徒步鞋)."""
    ends: dict[str, list[str]] = {name: [name] for name in categories if len(name) == 1}
    for name in categories:
        if (
            len(name) > 1
            and name[-1] not in categories
            and "一" <= name[-1] <= "鿿"
            and name[-1] not in _COUNTS | _ACTS
            and f"{name[-1]}色" not in COLOURS
        ):
            ends.setdefault(name[-1], []).append(name)
    shared = {head: names for head, names in ends.items() if 1 < len(names) <= OF_A_HEAD}
    return {head: ("category", names[0]) for head, names in ends.items() if len(names) == 1}, shared


OF_A_HEAD = 4
"""Categories at most that one character may stand for."""


def stands_for(categories: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """One character → the categories that it means where it is said alone."""
    heads, shared = _heads(categories)
    return {head: tuple(shared.get(head, (facet[1],))) for head, facet in heads.items()}


NAMES = 20
"""Names of one product at most that are looked at for what it is called."""
_OF_ANYTHING = frozenset("服务 套装 套餐 组合 商品 产品 系列 用品 配件 款式".split())  # noqa: SIM905
"""Last words of names that say nothing of the thing."""


def _endings(products: Sequence[Product], kinds: Mapping[Facet, np.ndarray]) -> dict[str, np.ndarray]:
    """滤芯 → the products with a name that ends so, where category and name of one do (吸尘器滤芯, V8滤芯), if it is no
    kind already."""
    taken = {key(name) for _, name in kinds} | SMALL_TALK | _OF_ANYTHING
    found: dict[str, dict[int, None]] = {}
    sure: set[str] = set()
    for at, product in enumerate(products):
        called = [product.category, *product.aliases, *(alias for v in product.variants for alias in v.aliases)]
        names = {name for name in (product.name, *called[:NAMES]) if name}
        ends = Counter(end for name in names if (end := _last_word(name)) and end not in taken)
        for end, times in ends.items():
            found.setdefault(end, {})[at] = None
            if times > 1 and end not in names and product.category.endswith(end):
                sure.add(end)
    return {end: np.array(list(found[end]), dtype=np.uint32) for end in sorted(sure)}


def _last_word(name: str) -> str:
    """The Chinese word of two characters and more in which a name ends; ``""`` if it ends in none."""
    words = tokenise(name)
    last = "".join(words[-2:]) if words and len(words[-1]) == 1 else "".join(words[-1:])
    return last if len(last) > 1 and all("一" <= c <= "鿿" for c in last) and not last.endswith("的") else ""


def _category(hits: Sequence[Hit[Facet]]) -> str:
    return next((hit.target[1] for hit in hits if hit.target[0] == "category"), "")


def _first(products: np.ndarray) -> tuple[int, ...]:
    return tuple(products[:5].tolist())


def content_words(query: Query, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Words outside ``spans`` that are no small talk and no amount: what may name a product."""
    blanked = list(query.text)
    for start, end in spans:
        blanked[start:end] = " " * (end - start)
    spaced = "".join((" " if not joined else "") + c for c, joined in zip(blanked, query.joined, strict=True))
    for _, start, end in reversed(list(measures(spaced))):
        spaced = spaced[:start] + " " * (end - start) + spaced[end:]
    for pattern in (_LOOK, _YEAR, _SO_MANY):
        spaced = pattern.sub(lambda match: " " * len(match[0]), spaced)
    return [word for word in tokenise(_OR_NOT.sub(" ", spaced)) if _says_something(word)]


_WHICH = re.compile("哪一?[个款种件条双只台套张盒箱包袋瓶罐块片支根把串副枚本样边]")
"""那我要哪根: asks which, and names none."""
_OR_NOT = re.compile(r"(.)[不没唔]\1")
"""发不发, 透唔透: whether it is so, no thing."""


def _says_something(word: str) -> bool:
    if len(word) == 1:
        return "a" <= word <= "z"
    if "." in word and word.replace(".", "").isdigit():
        return False  # 1.7的: an amount without its unit
    if _SIZED.fullmatch(word) or _WHICH.fullmatch(word):
        return False
    return word not in SMALL_TALK and not (word[0] in "那这就还" and word[1:] in SMALL_TALK)


_SIZED = re.compile("[大中小][袋包瓶罐盒桶箱支件只条号码款杯]|[一几每多这头上下][次回遍]")
"""大袋, 一次: how big or how often, no thing."""


def _before_kind(query: Query, word: str, hits: Sequence[Hit[Facet]]) -> bool:
    """Whether ``word`` stands right before a category, or looks like a model number: then it names a thing."""
    if any("a" <= c <= "z" for c in word) and any(c.isdigit() for c in word):
        return True
    if any(hit.target[0] == "brand" for hit in hits):
        return False
    return _stands_before(query, word, hits)


def _stands_before(query: Query, word: str, hits: Sequence[Hit[Facet]]) -> bool:
    return any(query.text[: hit.start].endswith(word) for hit in hits)
