"""What customers call goods of a list, in fewer words than the shop: 插头 for 灯带插头, 玻璃瓶 for 玻璃奶瓶, 刷子."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from ahocorasick_rs import AhoCorasick

from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import Query, Span, key

_CHINESE = re.compile("[一-鿿]{3,}")
_OF_ANYTHING = frozenset("套装 套餐 组合 商品 产品 系列 用品 配件 款式 服务 专用 通用 家用".split())  # noqa: SIM905


class ShortNames:
    """The short names of some products, found in a question all at once. Not changed after it is built."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._products = tuple(products)
        called: dict[str, list[int]] = {}
        ending: dict[str, list[int]] = {}
        variants: dict[str, None] = {}
        for at, product in enumerate(self._products):
            for name in dict.fromkeys(_short_names(product)):
                called.setdefault(name, []).append(at)
            for last in dict.fromkeys(key(alias)[-1:] or " " for alias in product.aliases):
                ending.setdefault(last, []).append(at)
            aliases = (key(alias) for variant in product.variants for alias in variant.aliases)
            variants.update((alias, None) for alias in aliases if len(alias) > 1)
        self._automaton, self._called = AhoCorasick(called), list(called.values())
        self._ending = ending
        self._of_variants = AhoCorasick(variants)

    def variant_aliases(self, query: Query) -> list[Span]:
        """Where what variants of the products are called stands."""
        return [(start, end) for _, start, end in self._of_variants.find_matches_as_indexes(query.text, True)]

    def called(self, query: Query, valued: Collection[Span]) -> list[tuple[Product, Span]]:
        """The products with the longest short name in ``query``, and where it stands; one character right behind one of
        the spans in ``valued`` will do (4分管). [] if none has one."""
        spans: dict[int, Span] = {}
        matches = self._automaton.find_matches_as_indexes(query.text, True)
        for at, span in ((at, (start, end)) for index, start, end in matches for at in self._called[index]):
            if at not in spans or _length(spans[at]) < _length(span):
                spans[at] = span
        for _, end in valued:
            for at in self._ending.get(query.text[end : end + 1], ()):
                spans.setdefault(at, (end, end + 1))
        longest = max(map(_length, spans.values()), default=0)
        return [(self._products[at], spans[at]) for at in sorted(spans) if _length(spans[at]) == longest]


def _length(span: Span) -> int:
    return span[1] - span[0]


def _short_names(product: Product) -> Iterator[str]:
    """The last two characters of each of its names and more, its beginning with its end, and its last with 子."""
    for name in (*product.aliases, product.category, "" if product.is_titled else product.name):
        word = key(name)
        if not _CHINESE.fullmatch(word[-3:]):
            continue
        yield from (word[at:] for at in range(1, len(word) - 1) if word[at:] not in _OF_ANYTHING)
        yield f"{word[-1]}子"
        if len(word) > 3:
            yield f"{word[:2]}{word[-1]}"
