# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""Read the slots of one message: find, settle overlaps, mark what was excluded or taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from kefu.core.slots.lexicon import EMPTY, Lexicon
from kefu.core.slots.types import SLOT_TYPES, Reading
from kefu.core.slots.values import Found, Slot
from kefu.core.text import Normalised, normalise
from kefu.errors import BadInput

_FINDERS = tuple(dict.fromkeys(row.find for row in SLOT_TYPES.values()))
_ORDER = {name: index for index, name in enumerate(SLOT_TYPES)}
_PLACES = frozenset(name for name in SLOT_TYPES if name.endswith(("city", "area", "province")))

_MAY_DENY = re.compile("[不别没除并错改换应更纠算]")
_NOT_BEFORE = re.compile(
    r"(?:不要|不想要|别[要买用是]|(?:别|(?<!是)不是)[发寄送去][到往给]?|别给|(?<!是)不是|不用|不喜欢|除了|不含|没要|不买|不选|不去|不到|并非|而不是|不寄|不发)(?:那?个?|任何|这个?)$"
)
_NOT_AFTER = re.compile(r"的?(?:就|我)?(?:不要|不考虑|不想要|不喜欢)[了啦]?(?=$|[,，。!！~ ]|换|改|[就我]?要|来)")
_CORRECTION = re.compile(
    r"算了[,，. ]*(?:还是|[就我改换要来拿发寄])|不对|错了|说错|写错|打错|搞错|(?<!是)不是[,，:： ]|哦不|噢不|啊不|不不|^[,，. ]*(?:改|换)[成为到]|应该是|更正|纠正"
)
_AND = re.compile("(?:的?[和跟与或、/]|还有)?")
_ASKED_BACK = re.compile(r"[^,，。！？!?]{0,8}[吗么]")


def extract(
    text: str | Normalised,
    *,
    now: datetime,
    lexicon: Lexicon = EMPTY,
    types: Iterable[str] | None = None,
) -> tuple[Slot, ...]:
    """The slots of ``text`` in the order they are said, with spans in the original text.

    ``now`` (aware or not) gives relative dates their day; ``types`` limits the search to these slot types.
    Raises BadInput for a type that SLOT_TYPES does not have. Any text is fine, empty and huge ones too.
    """
    normalised = normalise(text) if isinstance(text, str) else text
    wanted = _wanted(types)
    found = _settle(_find_all(Reading(normalised.text, now, lexicon)))
    slots = _take_over_role(tuple(_slots(normalised, found)))
    return tuple(slot for slot in slots if slot.type in wanted)


def _wanted(types: Iterable[str] | None) -> frozenset[str]:
    if types is None:
        return frozenset(SLOT_TYPES)
    wanted = frozenset(types)
    if unknown := sorted(wanted - SLOT_TYPES.keys()):
        raise BadInput(f"unknown slot type {unknown[0]}", f"Slot types are: {', '.join(SLOT_TYPES)}.")
    return wanted


def _find_all(reading: Reading) -> list[Found]:
    """All types are read even if few are wanted: a phone number must not become a quantity."""
    return [found for find in _FINDERS for found in find(reading)]


def _settle(found: list[Found]) -> list[Found]:
    """Where two slots overlap, the type higher in the table keeps the characters; an address may hold places."""
    kept: list[Found] = []
    for row in sorted(found, key=lambda f: (_ORDER[f.type], f.start, f.start - f.end)):
        if not any(_clash(row, other) for other in kept):
            kept.append(row)
    return sorted(kept, key=lambda f: (f.start, f.end))


def _clash(row: Found, other: Found) -> bool:
    if row.end <= other.start or other.end <= row.start:
        return False
    return not (other.type == "address" and row.type in _PLACES)


def _slots(normalised: Normalised, found: Sequence[Found]) -> Iterable[Slot]:
    negated = _negated(normalised.text, found)
    for row, out in zip(found, negated, strict=True):
        start, end = normalised.span(row.start, row.end)
        yield Slot(
            row.type,
            row.name or row.type,
            normalised.original[start:end],
            start,
            end,
            row.normalised,
            row.confidence,
            negated=out,
        )


def _negated(text: str, found: Sequence[Found]) -> list[bool]:
    if not _MAY_DENY.search(text):
        return [False] * len(found)
    out = [_excluded(text, row) for row in found]
    for at, row in enumerate(found):
        if at and (taken_back := _taken_back(text, found, at)) is not None and not _denied_only(text, row):
            out[taken_back] = True
            out[at] = False
    return _spread(text, found, out)


def _spread(text: str, found: Sequence[Found], out: list[bool]) -> list[bool]:
    """What is denied together: 除了新疆西藏, 不要红色和黑色, 不是湖南长沙."""
    for at in range(1, len(found)):
        one, other = found[at - 1], found[at]
        if _level(one) != _level(other) or out[at - 1] == out[at]:
            continue
        between = text[one.end : other.start]
        if out[at - 1] and _AND.fullmatch(between):
            out[at] = True
        elif out[at] and not between and one.type in _PLACES and not _CORRECTION.search(text, one.start, other.end):
            out[at - 1] = True
    return out


def _level(row: Found) -> str:
    return "place" if row.type in _PLACES else row.name or row.type


def _excluded(text: str, row: Found) -> bool:
    """不要红色的, 红色不要, 不是杭州; but 不是杭州吗 asks back and excludes nothing, and 不到一百块 is a limit."""
    if row.type == "attribute" and _NOT_AFTER.match(text, row.end):
        return True
    denial = _NOT_BEFORE.search(text, max(0, row.start - 8), row.start)
    if denial is None or (denial[0] == "不到" and row.type not in _PLACES):
        return False
    asks = re.search("不[是发寄到去]", denial[0]) and _ASKED_BACK.match(text, row.end)
    return not asks


def _denied_only(text: str, row: Found) -> bool:
    """发到上海不是杭州: the word right after 不是 is the wrong one, unless a better one follows."""
    return text[max(0, row.start - 2) : row.start] == "不是"


def _taken_back(text: str, found: Sequence[Found], at: int) -> int | None:
    """The earlier slot of the same kind that slot ``at`` corrects, if a correction stands between them."""
    row = found[at]
    for earlier in range(at - 1, -1, -1):
        if _same_kind(found[earlier], row):
            between = text[found[earlier].end : row.start]
            return earlier if _CORRECTION.search(between) else None
    return None


def _same_kind(one: Found, other: Found) -> bool:
    if one.type in _PLACES and other.type in _PLACES:
        plain = {one.type.partition("_")[0], other.type.partition("_")[0]}
        return one.type == other.type or not plain >= {"from", "to"}
    return (one.type, one.name) == (other.type, other.name)


def current(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """The slots that the customer still means: neither excluded nor taken back."""
    return tuple(slot for slot in slots if not slot.negated)


def _take_over_role(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """A bare place that corrects a from_/to_ one takes over its part: 发到杭州，不对，是苏州 → to_city 苏州."""
    out = list(slots)
    for at, slot in enumerate(out):
        if slot.type in _PLACES and "_" not in slot.type and not slot.negated:
            before = next((s for s in reversed(out[:at]) if s.negated and s.type in _PLACES), None)
            if before and "_" in before.type:
                name = f"{before.type.partition('_')[0]}_{slot.type}"
                out[at] = replace(slot, type=name, name=name)
    return tuple(out)
