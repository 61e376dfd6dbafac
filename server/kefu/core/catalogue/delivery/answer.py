"""Answers about delivery of what was spoken of before, or of anything in stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kefu.core.catalogue.answers.said_of_stock import ASK_PLACE, VIRTUAL, coming
from kefu.core.catalogue.answers.shelf import Ask, Shelf, StockAnswer, StockState, refused
from kefu.core.catalogue.answers.stock import stock_answer
from kefu.core.catalogue.delivery.promises import promise_delivery
from kefu.core.catalogue.names.labels import full_name
from kefu.core.catalogue.phrases import opening, say_number, some_of
from kefu.core.catalogue.values import Product, Resolution, Variant

SHOWN = 4
"""Things named at most of those with one promise."""


def delivery_answer(shelf: Shelf, skus: Sequence[str], ask: Ask, *, of_before: bool = False) -> StockAnswer:
    """Whether the things in ``skus`` (of this turn or the one before) arrive at ``ask.place`` in time.

    One SKU is answered with its stock. Several share a promise where the same warehouses hold them. None: what any
    warehouse promises, said to hold for goods in stock only. ``of_before``: the message names none of them, so the
    answer says which product it is of, where it is of one.
    """
    known = [found for sku in dict.fromkeys(skus) if (found := shelf.catalogue.by_sku(sku))]
    if len(known) == 1:
        product, variant = known[0]
        asked = Ask(ask.place, ask.when, ask.quantity, "delivery")
        return stock_answer(shelf, Resolution("exact", product, (variant,), how="last"), asked)
    if known and all(product.virtual for product, _ in known):
        return _said(shelf, VIRTUAL, True, skus)
    if ask.place is None:
        ask_place = f"{ASK_PLACE}。"
        reply = opening(shelf.address) + ask_place
        return StockAnswer(bool(known), reply, missing=("place",), ask=ask_place, route="ask", skus=tuple(skus))
    if not known:
        return _anything(shelf, ask)
    sent = [pair for pair in known if not pair[0].virtual]
    one = sent[0][0].spoken if of_before and len({product.id for product, _ in sent}) == 1 else ""
    return _several(shelf, sent, ask, skus, one)


def _anything(shelf: Shelf, ask: Ask) -> StockAnswer:
    assert ask.place is not None
    found = promise_delivery(shelf.book, shelf.book.warehouses, ask.place, shelf.now, ask.when)
    if found.possible is None:
        return _said(shelf, found.sentence, None, (), uncertain=True)
    others = "" if shelf.catalogue.all_leave_at_once else "，需备货和预售的商品除外"
    hint = f"（以下单时有库存为准{others}，您也可以告诉我具体商品，我帮您确认）" if found.arrival else ""
    return _said(shelf, found.sentence + hint, found.possible, ())


def _several(
    shelf: Shelf, known: Sequence[tuple[Product, Variant]], ask: Ask, skus: Sequence[str], of: str
) -> StockAnswer:
    """One promise for all that the data say is there or can be ordered; the others are named, not promised. ``of`` is
    the name of what is promised, "" if it need not be said."""
    assert ask.place is not None
    states = shelf.states([variant.sku for _, variant in known])
    there = [(p, v) for p, v in known if states[v.sku].can_be_bought]
    few = [(p, v) for p, v in there if 0 < states[v.sku].quantity < ask.quantity]
    if not there:
        if no := refused(shelf, skus, ask.place):
            return _said(shelf, no, False, skus)
        unsure = any(states[v.sku].kind == "unknown" for _, v in known)
        said = (
            "这几款的库存暂不确定，我请同事帮您核实后再回复您" if unsure else "这几款目前都缺货，暂时不能承诺送达时间"
        )
        return _said(shelf, said, None if unsure else False, skus, uncertain=unsure)
    groups: dict[tuple[str, bool | None], list[tuple[Product, Variant]]] = {}
    for product, variant in [pair for pair in there if pair not in few] or there:
        found = shelf.promise(states[variant.sku], ask.place, ask.when, ask.quantity)
        groups.setdefault((found.sentence, found.possible), []).append((product, variant))
    head = f"{of}：" if of else ""
    parts = [
        head + sentence if len(groups) == 1 else f"{_names(pairs)}：{sentence}"
        for (sentence, _), pairs in groups.items()
    ]
    if few:
        held = some_of([f"{full_name(p, v)}只有{states[v.sku].quantity}{p.unit}" for p, v in few], SHOWN)
        parts.append(f"{held}，不够您要的{say_number(ask.quantity)}{few[0][0].unit}")
    if gone := [pair for pair in known if states[pair[1].sku].kind == "out"]:
        parts.append(f"另外{some_of([_sold_out(shelf, pair, states) for pair in gone], SHOWN)}")
    if unknown := [pair for pair in known if states[pair[1].sku].kind == "unknown"]:
        parts.append(f"另外{_names(unknown)}的库存目前不能确认，暂不能承诺")
    verdicts = {possible for _, possible in groups}
    possible = verdicts.pop() if len(verdicts) == 1 else None
    dates = [states[v.sku].as_of for _, v in there]
    return _said(shelf, "；".join(parts), possible, skus, as_of=min(filter(None, dates), default=None), states=states)


def _names(pairs: Sequence[tuple[Product, Variant]]) -> str:
    return some_of([full_name(product, variant) for product, variant in pairs], SHOWN)


def _sold_out(shelf: Shelf, pair: tuple[Product, Variant], states: dict[str, StockState]) -> str:
    """What is not there, and when it comes."""
    return f"{full_name(*pair)}目前缺货{coming(states[pair[1].sku], shelf.now)}"


def _said(
    shelf: Shelf, sentence: str, possible: bool | None, skus: Sequence[str], *, uncertain: bool = False,
    as_of: datetime | None = None, states: dict[str, StockState] | None = None,
) -> StockAnswer:  # fmt: skip
    return StockAnswer(
        True, f"{opening(shelf.address)}{sentence}。", uncertain=uncertain or "暂不确定" in sentence, delivery=sentence,
        deliverable=possible, route="delivery", skus=tuple(skus), as_of=as_of,
        available=bool(states) and all(state.kind == "in" for state in states.values()) if states else False,
    )  # fmt: skip
