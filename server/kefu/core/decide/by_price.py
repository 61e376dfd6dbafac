"""Goods that are pointed at by what they cost: 129那款, 便宜的那个."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.reading import Reading

_THING = "[个款种件套盒箱瓶台把双只]"
_COSTS = re.compile(
    rf"(?<![\d.a-z第])(?P<yuan>\d{{1,5}}(?:\.\d{{1,2}})?) ?(?:块钱?|元)?"
    rf"(?:的?[那这]{_THING}|的(?=$|[吗呢还有多来要怎到发]|{_THING}))(?!以)"
)
_END = re.compile(
    rf"(?:便宜|(?P<dear>贵))(?:一?[点些]儿?)?的?[那这]{_THING}|[那这]{_THING}?(?:比较|更)?(?:便宜|(?P<dearer>贵))(?:一?[点些]儿?)?的"
)

Pair = tuple[Product, Variant]


def pointed_at_by_price(reading: Reading, pairs: Sequence[Pair]) -> list[Pair]:
    """Those of ``pairs`` with the price that the message points at, or at the end of their prices that it points at;
    [] if it points at none, or at all of them."""
    text = reading.text.text
    priced = [(product, variant) for product, variant in pairs if variant.price is not None]
    if said := _COSTS.search(text):
        fen = round(float(said["yuan"]) * 100)
        found = [pair for pair in priced if pair[1].price == fen] or [
            pair for pair in priced if "." not in said["yuan"] and (pair[1].price or 0) // 100 * 100 == fen
        ]
    elif (end := _END.search(text)) and priced:
        prices = [variant.price or 0 for _, variant in priced]
        wanted = max(prices) if end["dear"] or end["dearer"] else min(prices)
        found = [pair for pair in priced if pair[1].price == wanted]
    else:
        return []
    return found if len(found) < len(pairs) else []
