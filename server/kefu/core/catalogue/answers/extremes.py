"""Answers to 最便宜的是哪款, 最贵的呢 and 一百以内的有吗: by the shop's own prices, of what is there."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from kefu.core.catalogue.answers.said_of_stock import priced
from kefu.core.catalogue.answers.shelf import Shelf, StockAnswer
from kefu.core.catalogue.names.labels import full_name
from kefu.core.catalogue.phrases import opening, say_moment
from kefu.core.catalogue.values import Product, Variant

Extreme = Literal["cheapest", "dearest"]

_CHEAPEST = re.compile(r"最(?:便宜|低价?|实惠|[划合]算)|便宜一?点儿?的|(?:哪|什么|啥).{0,3}(?:便宜|实惠)")
_DEAREST = re.compile(r"最(?:贵|高价|顶配)|(?:哪|什么|啥).{0,3}最?贵")
SHOWN = 3


def extreme_in(text: str) -> Extreme | None:
    """Which end of the prices a sentence asks for."""
    if _CHEAPEST.search(text):
        return "cheapest"
    return "dearest" if _DEAREST.search(text) else None


def extreme_answer(
    shelf: Shelf,
    pairs: Sequence[tuple[Product, Variant]],
    extreme: Extreme | None,
    within: tuple[float, float] | None = None,
    *,
    of_those_listed: bool = False,
) -> StockAnswer | None:
    """The one at that end among ``pairs`` that are in stock or can be ordered, and the next ones; None where no price
    is known.

    ``within`` are the least and the highest price asked for; where nothing costs that, it is said, with the cheapest,
    or where nothing costs so much with the dearest. ``of_those_listed``: it is said that others are not looked at.
    """
    states = shelf.states([variant.sku for _, variant in pairs])
    there = [(p, v) for p, v in pairs if v.price is not None and states[v.sku].can_be_bought]
    if not there:
        return None
    fitting = [(p, v) for p, v in there if within is None or within[0] <= (v.price or 0) <= within[1]]
    dearest = extreme == "dearest" if fitting or within is None else math.isinf(within[1])
    by_price = sorted(fitting or there, key=lambda pair: (pair[1].price or 0, pair[1].sku), reverse=dearest)
    ranked = (by_price if extreme or not fitting else _of_different_products(by_price))[:SHOWN]
    first, *others = [f"{full_name(p, v)}，{priced(shelf, p, v, states[v.sku])}" for p, v in ranked]
    kept = "有现货的" if all(states[v.sku].kind == "in" and not p.virtual for p, v in ranked) else "可以下单的"
    dates = [as_of for _, v in ranked if (as_of := states[v.sku].as_of)]
    counted = f"（库存更新于{say_moment(min(dates), shelf.now)}）" if dates else ""
    which = f"最{'贵' if dearest else '便宜'}的是{first}。" + (f"其次是{'；'.join(others)}。" if others else "")
    if not fitting:
        said = f"这个价位的目前没有{'现货' if kept == '有现货的' else ''}，{kept}里面{which}"
    elif extreme is None:
        said = f"这个价位{kept}有：{'；'.join((first, *others))}。"
    else:
        among = "这个价位" if within else "目前"
        said = f"刚才这些里，{kept}{which}" if of_those_listed else f"{among}{kept}里面{which}"
    reply = f"{opening(shelf.address)}{said}{counted}"
    product, variant = ranked[0]
    state = states[variant.sku]
    return StockAnswer(
        True, reply, state.kind == "in", quantity=state.quantity, as_of=state.as_of, product=product.id,
        skus=tuple(v.sku for _, v in ranked),
    )  # fmt: skip


def _of_different_products(pairs: Sequence[tuple[Product, Variant]]) -> list[tuple[Product, Variant]]:
    """The first of each product; the rest follow only where there is one product."""
    firsts = {product.id: (product, variant) for product, variant in reversed(pairs)}
    return list(pairs) if len(firsts) == 1 else [pair for pair in pairs if firsts[pair[0].id] == pair]
