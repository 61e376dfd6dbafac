"""Several variants of one product in one message: 42和37各一双 都要黑的; 奶茶色44一双 粉的37两双; 蓝的粉的各一双."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.several.portions import SEPARATOR
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.catalogue.words import Span, fold, value_key

MOST = 5
_BEFORE_A_NUMBER = re.compile(r"(?<![\d.a-zA-Z*+×-])(?=\d)")
_BARE = re.compile(r"(?<![\d.a-zA-Z])\d{1,3}(?:\.5)?(?![\d.a-zA-Z元块折%天月年岁点号日斤米厘公])")
NEAR = 6
"""A number so near to the sizes of the product is one that it may not have."""
_CORRECTS = re.compile("不对|算了|错了|[哦噢啊]不")
OF_EACH = re.compile("[各每都][要来拿买订拍]?$")
"""Before a number that is of each (各一双)."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words that tell values of the product: ``told`` of each attribute; ``left`` are those of every attribute that
    some variant has, none where the words are of no variant. ``apart`` counts the parts of the message."""

    start: int
    end: int
    words: str
    told: Mapping[str, frozenset[str]]
    left: Mapping[str, frozenset[str]]
    apart: int

    def contradicts(self, other: _Piece) -> bool:
        """Whether no one variant is meant by both: one attribute has other values in each, as they are told, or as a
        variant has them that is called by a name of its own."""
        mine, others = self.told or self.left, other.told or other.left
        return any(mine[name].isdisjoint(others[name]) for name in mine.keys() & others.keys())


def variants_said(
    catalogue: Catalogue, product: Product, text: str, counted: Sequence[Span] = (), ignore: Sequence[str] = ()
) -> list[tuple[Span, Resolution]]:
    """Where each of several variants of ``product`` is spoken of, with its number of those at ``counted``, and what it
    is; [] of fewer than two, of which one is corrected, or where a number is of something else.

    What is told but once (都要黑的) holds for all; else what one leaves open is as told of the one before it.
    ``ignore`` are words that tell no value.
    """
    if len(product.variants) < 2 or _CORRECTS.search(text):
        return []
    groups = _grouped(list(_pieces(catalogue, product, text, counted, ignore)))
    known = all(piece.left for group in groups for piece in group)
    if len(groups) < 2 or (known and _are_one(catalogue, product, text, ignore)):
        return []
    spans = _spans(text, groups, [span for span in counted if not OF_EACH.search(text[: span[0]])])
    found: list[tuple[Span, Resolution]] = []
    for at, span in enumerate(spans):
        meant = catalogue.chosen(product, _words(groups, at))
        if (meant.variants, meant.unknown) not in [(other.variants, other.unknown) for _, other in found]:
            found.append((span, meant))
    return found[:MOST] if len(found) > 1 else []


def _are_one(catalogue: Catalogue, product: Product, text: str, ignore: Sequence[str]) -> bool:
    """Whether the words together leave one variant (宽60 高120)."""
    return len(catalogue.choice(product, _without(text, ignore)).variants) == 1


def _without(text: str, ignore: Sequence[str]) -> str:
    for said in ignore:
        text = text.replace(said, " " * len(said))
    return text


def _pieces(
    catalogue: Catalogue, product: Product, text: str, counted: Sequence[Span], ignore: Sequence[str]
) -> Iterator[_Piece]:
    """The pieces of ``text`` that tell values, cut before each value, at separators and around numbers of pieces."""
    plain = _without(_without(text, (product.name, *product.aliases)), ignore)
    cuts = {0, len(text), *(at for span in counted for at in span), *_value_starts(catalogue, product, plain)}
    ends = [*(end for _, end in counted), *(match.start() for match in SEPARATOR.finditer(plain))]
    for start, end in pairwise(sorted({*cuts, *ends})):
        words, apart = plain[start:end], sum(one <= start for one in ends)
        choice = catalogue.choice(product, words)
        if not choice.mentioned and (number := _BARE.search(words)) and _may_be_a_size(product, float(number[0])):
            words = f"{number[0]}码"
            choice = catalogue.choice(product, words)
        if choice.mentioned and choice.variants:
            left = {
                name: frozenset(v.attribute(name) for v in choice.variants)
                for name in {name for v in product.variants for name, _ in v.attributes}
            }
            told = {name: left[name] for name in choice.told}
            yield _Piece(start, end, words, told, left, apart)
        elif choice.unknown and (names := _numbered(product).keys()):
            yield _Piece(start, end, words, {name: frozenset({choice.unknown}) for name in names}, {}, apart)


def _numbered(product: Product) -> dict[str, list[float]]:
    """The attributes whose values are bare numbers, with those."""
    found: dict[str, list[float]] = {}
    for name, value in (pair for variant in product.variants for pair in variant.attributes):
        if value.replace(".", "", 1).isdecimal():
            found.setdefault(name, []).append(float(value))
    return found


def _may_be_a_size(product: Product, number: float) -> bool:
    return any(min(held) - NEAR <= number <= max(held) + NEAR for held in _numbered(product).values())


def _value_starts(catalogue: Catalogue, product: Product, text: str) -> set[int]:
    """Where in ``text`` a value may begin, none within another."""
    said = catalogue.read(text)
    at = _places(text, said.query.text)
    if at is None:
        return set()
    spans = [*said.spans, *(_unblanked(said.query.folded, start, end) for _, start, end in said.amounts)]
    names = {value_key(name) for v in product.variants for name in (*v.aliases, *(value for _, value in v.attributes))}
    spans += [match.span() for name in names if name for match in re.finditer(re.escape(name), said.query.text)]
    starts = {at[start] for start, _ in spans} | {match.start() for match in _BEFORE_A_NUMBER.finditer(text)}
    inside = [(at[start], at[end - 1]) for start, end in spans if end > start]
    return {one for one in starts if not any(start < one <= end for start, end in inside)}


def _unblanked(folded: str, start: int, end: int) -> Span:
    """A place in a folded text, in the same without blanks."""
    before = folded[:start].count(" ")
    return start - before, end - before - folded[start:end].count(" ")


def _places(text: str, folded: str) -> list[int] | None:
    """Where each character of the folded text without blanks stands in ``text``; None if it was rewritten."""
    at: list[int] = []
    for place, character in enumerate(text):
        said = fold(character).strip() or (character if character == "." else "")
        if said and folded.startswith(said, len(at)):
            at += [place] * len(said)
    return at if len(at) == len(folded) else None


def _grouped(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """The pieces of each variant: another begins where one contradicts those before it, or a part of the message does
    (白色 再来L黑色)."""
    groups: list[list[_Piece]] = []
    for _, part in groupby(pieces, key=lambda piece: piece.apart):
        of_part = list(part)
        apart = bool(groups) and _contradict(groups[-1], of_part)
        for piece in of_part:
            if not groups or apart or _contradict(groups[-1], [piece]):
                groups.append([])
            groups[-1].append(piece)
            apart = False
    return groups


def _contradict(some: Sequence[_Piece], others: Sequence[_Piece]) -> bool:
    return any(one.contradicts(other) for one in some for other in others)


def _words(groups: Sequence[Sequence[_Piece]], at: int) -> str:
    """What is told of one of the variants, with what it leaves open of the nearest before it, else behind it."""
    own = list(groups[at])
    for group in (*reversed(groups[:at]), *groups[at + 1 :]):
        own += [piece for piece in group if piece.told and not _contradict(own, [piece])]
    return " ".join(piece.words for piece in own)


def _spans(text: str, groups: Sequence[Sequence[_Piece]], counted: Sequence[Span]) -> list[Span]:
    """Where each group stands with its own number, before or behind it; a number before the first of them, where there
    are more, is of all. [] where a part between has a number and no value: it is of something else."""
    starts = [group[0].start for group in groups]
    ends = [*starts[1:], len(text)]
    before = [span for span in counted if span[0] < starts[0]]
    if before and len(counted) == len(groups):
        return list(pairwise([*(start for start, _ in counted), len(text)]))
    spans = list(zip(starts, ends, strict=True))
    many = (sum(start <= one < end for one, _ in counted) for start, end in spans)
    return [] if any(number > 1 for number in many) else spans
