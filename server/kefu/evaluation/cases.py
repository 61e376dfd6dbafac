"""Conversation cases: YAML that anyone writes, run through the engine, each expectation checked with file and line."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from kefu.core.decide import Asked, Decision
from kefu.core.decide.decide import Stage
from kefu.engine import Engine
from kefu.errors import BadInput
from kefu.store.shops import Shop

DEFAULT_NOW = "2026-11-20T14:00:00+08:00"

EXPECTATIONS = (
    *("say", "intent", "slots", "route", "reply_contains", "reply_contains_any", "reply_lacks", "llm_calls"),
    *("handed_off", "handoff_reason", "intent_also", "line"),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One turn: what is said and what must come of it. Absent expectations are None.

    ``intent_also`` are other intents that are as right as ``intent``, where the sentence does not tell them apart.
    """

    say: str
    line: int
    intent: str | None = None
    intent_also: tuple[str, ...] = ()
    slots: Mapping[str, Any] | None = None
    route: str | None = None
    reply_contains: tuple[str, ...] = ()
    reply_contains_any: tuple[str, ...] = ()
    reply_lacks: tuple[str, ...] = ()
    llm_calls: int | None = None
    handed_off: bool | None = None
    handoff_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation; ``rule_lacks`` are rules that may not fire in it."""

    id: str
    now: datetime
    turns: tuple[Expected, ...]
    rule_lacks: tuple[str, ...] = ()
    user: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one expected turn came to; ``failures`` say what was wrong, empty = all right."""

    case: Case
    expected: Expected
    decision: Decision
    failures: tuple[str, ...] = field(default=())


class _Lines(yaml.SafeLoader):
    """Gives each mapping the line that it begins on."""


def _mapping(loader: _Lines, node: yaml.MappingNode) -> dict[Any, Any]:
    return {**loader.construct_mapping(node, deep=True), "line": node.start_mark.line + 1}


_Lines.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_cases(path: Path) -> list[Case]:
    """The cases of a YAML file. Raises BadInput with file and line for anything that is no case."""
    try:
        with path.open(encoding="utf-8") as file:
            rows = yaml.load(file, _Lines)
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name}: not YAML ({error}).", "Check indentation and quotes.") from error
    if not isinstance(rows, list):
        raise BadInput(f"{path.name}: expected a list of cases.", "Begin each with “- id:”.")
    return [_case(path, row) for row in rows]


def _case(path: Path, row: Any) -> Case:
    if not isinstance(row, dict) or not row.get("id") or not isinstance(row.get("turns"), list):
        raise BadInput(f"{path.name}: a case needs id and turns.", f"Line {row.get('line') if row else '?'}.")
    now = row.get("now") or DEFAULT_NOW
    moment = now if isinstance(now, datetime) else datetime.fromisoformat(str(now))
    turns = tuple(_turn(path, turn) for turn in row["turns"])
    return Case(str(row["id"]), moment, turns, tuple(row.get("rule_lacks") or ()), str(row.get("user") or ""))


def _turn(path: Path, turn: Mapping[str, Any]) -> Expected:
    unknown = set(turn) - set(EXPECTATIONS)
    if unknown or "say" not in turn:
        raise BadInput(
            f"{path.name} line {turn.get('line')}: {', '.join(map(str, unknown)) or 'say is missing'}.",
            f"A turn knows {', '.join(EXPECTATIONS)}.",
        )
    several = ("reply_contains", "reply_contains_any", "reply_lacks", "intent_also")
    many = {name: _texts(turn[name]) for name in several if name in turn}
    slots = _without_lines(turn["slots"]) if isinstance(turn.get("slots"), dict) else None
    values: dict[str, Any] = {**turn, **many, "say": str(turn["say"]), "slots": slots}
    return Expected(**values)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_lines(item) for key, item in value.items() if key != "line"}
    return [_without_lines(item) for item in value] if isinstance(value, list) else value


def run_case(engine: Engine, shop: Shop, case: Case, stages: tuple[Stage, ...] | None = None) -> Iterator[Outcome]:
    """Each turn of ``case`` in a conversation of its own, at the case's time; ``stages`` as in `decide`."""
    conversation = f"case-{case.id}-{uuid.uuid4().hex[:8]}"
    for expected in case.turns:
        asked = Asked(expected.say, conversation, case.now, user_id=case.user)
        decision = engine.turn(shop, asked, tool="understand", stages=stages).decision
        yield Outcome(case, expected, decision, tuple(check(case, expected, decision)))


def check(case: Case, expected: Expected, decision: Decision) -> Iterator[str]:
    """What is wrong with ``decision``, in words; intent and slots are scored elsewhere, not checked."""
    if expected.route is not None and decision.route != expected.route:
        yield f"route {decision.route}, expected {expected.route}"
    for text in expected.reply_contains:
        if text not in decision.reply:
            yield f"the reply lacks “{text}”"
    if expected.reply_contains_any and not any(text in decision.reply for text in expected.reply_contains_any):
        yield f"the reply has none of {'、'.join(expected.reply_contains_any)}"
    for text in expected.reply_lacks:
        if text in decision.reply:
            yield f"the reply says “{text}”"
    if expected.handed_off is not None and decision.handed_off != expected.handed_off:
        yield f"handed off: {decision.handed_off}"
    if expected.handoff_reason is not None and decision.handoff_reason != expected.handoff_reason:
        yield f"hand-off reason “{decision.handoff_reason}”, expected {expected.handoff_reason}"
    if expected.llm_calls == 0 and decision.needs_llm:
        yield "needs a model, expected none"
    if decision.rule_id in case.rule_lacks:
        yield f"rule {decision.rule_id} may not answer this"


def failures(outcomes: Sequence[Outcome], path: Path) -> list[str]:
    """One line for each failed turn: file, line, what was said, what went wrong."""
    return [
        f"{path.name}:{one.expected.line} [{one.case.id}] “{one.expected.say}” → {'; '.join(one.failures)} "
        f"({one.decision.route}: {one.decision.reply[:80]})"
        for one in outcomes
        if one.failures
    ]
