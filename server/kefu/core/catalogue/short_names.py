"""What customers call goods of a list, in fewer words than the shop: 插头 for 灯带插头, 玻璃瓶 for 玻璃奶瓶, 刷子."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import Query, Span, key

_CHINESE = re.compile("[一-鿿]{3,}")
_OF_ANYTHING = frozenset("套装 套餐 组合 商品 产品 系列 用品 配件 款式 服务 专用 通用 家用".split())  # noqa: SIM905


def short_names(product: Product) -> Iterator[str]:
    """The last two characters of each of its names and more, its beginning with its end, and its last with 子."""
    for name in (*product.aliases, product.category, "" if product.is_titled else product.name):
        word = key(name)
        if not _CHINESE.fullmatch(word[-3:]):
            continue
        yield from (word[at:] for at in range(1, len(word) - 1) if word[at:] not in _OF_ANYTHING)
        yield f"{word[-1]}子"
        if len(word) > 3:
            yield f"{word[:2]}{word[-1]}"


def called_shortly(products: Iterable[Product], query: Query, valued: Collection[Span]) -> list[tuple[Product, Span]]:
    """The products with the longest short name in ``query``, and where it stands; one character right behind one of
    the spans in ``valued`` will do (4分管). [] if none has one."""
    found: list[tuple[Product, Span]] = []
    behind = {query.text[end : end + 1]: (end, end + 1) for _, end in valued if end < len(query.text)}
    for product in products:
        said = [name for name in short_names(product) if name in query.text]
        spans = [(at, at + len(name)) for name in said if (at := query.text.find(name)) >= 0]
        last = {key(name)[-1:] for name in product.aliases}
        spans += [span for character, span in behind.items() if character in last]
        if spans:
            found.append((product, max(spans, key=lambda span: span[1] - span[0])))
    longest = max((end - start for _, (start, end) in found), default=0)
    return [(product, span) for product, span in found if span[1] - span[0] == longest]
