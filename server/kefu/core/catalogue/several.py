"""Several things in one sentence (A和B都有货吗): each found by its own words, answered by its own rows, never mixed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.phrases import WHICH_KIND, WHICH_ONE, WHICH_ONES, opening
from kefu.core.catalogue.stock import Ask, Shelf, StockAnswer, stock_answer
from kefu.core.catalogue.values import Resolution
from kefu.core.catalogue.words import Span

MOST = 5
"""So many things are answered at once; of more the sentence would be too long to read."""
PIECES = 12
"""So many pieces between blanks are looked at for a list without commas."""

_PIECE = re.compile(r"[^ 　]+")
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
        listed = _listed(catalogue, text, (start, end), ignore)
        for thing in listed or [_thing(catalogue, text, (start, end), ignore, search)]:
            before, meant = things[-1].meant.product if things else None, thing.meant
            found = _may_be_a_thing(meant) if listed else _is_a_thing(meant, search)
            if before and not found and (sister := catalogue.sibling(before, text[thing.start : thing.end])):
                meant, found = sister, True
            if found and _mark(meant) not in [_mark(thing.meant) for thing in things]:
                things.append(replace(thing, meant=meant))
        start = after
    return things[:MOST]


def _thing(catalogue: Catalogue, text: str, span: Span, ignore: Sequence[str], search: bool = False) -> Thing:
    find = catalogue.resolve if search else catalogue.named
    return Thing(*span, find(text[slice(*span)], ignore=ignore))


def _is_a_thing(meant: Resolution, search: bool = False) -> bool:
    if meant.is_named and meant.products:
        return True
    return search and meant.how == "text" and meant.product is not None


def _may_be_a_thing(meant: Resolution) -> bool:
    """In a list also what words leave a choice of (DDR4笔记本16G of two makes)."""
    return _is_a_thing(meant, search=True) or (meant.how == "text" and meant.kind == "ambiguous")


def _listed(catalogue: Catalogue, text: str, span: Span, ignore: Sequence[str]) -> list[Thing]:
    """The things of a list with blanks between them (键盘三个 鼠标两个): a blank ends one where the next piece names
    other goods than all that stands before it. [] for a text that lists nothing."""
    pieces = [(span[0] + match.start(), span[0] + match.end()) for match in _PIECE.finditer(text[slice(*span)])]
    if not 1 < len(pieces) <= PIECES:
        return []
    things: list[Thing] = []
    for piece in pieces:
        one = _thing(catalogue, text, piece, ignore)
        if not things:
            things.append(one)
            continue
        before = things[-1]
        if not _is_a_thing(before.meant):
            before, one = (_thing(catalogue, text, (it.start, it.end), ignore, search=True) for it in (before, one))
        if _begins_another(before.meant, one.meant):
            things[-1:] = (before, one)
        else:
            by_text = before.meant.how == "text"
            things[-1] = _thing(catalogue, text, (before.start, piece[1]), ignore, search=by_text)
    return things if len(things) > 1 else []


def _begins_another(before: Resolution, meant: Resolution) -> bool:
    if not (_may_be_a_thing(before) and _may_be_a_thing(meant)):
        return False
    return not {product.id for product in before.products} & {product.id for product in meant.products}


def sum_of(things: Sequence[tuple[Thing, float]]) -> int | None:
    """What things cost together, in fen, so many of each, one where that is not said; None if one has no price, or
    another one in another colour or size that may be meant."""
    prices = [{variant.price for variant in thing.meant.variants} for thing, _ in things]
    if any(len(price) != 1 or None in price for price in prices):
        return None
    return sum(round((price.pop() or 0) * (many or 1)) for price, (_, many) in zip(prices, things, strict=True))


def _mark(meant: Resolution) -> tuple[str, ...]:
    """What tells one thing from another: the product with its variants left, else the candidates."""
    if meant.product is not None:
        return (meant.product.id, *(variant.sku for variant in meant.variants))
    return (meant.unknown, *(product.id for product in meant.candidates))


def several_answer(
    shelf: Shelf, things: Sequence[Thing], ask_of: Callable[[Thing], Ask], total: str = ""
) -> StockAnswer:
    """Every thing's own answer, one after the other, then the ``total``. ``available`` when all are; no single
    ``quantity``.

    What is missing and asked is the first undecided thing's, and then ``skus`` are that thing's to choose from.
    """
    answers = [stock_answer(shelf, thing.meant, ask_of(thing)) for thing in things]
    head = opening(shelf.address)
    open_one = next((answer for answer in answers if answer.missing), None)
    replies = [answer.reply.removeprefix(head) for answer in answers]
    undecided = sum(reply.endswith((WHICH_ONE, WHICH_KIND)) for reply in replies)
    replies = [_without_question(reply) for reply in replies]
    asks = WHICH_ONES if undecided > 1 else WHICH_ONE if undecided else ""
    return StockAnswer(
        found=any(answer.found for answer in answers),
        reply="".join((head, *replies, total, asks)),
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


def _without_question(reply: str) -> str:
    told = reply.removesuffix(WHICH_ONE).removesuffix(WHICH_KIND)
    return f"{told.removesuffix('，')}。" if told.endswith("，") else told
