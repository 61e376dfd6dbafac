"""Where the slots of a message that was written otherwise stand in what the customer typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from kefu.core.slots import Slot


def as_typed(slots: Iterable[Slot], written: str, typed: str) -> tuple[Slot, ...]:
    """Slots read from ``written`` with the places and the words that they have in ``typed``, of which one part was
    written otherwise: what stands before and behind it is where it was, what is in it is the part as it was typed."""
    before = _alike(written, typed)
    behind = _alike(written[before:][::-1], typed[before:][::-1])
    after, longer = len(written) - behind, len(typed) - len(written)
    found = (slot if slot.source != "turn" else _moved(slot, before, after, longer, typed) for slot in slots)
    return tuple(slot for slot in found if slot.value)


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _moved(slot: Slot, before: int, after: int, longer: int, typed: str) -> Slot:
    """The slot where ``written[before:after]`` is ``longer`` by so many characters as it was typed."""
    start, end = slot.start, slot.end
    if start >= after:
        start, end = start + longer, end + longer
    elif end > before and longer:
        start, end = min(start, before), max(end, after) + longer
    return replace(slot, start=start, end=end, value=typed[start:end])
