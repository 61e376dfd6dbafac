"""A rule as a plain mapping: what the store keeps, what HTTP takes and gives. Names here are on the wire: keep them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from kefu.core.handoff import REASONS
from kefu.core.rules.rule import EVERYWHERE, NO_ACTION, Action, Pattern, Rule, Scope
from kefu.errors import BadInput


def to_record(rule: Rule) -> dict[str, Any]:
    """Everything but the position; what is at its default is left out, except id, patterns and replies."""
    scope = rule.scope
    record: dict[str, Any] = {
        "id": rule.id,
        "patterns": [_pattern_record(pattern) for pattern in rule.patterns],
        "replies": list(rule.replies),
        "none": list(rule.none),
        "priority": rule.priority,
        "channels": list(scope.channels),
        "products": list(scope.products),
        "hours": "-".join(f"{moment:%H:%M}" for moment in scope.hours or ()),
        "days": "..".join(day.isoformat() for day in scope.days or ()),
        "first_message": scope.first_message,
        "cooldown_s": rule.cooldown_s,
        "action": f"{rule.action.kind}:{rule.action.value}".rstrip(":"),
        "note": rule.note,
    }
    kept = {name: value for name, value in record.items() if value or name in ("id", "patterns", "replies")}
    return kept if rule.enabled else {**kept, "enabled": False}


def from_record(record: Mapping[str, Any], position: int = 0) -> Rule:
    """The rule of a mapping as `to_record` makes it. Raises BadInput naming the field."""
    _refuse_unknown(record)
    scope = Scope(
        channels=tuple(name.lower() for name in _texts(record, "channels")),
        products=tuple(name.lower() for name in _texts(record, "products")),
        hours=parse_hours(_text(record, "hours")),
        days=parse_days(_text(record, "days")),
        first_message=_flag(record, "first_message", False),
    )
    return Rule(
        id=_text(record, "id"),
        patterns=tuple(_pattern(item) for item in _list(record, "patterns")),
        replies=_texts(record, "replies"),
        none=_texts(record, "none"),
        priority=_number(record, "priority"),
        scope=EVERYWHERE if scope == EVERYWHERE else scope,
        enabled=_flag(record, "enabled", True),
        cooldown_s=_number(record, "cooldown_s"),
        action=parse_action(_text(record, "action")),
        note=_text(record, "note"),
        position=position,
    )


def parse_hours(text: str) -> tuple[time, time] | None:
    """``22:00-08:00``; empty is None. Raises BadInput."""
    if not text:
        return None
    start, _, end = text.replace("：", ":").replace("–", "-").replace("~", "-").partition("-")
    try:
        window = time.fromisoformat(start.strip().zfill(5)), time.fromisoformat(end.strip().zfill(5))
    except ValueError as error:
        raise BadInput(f"“{text}” is no time window.", "Write hours as 09:00-18:00 or 22:00-08:00.") from error
    if window[0] == window[1]:
        raise BadInput(f"The time window “{text}” is empty.", "Leave hours empty for the whole day.")
    return window


def parse_days(text: str) -> tuple[date, date] | None:
    """``2026-11-01..2026-11-11``, or one day; empty is None. Raises BadInput."""
    if not text:
        return None
    start, _, end = text.partition("..")
    try:
        days = date.fromisoformat(start.strip()), date.fromisoformat((end or start).strip())
    except ValueError as error:
        raise BadInput(f"“{text}” are no days.", "Write days as 2026-11-01..2026-11-11.") from error
    if days[0] > days[1]:
        raise BadInput(f"The days “{text}” end before they start.", "Write the earlier day first.")
    return days


def parse_action(text: str) -> Action:
    """``hand_off:REASON``, ``set_topic:TOPIC``, ``ask:SLOT``, or in Chinese 转人工, 话题, 追问; empty is none. Raises
    BadInput."""
    kind, _, value = (part.strip() for part in text.replace("：", ":").partition(":"))
    if not kind:
        return NO_ACTION
    kind = _IN_CHINESE.get(kind, kind.lower())
    reasons = {label: reason for reason, label in REASONS.items()} if kind == "hand_off" else {}
    return Action(kind, reasons.get(value, value))  # type: ignore[arg-type]


_IN_CHINESE = {"转人工": "hand_off", "话题": "set_topic", "追问": "ask"}


_FIELDS = {
    *("id", "patterns", "replies", "none", "priority", "channels", "products", "hours", "days"),
    *("first_message", "cooldown_s", "action", "note", "enabled", "position"),
}


def _refuse_unknown(record: Mapping[str, Any]) -> None:
    unknown = [str(name) for name in record if name not in _FIELDS]
    if unknown:
        raise BadInput(f"A rule has no field {', '.join(unknown)}.", f"Fields: {', '.join(sorted(_FIELDS))}.")


def _pattern_record(pattern: Pattern) -> dict[str, Any]:
    if pattern.kind != "keywords":
        return {pattern.kind: pattern.text}
    return {name: list(words) for name, words in (("all", pattern.all), ("any", pattern.any)) if words}


def _pattern(item: Any) -> Pattern:
    """A sentence as text, or ``{"sentence": …}``, ``{"regex": …}``, ``{"all": […], "any": […]}``."""
    if isinstance(item, str):
        return Pattern("sentence", item)
    if isinstance(item, Mapping) and set(item) in ({"sentence"}, {"regex"}):
        kind, text = next(iter(item.items()))
        if isinstance(text, str):
            return Pattern(kind, text)
    if isinstance(item, Mapping) and item and set(item) <= {"all", "any"}:
        return Pattern("keywords", all=_texts(item, "all"), any=_texts(item, "any"))
    raise BadInput(
        f"{item!r} is no pattern.", 'Write {"sentence": "…"}, {"regex": "…"} or {"all": ["…"], "any": ["…"]}.'
    )


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    value = record.get(name) or []
    if isinstance(value, list | tuple):
        return list(value)
    raise BadInput(f"{name} is not a list.", f"Write {name} as a list.")


def _texts(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name) or []
    items: Iterable[Any] = [value] if isinstance(value, str) else _list(record, name)
    if not all(isinstance(item, str) for item in items):
        raise BadInput(f"{name} holds something that is not text.", f"Write {name} as a list of texts.")
    return tuple(item.strip() for item in items if item.strip())


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    raise BadInput(f"{name} is not text.", f"Write {name} in quotes.")


def _number(record: Mapping[str, Any], name: str) -> int:
    value = record.get(name) or 0
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 1_000_000_000:
        return value
    raise BadInput(f"{name} is not a whole number.", f"Write {name} as a number, e.g. 10.")


def _flag(record: Mapping[str, Any], name: str, default: bool) -> bool:
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return default if value is None else value
    raise BadInput(f"{name} is neither true nor false.", "Write true or false.")
