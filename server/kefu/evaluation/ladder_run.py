"""`eval ladder`: the frozen set, the shop's means, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kefu.core.intents import Example, train
from kefu.core.upstreams import Upstream
from kefu.engine import Engine
from kefu.errors import NotFound
from kefu.evaluation.ladder import Ask, RungResult, Task, climb, figures_of, local_rungs, mcnemar, model_rungs
from kefu.evaluation.understanding import split
from kefu.jobs.labelled import read_examples
from kefu.store import examples, intents, knowledge
from kefu.store.shops import Shop

OUTSIDE = ("oos", "other", "unknown")


@dataclass(frozen=True, slots=True)
class Climb:
    """``data``: the frozen set (rows text, label); without it a fifth of the shop's own sentences. ``base`` and
    ``tuned`` name upstreams of the shop. ``most``: sentences asked at most (0 = all)."""

    data: Path | None = None
    base: str = ""
    tuned: str = ""
    most: int = 0
    cache: Path | None = None
    per_second: float = 0.0


def run_ladder(engine: Engine, shop: Shop, wanted: Climb, say: Callable[[str], None]) -> tuple[Task, list[RungResult]]:
    """Every rung that can be measured. Raises BadInput (labels, file) and NotFound (model)."""
    snapshot = engine.snapshots.of(shop.id)
    with engine.db.read() as connection:
        rows = [Example(e.text, e.intent) for e in examples.list_examples(connection, shop.id)]
        names = {intent.id: intent.name for intent in intents.list_intents(connection, shop.id)}
        entries = knowledge.list_entries(connection, shop.id).values()
        scripts = "\n".join(e.content for e in entries if e.knowledge_id == "scripts")
    known = [row for row in rows if row.label not in OUTSIDE]
    task = Task.of(*_sets(known, wanted), names)
    base, tuned = (_upstream(snapshot.models.upstreams, name) for name in (wanted.base, wanted.tuned))
    rungs = local_rungs(task, snapshot.parts.rules, train(task.learnt))
    ask = Ask(engine.models.pool, wanted.cache, wanted.per_second)
    rungs += model_rungs(task, ask, base, tuned, scripts)
    return task, list(climb(task, rungs, say))


def _sets(known: Sequence[Example], wanted: Climb) -> tuple[Sequence[Example], Sequence[Example]]:
    if wanted.data:
        held = [Example(row.text, "" if row.label in OUTSIDE else row.label) for row in read_examples(wanted.data)]
        return known, held[: wanted.most or None]
    learnt, held = split(known)
    step = max(1, len(held) // wanted.most) if wanted.most else 1
    return learnt, held[::step][: wanted.most or None]


def _upstream(table: Any, name: str) -> Upstream | None:
    if name and name not in table:
        raise NotFound(f"The shop has no upstream “{name}”.", f"It has {', '.join(table) or 'none'}.")
    return table[name] if name else None


def as_json(task: Task, results: Sequence[RungResult]) -> dict[str, Any]:
    """Figures, tests between neighbours, and every guess."""
    return {
        "held": len(task.held),
        "learnt": len(task.learnt),
        "rungs": [
            {
                "name": result.name,
                "figures": {f.name: [f.value, f.low, f.high] for f in figures_of(task, result)},
                "guesses": [
                    {"text": row.text, "label": row.label, "guess": guess.label}
                    for row, guess in zip(task.held, result.guesses, strict=True)
                ],
            }
            for result in results
        ],
        "mcnemar": [
            {"before": a.name, "after": b.name, "p": mcnemar(a.hits(task.held), b.hits(task.held))}
            for a, b in pairwise(results)
        ],
    }
