"""Put slots into a schema's keys; say what is missing and ask for it in one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from kefu.core.slots.extract import extract
from kefu.core.slots.lexicon import EMPTY, Lexicon
from kefu.core.slots.numbers import parse_number
from kefu.core.slots.schema import Field, Schema
from kefu.core.slots.values import Slot
from kefu.core.text import normalise

_FOR = ("", "的", "用的", "专用", "专用的", "配的")
"""Between a name and the thing that is for it."""
_AS_SAID = ("city", "area", "province", "person", "address")


@dataclass(frozen=True, slots=True)
class Filled:
    """``values`` has every key of the schema with the schema's type (``""``, 0, false, [] when nothing is known);
    ``slots`` the slot behind each filled key; ``missing`` the required keys without a value; ``ask`` one question
    for them, ``""`` when nothing is missing."""

    values: Mapping[str, object]
    missing: tuple[str, ...]
    ask: str
    slots: Mapping[str, tuple[Slot, ...]] = field(default_factory=dict)


def extract_fields(schema: Schema, text: str, *, now: datetime, lexicon: Lexicon = EMPTY) -> tuple[Slot, ...]:
    """``extract`` plus the options that the schema itself lists, as slots of type attribute named like their field."""
    slots = _heads(text, extract(text, now=now, lexicon=lexicon))
    for wanted in schema.fields:
        if wanted.options:
            own = Lexicon.build(attributes={wanted.name: {option: option for option in wanted.options}})
            slots += [s for s in extract(text, now=now, lexicon=own, types=["attribute"]) if s.name == wanted.name]
    return tuple(slots)


def _heads(text: str, slots: Sequence[Slot]) -> list[Slot]:
    """Slots without the names that only tell what the next one is for (笔电内存, V8的滤芯). A name that is followed by
    its own kind (迅岭X7固态硬盘) or by the code of what it is for (滤芯V8) stays."""
    names = [slot for slot in slots if slot.type == "product" and not slot.negated]
    for_others = [
        name
        for name, after in pairwise(names)
        if text[name.end : after.start] in _FOR
        and after.normalised not in name.normalised
        and (name.value.isascii() or not after.value.isascii())
    ]
    return [slot for slot in slots if slot not in for_others]


def fill(
    schema: Schema,
    slots: Sequence[Slot],
    *,
    earlier: Sequence[Slot] = (),
    profile: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Filled:
    """Fill each key from this turn, else from ``earlier`` turns, the customer's ``profile``, ``defaults``, and the
    schema's own default, in this order. What the customer excluded now is not taken from earlier turns."""
    chosen = {f.name: _choose(f, slots, earlier, profile or {}, defaults or {}) for f in schema.fields}
    missing = tuple(f.name for f in schema.fields if f.required and not chosen[f.name])
    return Filled(
        {f.name: _typed(f, chosen[f.name]) for f in schema.fields},
        missing,
        _question([f for f in schema.fields if f.name in missing]),
        {name: found for name, found in chosen.items() if found},
    )


def _choose(
    wanted: Field,
    slots: Sequence[Slot],
    earlier: Sequence[Slot],
    profile: Mapping[str, str],
    defaults: Mapping[str, str],
) -> tuple[Slot, ...]:
    if now := _matching(wanted, slots):
        return now
    refused = {(s.name, s.normalised) for s in slots if s.negated}
    kept = [s.from_source("earlier") for s in earlier if (s.name, s.normalised) not in refused]
    if before := _matching(wanted, kept):
        return before
    for source, value in (
        ("profile", profile.get(wanted.name, "")),
        ("default", defaults.get(wanted.name, "") or wanted.default),
    ):
        if value and _allowed(wanted, value):
            kind = wanted.meaning.types[0] if wanted.meaning.types else wanted.name
            return (Slot(kind, wanted.name, value, 0, 0, value, 0.7, source),)
    return ()


def _matching(wanted: Field, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots for one key: of the best type that is there; date and time together where both fit."""
    live = [s for s in slots if not s.negated and _fits(wanted, s)]
    if wanted.options:
        return tuple(s for s in live if _option(wanted, s))
    for kind in wanted.meaning.types:
        if found := tuple(s for s in live if s.type == kind):
            if set(wanted.meaning.types) == {"date", "time"} and not wanted.iso:
                return found[:1] + tuple(s for s in live if s.type not in (kind,))[:1]
            return found
    return ()


def _fits(wanted: Field, slot: Slot) -> bool:
    if wanted.options and slot.name == wanted.name:
        return True
    if slot.type not in wanted.meaning.types:
        return False
    return not wanted.meaning.attribute or slot.type != "attribute" or slot.name == wanted.meaning.attribute


def _option(wanted: Field, slot: Slot) -> str:
    """The schema's option that the slot names, or ``""``."""
    said = {normalise(slot.value).text, normalise(slot.normalised).text}
    return next((option for option in wanted.options if normalise(option).text in said), "")


def _allowed(wanted: Field, value: str) -> bool:
    return not wanted.options or value in wanted.options


def _typed(wanted: Field, slots: tuple[Slot, ...]) -> object:
    texts = [_text(wanted, slot) for slot in slots]
    if wanted.json_type == "array":
        return texts
    if wanted.json_type == "boolean":
        return bool(texts) and texts[0].lower() not in ("false", "0", "否", "no")
    if wanted.json_type in ("number", "integer"):
        number = parse_number(texts[0]) if texts else None
        if number is None:
            return 0
        return int(number) if wanted.json_type == "integer" or number == int(number) else number
    if len({s.type for s in slots}) > 1 or (wanted.meaning.types == ("attribute",) and not wanted.meaning.attribute):
        return " ".join(texts)
    return texts[0] if texts else ""


def _text(wanted: Field, slot: Slot) -> str:
    if wanted.options:
        return _option(wanted, slot) or slot.normalised
    return slot.value if slot.type.rpartition("_")[2] in _AS_SAID else slot.normalised


def _question(missing: Sequence[Field]) -> str:
    if not missing:
        return ""
    phrases = list(dict.fromkeys(f.meaning.phrase or f"{f.description or f.name}是什么" for f in missing))
    if len(phrases) == 1:
        return f"请问您{phrases[0]}呢？" if not phrases[0].startswith("怎么称呼") else "请问怎么称呼您呢？"
    return f"请问您{'、'.join(phrases[:3])}呢？"
