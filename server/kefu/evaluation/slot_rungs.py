"""Means of taking slots out of a dialogue, each value scored: right, wrong, missed, extra; and was it said at all?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kefu.core.text import quote_for_dify
from kefu.core.upstreams import Upstream
from kefu.engine.nodes import extract_values
from kefu.engine.snapshots import Snapshot
from kefu.evaluation.asking import NO_REPLY, Ask, Reply
from kefu.evaluation.climb import Rung
from kefu.evaluation.dify_nodes import Answer, extract
from kefu.evaluation.frozen import FrozenRow
from kefu.evaluation.grounding import Grounding
from kefu.evaluation.measured import Row
from kefu.evaluation.spoken import SLOTS, lines_of
from kefu.gateway.ask import extract_question, read_values, strict_schema
from kefu.gateway.kinds import UPSTREAM_KINDS
from kefu.gateway.nodes import ExtractorRequest, node_json

LIMIT = 512
"""Tokens for an answer."""
SlotRung = Rung[FrozenRow]


@dataclass(frozen=True, slots=True)
class SlotTask:
    """The dialogues, and every slot that any of them names: all are asked for in each."""

    held: tuple[FrozenRow, ...]
    grounding: Grounding

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for row in self.held for name in row.slots or ()))

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """As Dify's extractor node keeps them."""
        return [
            {"name": name, "type": "string", "description": SLOTS.get(name, (name,))[0], "required": True}
            for name in self.names
        ]

    def request(self, row: FrozenRow) -> ExtractorRequest:
        properties = {p["name"]: {"type": "string", "description": p["description"]} for p in self.parameters}
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        return ExtractorRequest(quote_for_dify(row.text), schema, "", lines_of(row.before))


def local_slot_rung(task: SlotTask, snapshot: Snapshot, now: datetime) -> SlotRung:
    """What `kefu-router` answers."""

    def answer(row: FrozenRow, _turn: int) -> Row:
        values, _ = extract_values(snapshot, task.request(row), now)
        return _row(task, row, values, _read_by_node(task, row, node_json(values)))

    return Rung("slots", "local", "", answer)


def model_slot_rungs(task: SlotTask, ask: Ask, models: Sequence[tuple[str, Upstream | None]]) -> list[SlotRung]:
    """For each (name, model): the gateway's short question, and Dify's own prompt."""
    rungs = []
    for name, upstream in models:
        if upstream:
            rungs += [
                Rung("slots", f"{name}, short", upstream.name, _short(task, ask, upstream)),
                Rung("slots", f"{name}, Dify's prompt", upstream.name, _whole(task, ask, upstream)),
            ]
    return rungs


def _short(task: SlotTask, ask: Ask, upstream: Upstream) -> Any:
    def answer(row: FrozenRow, turn: int) -> Row:
        node = task.request(row)
        extra = UPSTREAM_KINDS[upstream.kind].schema(strict_schema(node.schema))
        reply = ask(upstream, extract_question(node), turn=turn, extra=extra, limit=LIMIT)
        values = read_values(reply.text, node)
        kept = values or dict.fromkeys(task.names, "")
        return _row(task, row, kept, _read_by_node(task, row, node_json(kept)), reply, unread=values is None)

    return answer


def _whole(task: SlotTask, ask: Ask, upstream: Upstream) -> Any:
    def answer(row: FrozenRow, turn: int) -> Row:
        query, asked = quote_for_dify(row.text), task.parameters
        messages = extract(query, asked, "", row.before, Answer()).messages
        reply = ask(upstream, messages, turn=turn, extra={}, limit=LIMIT)
        outcome = extract(query, asked, "", row.before, Answer(reply.text)).outcome
        valid = not outcome.failed and outcome.outputs.get("__is_success") == 1
        return _row(task, row, outcome.outputs, valid, reply, unread=not valid)

    return answer


def _read_by_node(task: SlotTask, row: FrozenRow, said: str) -> bool:
    outcome = extract(quote_for_dify(row.text), task.parameters, "", row.before, Answer(said)).outcome
    return not outcome.failed and outcome.outputs.get("__is_success") == 1


def _row(
    task: SlotTask, row: FrozenRow, values: Mapping[str, Any], valid: bool, reply: Reply = NO_REPLY,
    *, unread: bool = False,
) -> Row:  # fmt: skip
    got = {name: str(values[name]) for name in task.names if values.get(name) not in (None, "")}
    want = {name: value for name, value in (row.slots or {}).items() if value}
    marks = {name: mark for name in task.names if (mark := _mark(task.grounding, want.get(name), got.get(name)))}
    return Row(
        ask=row.shown,
        want=json.dumps(want, ensure_ascii=False),
        got=json.dumps(got, ensure_ascii=False),
        right=all(mark == "right" for mark in marks.values()),
        unread=unread,
        valid=valid,
        marks=marks,
        invented=tuple(name for name, value in got.items() if not task.grounding.is_said(value, row.spoken)),
        **reply.spent,
    )


def _mark(grounding: Grounding, want: str | None, got: str | None) -> str:
    if want is None:
        return "extra" if got is not None else ""
    if got is None:
        return "missed"
    return "right" if grounding.same(want, got) else "wrong"
