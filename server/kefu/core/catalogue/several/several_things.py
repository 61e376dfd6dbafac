"""Several things in one sentence (A和B都有货吗): each found by its own words, answered by its own rows, never mixed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kefu.core.catalogue.answers.shelf import Ask, Shelf, StockAnswer
from kefu.core.catalogue.answers.stock import stock_answer
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.names.shop_words import words_sought
from kefu.core.catalogue.phrases import WHICH_KIND, WHICH_ONE, WHICH_ONES, opening
from kefu.core.catalogue.several.portions import SEPARATOR, portions
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.catalogue.words import Span, is_free

MOST = 5
"""So many things are answered at once; of more the sentence would be too long to read."""
PIECES = 12
"""So many pieces between blanks are looked at for a list without commas."""

_PIECE = re.compile(
    r"[^ 　]+?(?:[一二两三四五六七八九十\d][个支瓶件条盒包只双张台套把箱袋罐桶块本根对份](?![装的月])"
    r"(?=[一-鿿a-zA-Z]{2})|(?=[ 　]|$))"
)
"""What may be one of a list: up to a blank, or to how many are wanted (古龙两个防撞条一套)."""
_CORRECTS = re.compile("不对|算了|错了|[哦噢啊]不")


@dataclass(frozen=True, slots=True)
class Thing:
    """A part of a sentence, ``text[start:end]``, that names something by itself, and what that means."""

    start: int
    end: int
    meant: Resolution

    @property
    def is_found(self) -> bool:
        """Whether it is goods of the shop, if not always one."""
        return bool(self.meant.products)


def things_in(
    catalogue: Catalogue,
    text: str,
    ignore: Sequence[str] = (),
    search: bool = False,
    held: Sequence[str] = (),
    counted: Sequence[Span] = (),
) -> list[Thing]:
    """The different things that the parts of ``text`` name, at most ``MOST``; parts that name none are left out.

    With ``search`` a part may also name one by words that only its name holds (x7 in x7和x9哪个快). ``held`` are ids
    and SKUs spoken of before, the last first: a part that names only values is of one of them, or of the thing before
    it (4升加1升). ``counted`` is where numbers of pieces stand: each of several is of a thing of its own, and one that
    is not found is left in with what is ``unknown`` of it.
    """
    text = _SOMEBODY.sub(lambda match: " " * len(match[0]), text)
    parts = portions(text, counted)
    if parts:
        things: list[Thing] = []
        for part in parts:
            number = next(span for span in counted if part[0] <= span[0] < part[1])
            things += _of_a_portion(catalogue, text, part, number, ignore, things, held)
        named = [thing for thing in things if not thing.meant.is_nothing]
        if len(named) > 1 and any(thing.is_found for thing in named):
            return things[:MOST]
    things = []
    for thing in _between(catalogue, text, (0, len(text)), ignore, things, held[:1], search):
        if _mark(thing.meant) not in [_mark(other.meant) for other in things]:
            things.append(thing)
    if things:
        things = _with_those_left(catalogue, text, counted, ignore, things, held)
    if _CORRECTS.search(text) and len({thing.meant.product for thing in things}) == 1:
        return []  # 要大的 哦不 还是小的吧: not both
    return things[:MOST] if len(things) > 1 or (things and things[0].meant.how != "last") else []


_SOMEBODY = re.compile(
    r"(?:[宝娃孩]\w?|儿子|女儿|闺女|身高|体重)(?![一-鿿]{4})[一-鿿 ]{0,3}"
    r"\d+(?:\.\d+)?(?:cm|厘米|公分|斤|kg|公斤|岁半?|个月)"
)
"""Who shall wear or eat it, with their measures: no goods (买M还是L 宝宝78厘米)."""
_ADDS_UP = re.compile("[一总]共|合计|加起来|一起|总价|差多少|贵多少")
_ADDED = re.compile("另外|加上|再[来加拿配买]个?")


def _with_those_left(
    catalogue: Catalogue,
    text: str,
    counted: Sequence[Span],
    ignore: Sequence[str],
    things: Sequence[Thing],
    held: Sequence[str],
) -> list[Thing]:
    """``things`` and what other parts between separators speak of: those with a number (M码4包和湿巾一包), and those
    that are added and called in few words (另外要不要买插头); of what is added up also values that one product alone
    has (五件套+眼影 一共多少)."""
    found = [*things]
    cuts = [0, *(at for match in SEPARATOR.finditer(text) for at in match.span()), len(text)]
    for part in pairwise(cuts):
        if not is_free(part, [(thing.start, thing.end) for thing in things]):
            continue
        number = next((span for span in counted if part[0] <= span[0] < part[1]), None)
        if number:
            more = _of_a_portion(catalogue, text, part, number, ignore, (), held)
            found += [one for one in more if not one.meant.is_nothing]
        elif _ADDED.fullmatch(text, *_before(cuts, part)):
            meant = catalogue.shortly_named(_ASIDE.sub(" ", text[slice(*part)]), ignore)
            found += [Thing(*part, meant)] if meant.product else []
        elif _ADDS_UP.search(text):
            said = _ASIDE.sub(" ", text[slice(*part)])
            meant = catalogue.with_value(said, ignore)
            found += [Thing(*part, meant)] if meant.product and catalogue.speaks_only_of(said, meant.product) else []
    return sorted(found, key=lambda thing: thing.start)


def _before(cuts: Sequence[int], part: Span) -> Span:
    at = cuts.index(part[0])
    return (cuts[at - 1], part[0]) if at else (0, 0)


def _between(
    catalogue: Catalogue,
    text: str,
    span: Span,
    ignore: Sequence[str],
    before: Sequence[Thing],
    held: Sequence[str],
    search: bool = False,
    strictly: bool = False,
) -> Iterator[Thing]:
    """The things that stand between separators in ``text[start:end]``; ``before`` grows as the caller takes them.
    ``strictly``: words that the goods spoken of do not have are of other goods (玻璃瓶120, after a coat in 120)."""
    start = span[0]
    ends = [match.span() for match in SEPARATOR.finditer(text, *span)]
    for end, after in [*ends, (span[1], span[1])]:
        listed = _listed(catalogue, text, (start, end), ignore)
        for thing in listed or [_thing(catalogue, text, (start, end), ignore, search)]:
            meant: Resolution | None = thing.meant
            if not (_may_be_a_thing(thing.meant) if listed else _is_a_thing(thing.meant, search)):
                meant = _of_the_same(catalogue, text[thing.start : thing.end], ignore, before, held, strictly)
            if meant:
                yield replace(thing, meant=meant)
        start = after


def _of_a_portion(
    catalogue: Catalogue,
    text: str,
    part: Span,
    number: Span,
    ignore: Sequence[str],
    before: Sequence[Thing],
    held: Sequence[str],
) -> list[Thing]:
    """The things of a part with a number of its own; what it is about if that is found, else that it is not."""
    found: list[Thing] = []
    seen = [*before]
    for thing in _between(catalogue, text, part, ignore, seen, held, strictly=True):
        if _mark(thing.meant) not in [_mark(other.meant) for other in found]:
            found.append(thing)
            seen.append(thing)
    if not found:
        said = _ASIDE.sub(" ", text[slice(*part)])
        known = [product for name in held if (product := catalogue.thing(name))]
        meant = _of_short_words(catalogue, said, ignore, known)
        return [Thing(*part, meant or Resolution("none", unknown=_unknown(said, ignore)))]
    if any(thing.start <= number[0] < thing.end for thing in found):
        return found
    nearest = min(range(len(found)), key=lambda at: abs(found[at].end - number[0]))
    found[nearest] = replace(
        found[nearest], start=min(found[nearest].start, number[0]), end=max(found[nearest].end, number[1])
    )
    return found


_ASIDE = re.compile(
    r"顺便|[我就]?全(?:部|都)?要了?|我?都要了?|全部|[一总]共|合计|加起来|一起|单独?买?|加上|也?带|麻烦|多少钱?|打折|便宜"
)
"""Words of a list that name no thing."""


def _of_short_words(
    catalogue: Catalogue, part: str, ignore: Sequence[str], known: Sequence[Product]
) -> Resolution | None:
    found = catalogue.resolve(part, ignore=ignore)
    if _may_be_a_thing(found):
        return found
    for found in (catalogue.shortly_named(part, ignore, known), catalogue.with_value(part, ignore, in_part=True)):
        if found.product or found.candidates:
            return found
    return None


def _unknown(part: str, ignore: Sequence[str]) -> str:
    """The words of a part that nothing was found for."""
    for said in ignore:
        part = part.replace(said, " ")
    return "".join(words_sought(part))


def _of_the_same(
    catalogue: Catalogue, part: str, ignore: Sequence[str], things: Sequence[Thing], held: Sequence[str], strictly: bool
) -> Resolution | None:
    """What a part without a name means: another model or variant of the thing before it, else of what was ``held``."""
    for said in ignore:
        part = part.replace(said, " ")
    before = things[-1].meant if things else None
    if before and before.product and (sister := catalogue.sibling(before.product, part)):
        return sister
    of_before = before and before.product and (before.kind == "exact" or before.how == "last")
    if before and before.product and not of_before:
        other = catalogue.chosen(before.product, part) if catalogue.having(part, [before.product]) else before
        return other if other.variant and other.variant not in before.variants else None
    for name in [before.product.id] if before and before.product and of_before else [] if things else held:
        known = catalogue.thing(name)
        if known is None or not catalogue.having(part, [known]):
            continue
        if strictly and not catalogue.speaks_only_of(_ASIDE.sub(" ", part), known):
            continue
        found = catalogue.resolve(part, last=[name], ignore=ignore)
        found = found if found.how == "last" else catalogue.chosen(known, part)
        if found.kind == "exact" or not things:
            return found
    return None


def _thing(catalogue: Catalogue, text: str, span: Span, ignore: Sequence[str], search: bool = False) -> Thing:
    part = text[slice(*span)]
    if not search:
        return Thing(*span, catalogue.named(part, ignore))
    found = catalogue.resolve(part, ignore=ignore)
    return Thing(*span, catalogue.with_value(part, ignore) if found.is_nothing else found)


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
    """What things cost together, in fen, so many of each, one where that is not said; None if the price of one is not
    known."""
    prices = [_price_of(thing) for thing, _ in things]
    if any(price is None for price in prices):
        return None
    return sum(round((price or 0) * (many or 1)) for price, (_, many) in zip(prices, things, strict=True))


def difference_of(things: Sequence[tuple[Thing, float]]) -> tuple[int, int] | None:
    """What each of two things costs, so many of each, in fen; None of more things or unknown prices."""
    costs = [cost for thing in things if (cost := sum_of([thing])) is not None]
    return (costs[0], costs[1]) if len(costs) == len(things) == 2 else None


def _price_of(thing: Thing) -> int | None:
    """In fen; None if it has none, or in another colour or size that may be meant another one."""
    prices = {variant.price for variant in thing.meant.variants}
    return prices.pop() if len(prices) == 1 else None


def _mark(meant: Resolution) -> tuple[str, ...]:
    """What tells one thing from another: the product with its variants left, else the candidates."""
    if meant.product is not None:
        return (meant.product.id, *(variant.sku for variant in meant.variants))
    return (meant.unknown, *(product.id for product in meant.candidates))


def several_answer(
    shelf: Shelf, things: Sequence[Thing], ask_of: Callable[[Thing], Ask], total: str = "", chooses: bool = True
) -> StockAnswer:
    """Every thing's own answer, one after the other, then the ``total``. ``available`` when all are; no single
    ``quantity``. Without ``chooses`` nothing is asked: the total is all that is wanted.

    What is missing and asked is the first undecided thing's, and then ``skus`` are that thing's to choose from.
    """
    answers = [stock_answer(shelf, thing.meant, ask_of(thing)) for thing in things if not thing.meant.is_nothing]
    head = opening(shelf.address)
    open_one = next((answer for answer in answers if answer.missing), None) if chooses else None
    replies = [answer.reply.removeprefix(head) for answer in answers]
    undecided = sum(reply.endswith((WHICH_ONE, WHICH_KIND)) for reply in replies)
    replies = [_without_question(reply) for reply in replies]
    asks = "" if not chooses or not undecided else WHICH_ONES if undecided > 1 else WHICH_ONE
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
