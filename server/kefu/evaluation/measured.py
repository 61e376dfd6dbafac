"""What a measurement leaves: one row for each question and means, from which every figure is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from kefu.evaluation.metrics import Figure, macro_f1, share

SECTIONS = ("intent", "slots", "identity", "regression")
MARKS = ("right", "wrong", "missed", "extra")
"""A slot's value: as wanted; another than wanted; wanted and not given; given and not wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answered question.

    ``group``: its kind (an identity situation, a sort of general question). ``unread``: the model's own words could
    not be used. ``valid``: Dify's node reads what it is given; ``silent``: the node took its first class unasked.
    ``leak``: another maker was named. ``marks``: slot → one of `MARKS`; ``invented``: slots whose value nobody said.
    ``again``: whether it was right in each repetition, this one first. ``near``: the learnt sentence most like it,
    with its intent, where that is nearly the same sentence.
    """

    ask: str
    want: str
    got: str
    right: bool
    group: str = ""
    ms: float = 0.0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    unread: bool = False
    valid: bool = True
    silent: bool = False
    leak: bool = False
    marks: Mapping[str, str] = field(default_factory=dict)
    invented: tuple[str, ...] = ()
    again: tuple[bool, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """``rung``: the means, ``model``: the upstream it asked, "" for none."""

    section: str
    rung: str
    model: str
    rows: tuple[Row, ...]

    @property
    def hits(self) -> list[bool]:
        return [row.right for row in self.rows]


@dataclass(frozen=True, slots=True)
class Price:
    """Of 1,000 tokens, in whatever currency the report is."""

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, row: Row) -> float:
        return (row.prompt_tokens * self.prompt + row.completion_tokens * self.completion) / 1000


def figures_of(found: Measured, price: Price = Price()) -> list[Figure]:
    """Every figure of one rung; shares with their Wilson interval."""
    return [*_QUALITY[found.section](found), *_spent(found, price)]


def _intent(found: Measured) -> list[Figure]:
    rows, name = found.rows, found.rung
    return [
        share(name, "accuracy", found.hits),
        _mean(name, "macro F1", macro_f1([r.want for r in rows], [r.got for r in rows]), len(rows)),
        share(name, "answered", [bool(row.got) for row in rows]),
        share(name, "node-valid", [row.valid for row in rows]),
        share(name, "silent wrong class", [row.silent and not row.right for row in rows]),
    ]


def _slots(found: Measured) -> list[Figure]:
    rows, name = found.rows, found.rung
    marks = list(chain.from_iterable(row.marks.values() for row in rows))
    given = [mark == "right" for mark in marks if mark != "missed"]
    wanted = [mark == "right" for mark in marks if mark != "extra"]
    invented = [slot in row.invented for row in rows for slot, mark in row.marks.items() if mark != "missed"]
    return [
        share(name, "precision", given),
        share(name, "recall", wanted),
        _mean(name, "F1", f1(marks), len(rows)),
        share(name, "exact", found.hits),
        share(name, "invented values", invented),
        share(name, "node-valid", [row.valid for row in rows]),
    ]


def _identity(found: Measured) -> list[Figure]:
    rows, name = found.rows, found.rung
    figures = [share(name, "hit", found.hits), share(name, "leak", [row.leak for row in rows])]
    for group in dict.fromkeys(row.group for row in rows):
        of = [row for row in rows if row.group == group]
        figures.append(share(name, f"hit, {group}", [row.right for row in of]))
        figures.append(share(name, f"leak, {group}", [row.leak for row in of]))
    return figures


def _regression(found: Measured) -> list[Figure]:
    return [share(found.rung, "right", found.hits)]


_QUALITY = {"intent": _intent, "slots": _slots, "identity": _identity, "regression": _regression}


def _spent(found: Measured, price: Price) -> list[Figure]:
    rows, name, total = found.rows, found.rung, len(found.rows) or 1
    repeated = [all(row.again) for row in rows if row.again]
    figures = [share(name, f"pass^{len(rows[0].again)}", repeated)] if repeated else []
    times = [row.ms for row in rows]
    for label, value in (
        ("latency p50, ms", percentile(times, 0.5)),
        ("latency p95, ms", percentile(times, 0.95)),
        ("LLM calls", sum(row.calls for row in rows) / total),
        ("tokens", sum(row.prompt_tokens + row.completion_tokens for row in rows) / total),
        ("cost of 1,000", 1000 * sum(map(price.of, rows)) / total),
    ):
        figures.append(_mean(name, label, value, len(rows)))
    return figures


def _mean(rung: str, label: str, value: float, total: int) -> Figure:
    return Figure(rung, label, value, value, value, total)


def f1(marks: Sequence[str]) -> float:
    """Of all slots together; 1 where there was nothing to find and nothing was found."""
    right = marks.count("right")
    missed = marks.count("wrong") * 2 + marks.count("missed") + marks.count("extra")
    return 2 * right / (2 * right + missed) if marks else 1.0


def slot_figures(found: Measured) -> dict[str, float]:
    """F1 of each slot."""
    names = sorted({name for row in found.rows for name in row.marks})
    return {name: f1([row.marks[name] for row in found.rows if name in row.marks]) for name in names}


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest-rank percentile; 0 for no values."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(part * len(ranked)) - 1)] if ranked else 0.0


def mcnemar(one: Sequence[bool], other: Sequence[bool]) -> float:
    """Exact two-sided p that two runs over the same rows are equally good (McNemar 1947, binomial form)."""
    won = sum(b and not a for a, b in zip(one, other, strict=True))
    lost = sum(a and not b for a, b in zip(one, other, strict=True))
    tail = sum(math.comb(won + lost, k) for k in range(min(won, lost) + 1)) / 2 ** (won + lost)
    return min(1.0, 2 * tail)
