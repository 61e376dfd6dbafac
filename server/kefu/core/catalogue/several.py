"""Several things in one sentence (A和B都有货吗): each found by its own words, answered by its own rows, never mixed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.phrases import opening
from kefu.core.catalogue.stock import Ask, Shelf, StockAnswer, stock_answer
from kefu.core.catalogue.values import Resolution

MOST = 3
"""So many things are answered at once; of more the sentence would be too long to read."""

_BETWEEN = re.compile(
    r"还有|以及|加上|加(?=[一二两三四五六七八九十\d]?[个支瓶件条盒包只双张台套把])|另外|或者|还是|再[来要加拿配买]个?|[和跟与及、，,；;。\n]"
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A part of a sentence, ``text[start:end]``, that names something by itself, and what that means."""

    start: int
    end: int
    meant: Resolution


def things_in(catalogue: Catalogue, text: str, ignore: Sequence[str] = (), search: bool = False) -> list[Thing]:
    """The different things that the parts of ``text`` name, at most ``MOST``; parts that name none are left out.

    With ``search`` a part may also name one by words that only its name holds (x7 in x7和x9哪个快).
    """
    things: list[Thing] = []
    start = 0
    for end, after in [*(match.span() for match in _BETWEEN.finditer(text)), (len(text), len(text))]:
        meant = (catalogue.resolve if search else catalogue.named)(text[start:end], ignore=ignore)
        before = things[-1].meant.product if things else None
        if before and not _names_a_thing(meant):
            meant = catalogue.sibling(before, text[start:end]) or meant
        found = _names_a_thing(meant) or (search and meant.how == "text" and meant.product is not None)
        if found and _mark(meant) not in [_mark(thing.meant) for thing in things]:
            things.append(Thing(start, end, meant))
        start = after
    return things[:MOST]


def sum_of(things: Sequence[tuple[Thing, float]]) -> int | None:
    """What things cost together, in fen, so many of each, one where that is not said; None if one is undecided or
    has no price."""
    prices = [thing.meant.variant.price if thing.meant.variant else None for thing, _ in things]
    if any(price is None for price in prices):
        return None
    return sum(round((price or 0) * (many or 1)) for price, (_, many) in zip(prices, things, strict=True))


def _names_a_thing(meant: Resolution) -> bool:
    return meant.is_named and bool(meant.products)


def _mark(meant: Resolution) -> tuple[str, ...]:
    """What tells one thing from another: the product with its variants left, else the candidates."""
    if meant.product is not None:
        return (meant.product.id, *(variant.sku for variant in meant.variants))
    return (meant.unknown, *(product.id for product in meant.candidates))


def several_answer(shelf: Shelf, things: Sequence[Thing], ask_of: Callable[[Thing], Ask]) -> StockAnswer:
    """Every thing's own answer, one after the other. ``available`` when all are; no single ``quantity``.

    What is missing and asked is the first undecided thing's, and then ``skus`` are that thing's to choose from.
    """
    answers = [stock_answer(shelf, thing.meant, ask_of(thing)) for thing in things]
    head = opening(shelf.address)
    open_one = next((answer for answer in answers if answer.missing), None)
    return StockAnswer(
        found=any(answer.found for answer in answers),
        reply=head + "".join(answer.reply.removeprefix(head) for answer in answers),
        available=all(answer.available for answer in answers),
        uncertain=any(answer.uncertain for answer in answers),
        as_of=min((answer.as_of for answer in answers if answer.as_of), default=None),
        delivery="；".join(dict.fromkeys(answer.delivery for answer in answers if answer.delivery)),
        missing=open_one.missing if open_one else (),
        ask=open_one.ask if open_one else "",
        route="delivery" if all(answer.route == "delivery" for answer in answers) else "stock",
        skus=open_one.skus if open_one else tuple(sku for answer in answers for sku in answer.skus),
        alternatives=tuple(sku for answer in answers for sku in answer.alternatives),
    )
