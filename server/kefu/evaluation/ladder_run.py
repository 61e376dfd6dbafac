"""`eval ladder`: the frozen set, the shop's means, and what came out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kefu.core.intents import Example, train
from kefu.core.upstreams import Upstream
from kefu.engine import Engine
from kefu.engine.snapshots import Snapshot
from kefu.errors import NotFound
from kefu.evaluation.asking import Ask
from kefu.evaluation.climb import Pace, Progress, Rung, climb
from kefu.evaluation.frozen import OUTSIDE, FrozenRow, FrozenSet, read_frozen
from kefu.evaluation.grounding import Grounding
from kefu.evaluation.identity_eval import identity_questions, local_identity_rung, model_identity_rungs
from kefu.evaluation.intent_rungs import Task, local_rungs, model_rungs
from kefu.evaluation.measured import SECTIONS, Measured, Price
from kefu.evaluation.regression import general_questions, regression_rungs
from kefu.evaluation.runs import Run
from kefu.evaluation.slot_rungs import SlotTask, local_slot_rung, model_slot_rungs
from kefu.evaluation.spoken import dialogues, goods_of
from kefu.evaluation.understanding import split
from kefu.gateway.errors import UpstreamError
from kefu.store import examples, intents, knowledge
from kefu.store.shops import Shop

SLOT_DIALOGUES = Path(__file__).parent / "data" / "slots.yaml"
COPIES = 2
"""Fillings of each dialogue with holes."""


@dataclass(frozen=True, slots=True)
class Climb:
    """``data``: the frozen set; without it a fifth of the shop's own sentences and dialogues filled from its data.

    ``base`` and ``tuned`` name upstreams of the shop. ``most``: questions of a section at most (0 = all).
    ``journal`` keeps every answer, see `Ask`.
    """

    data: Path | None = None
    base: str = ""
    tuned: str = ""
    sections: tuple[str, ...] = SECTIONS
    most: int = 0
    journal: Path | None = None
    per_second: float = 0.0
    pace: Pace = Pace()  # noqa: RUF009 - frozen
    prices: Mapping[str, Price] = field(default_factory=dict)
    currency: str = ""


def frozen_set(engine: Engine, shop: Shop, wanted: Climb) -> FrozenSet:
    """The file's rows, or the shop's own. Raises BadInput (file, labels)."""
    with engine.db.read() as connection:
        known = _sentences(examples.list_examples(connection, shop.id))
    labels = sorted({row.label for row in known})
    if wanted.data:
        found = read_frozen(wanted.data, labels)
    else:
        held = [FrozenRow(row.text, row.label) for row in split(known)[1]]
        found = FrozenSet(tuple(held), tuple(_dialogues(engine.snapshots.of(shop.id))))
    return FrozenSet(_spread(found.intents, wanted.most), _spread(found.slots, wanted.most))


def run_ladder(
    engine: Engine, shop: Shop, wanted: Climb, frozen: FrozenSet, say: Callable[[str], None], progress: Progress
) -> Run:
    """Every rung that can be measured. A model that gives no answer ends its rung with a line, not the run.

    Raises NotFound for a model that the shop does not have.
    """
    climber = _Climber(engine, shop, wanted, frozen, say)
    done: list[Measured] = []
    left_out: list[tuple[str, str, str]] = []
    for rung, questions in climber.rungs():
        try:
            done.append(climb(rung, questions, wanted.pace, progress))
        except UpstreamError as error:
            say(f"{rung.section}: {rung.name}: not measured: {error}")
            left_out.append((rung.section, rung.name, str(error)))
    return Run(shop.name, frozen.digest, climber.learnt, tuple(done), wanted.prices, wanted.currency, tuple(left_out))


class _Climber:
    def __init__(
        self, engine: Engine, shop: Shop, wanted: Climb, frozen: FrozenSet, say: Callable[[str], None]
    ) -> None:
        self._engine, self._shop, self._wanted, self._frozen, self._say = engine, shop, wanted, frozen, say
        self._snapshot = engine.snapshots.of(shop.id)
        self.learnt = 0
        table = self._snapshot.models.upstreams
        self._models = [(name, _upstream(table, of)) for name, of in (("base", wanted.base), ("tuned", wanted.tuned))]
        self._ask = Ask(engine.models.pool, wanted.journal, wanted.per_second)
        if self._ask.known:
            say(f"{self._ask.known} answers are known from {wanted.journal}.")

    def rungs(self) -> Iterator[tuple[Rung[Any], Sequence[Any]]]:
        """Each rung with its questions, cheap ones first within a section."""
        sections: dict[str, Callable[[], Iterator[tuple[Rung[Any], Sequence[Any]]]]] = {
            "intent": self._intent,
            "slots": self._slots,
            "identity": self._identity,
            "regression": self._regression,
        }
        for section in self._wanted.sections:
            yield from sections[section]()

    def _intent(self) -> Iterator[tuple[Rung[Any], Sequence[Any]]]:
        if not self._frozen.intents:
            return
        with self._engine.db.read() as connection:
            learnt = _sentences(examples.list_examples(connection, self._shop.id))
            names = {intent.id: intent.name for intent in intents.list_intents(connection, self._shop.id)}
            entries = knowledge.list_entries(connection, self._shop.id).values()
            scripts = "\n".join(e.content for e in entries if e.knowledge_id == "scripts")
        task = Task.of(learnt, self._frozen.intents, names)
        self.learnt = len(task.learnt)
        self._say(f"training the local model on {self.learnt} sentences …")
        rungs = local_rungs(task, self._snapshot.parts.rules, train(task.learnt))
        (_, base), (_, tuned) = self._models
        yield from ((rung, task.held) for rung in (*rungs, *model_rungs(task, self._ask, base, tuned, scripts)))

    def _slots(self) -> Iterator[tuple[Rung[Any], Sequence[Any]]]:
        if not self._frozen.slots:
            return
        now = self._engine.clock()
        task = SlotTask(self._frozen.slots, Grounding(now, self._snapshot.parts.lexicon))
        yield local_slot_rung(task, self._snapshot, now), task.held
        yield from ((rung, task.held) for rung in model_slot_rungs(task, self._ask, self._models))

    def _identity(self) -> Iterator[tuple[Rung[Any], Sequence[Any]]]:
        questions = _spread(identity_questions(), self._wanted.most)
        parts = self._snapshot.parts
        yield local_identity_rung(parts, self._engine.clock()), questions
        yield from ((rung, questions) for rung in model_identity_rungs(self._ask, parts.voice, self._models))

    def _regression(self) -> Iterator[tuple[Rung[Any], Sequence[Any]]]:
        questions = _spread(general_questions(), self._wanted.most)
        yield from ((rung, questions) for rung in regression_rungs(self._ask, self._models))


def _sentences(found: Sequence[examples.IntentExample]) -> list[Example]:
    return [Example(e.text, e.intent) for e in found if e.intent not in OUTSIDE]


def _dialogues(snapshot: Snapshot) -> Iterator[FrozenRow]:
    goods = goods_of(snapshot.parts.catalogue.products)
    rows = dialogues(SLOT_DIALOGUES, goods, COPIES, random.Random(7))
    for row in {(row.text, row.before): row for row in rows}.values():
        yield FrozenRow(row.text, None, dict(row.slots), row.before)


def _spread(rows: Sequence[Any], most: int) -> tuple[Any, ...]:
    """``most`` of the rows, from all over."""
    if not most or len(rows) <= most:
        return tuple(rows)
    return tuple(rows[number * len(rows) // most] for number in range(most))


def _upstream(table: Mapping[str, Upstream], name: str) -> Upstream | None:
    if name and name not in table:
        raise NotFound(f"The shop has no upstream “{name}”.", f"It has {', '.join(table) or 'none'}.")
    return table[name] if name else None
