"""The answer where several variants are meant: each with its stock and price, or the question which one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kefu.core.catalogue.answers.said_of_stock import (
    ASK_PLACE,
    amount,
    asks_when,
    costs_together,
    makes_a_sum,
    of_its_return,
    priced,
    promised,
)
from kefu.core.catalogue.answers.shelf import Ask, Shelf, StockAnswer, StockState
from kefu.core.catalogue.names.labels import common_name, label
from kefu.core.catalogue.phrases import (
    WHICH_ONE,
    apart,
    opening,
    say_moment,
    say_prices,
)
from kefu.core.catalogue.values import Product, Variant

LISTED = 6
"""Up to so many undecided variants are answered one by one; more are asked about."""


def several_variants(
    shelf: Shelf, product: Product, variants: Sequence[Variant], question: str, ask: Ask
) -> StockAnswer:
    """Few undecided variants: each with its own stock; many: the question. What is the same for all is told with it."""
    skus = tuple(variant.sku for variant in variants)
    states = shelf.states(skus) if len(variants) <= LISTED or asks_when(ask) else {}
    head = opening(shelf.address)
    prices = {variant.price for variant in variants}
    promise = _promise_of_all(shelf, product, states, ask)
    asks_where = promise.endswith(ASK_PLACE)
    missing, asked = (("place",), f"{ASK_PLACE}。") if asks_where else (("variant",), question)
    if len(variants) > LISTED:
        told, which = "", question
        if ask.focus == "price" and (known := [price for price in prices if price is not None]):
            told = (
                f"{apart(common_name(product, variants))}{say_prices(known, product.unit)}{'。' if promise else '，'}"
            )
            which = question.removeprefix(product.spoken).removeprefix("的")
        if promise:
            which = f"{promise}。{'' if asks_where else question}"
        return StockAnswer(
            True, head + told + which, missing=missing, ask=asked, route="ask", product=product.id, skus=skus[:20]
        )
    dates = [state.as_of for state in states.values() if state.as_of]
    as_of = f"（库存更新于{say_moment(min(dates), shelf.now)}）" if dates else ""
    gone = all(state.kind == "out" for state in states.values())
    later = of_its_return(product.description) if gone and not any(state.incoming for state in states.values()) else ""
    ask_which = f"{later}。" if later else WHICH_ONE
    cost = ""
    if ask.focus == "price" and len(prices) == 1 and makes_a_sum(product, ask.quantity) and (price := prices.pop()):
        cost = f"{costs_together(product, price, ask.quantity)}。"
    if promise:
        ask_which = f"{promise}。{'' if asks_where else ask_which}"
    elif asks_when(ask):
        ask_which = f"{WHICH_ONE}我帮您看送达时间。"
    reply = f"{head}{apart(product.spoken)}{_listed(shelf, product, variants, states, ask)}{as_of}。{cost}{ask_which}"
    return StockAnswer(
        True, reply, as_of=min(dates, default=None), missing=() if later else missing,
        ask="" if later else asked, product=product.id, skus=skus,
        uncertain=all(state.kind == "unknown" for state in states.values()),
    )  # fmt: skip


def _promise_of_all(shelf: Shelf, product: Product, states: Mapping[str, StockState], ask: Ask) -> str:
    """What is promised of every variant that can be bought, if that is the same; ``""`` when nobody asked."""
    told = {promised(shelf, product, state, ask)[0] for state in states.values() if state.can_be_bought}
    return told.pop() if len(told) == 1 else ""


def _listed(
    shelf: Shelf, product: Product, variants: Sequence[Variant], states: Mapping[str, StockState], ask: Ask
) -> str:
    """What is to be said of each: S、M：95.00元，暂时缺货；L：95.00元，现货3件. A count is one variant's."""
    alike: dict[tuple[str, str], list[str]] = {}
    for variant in variants:
        state = states[variant.sku]
        of_one = variant.sku if state.kind == "in" and not product.virtual else ""
        alike.setdefault((_short(shelf, product, variant, state, ask), of_one), []).append(label(product, variant))
    colon = "：" if ask.focus == "price" else ""
    comma = "；" if colon or len(alike) < len(variants) else "、"
    return comma.join(f"{'、'.join(names)}{colon}{said}" for (said, _), names in alike.items())


def _short(shelf: Shelf, product: Product, variant: Variant, state: StockState, ask: Ask) -> str:
    return priced(shelf, product, variant, state) if ask.focus == "price" else amount(shelf, product, state)
