"""The ladder as tables for a terminal: one for each section, one line for each rung."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from kefu.evaluation.compare import Difference, neighbours
from kefu.evaluation.identity_eval import SITUATIONS
from kefu.evaluation.measured import Measured, figures_of, slot_figures
from kefu.evaluation.metrics import Figure
from kefu.evaluation.runs import Run

TITLES = {
    "intent": "Intent",
    "slots": "Slots",
    "identity": "Identity",
    "regression": "General questions",
}
_SHARES = {
    "intent": ("accuracy", "macro F1", "answered", "node-valid", "silent wrong class"),
    "slots": ("F1", "precision", "recall", "exact", "invented values", "node-valid"),
    "identity": ("hit", "leak"),
    "regression": ("right",),
}
_SPENT = ("latency p50, ms", "latency p95, ms", "LLM calls", "tokens", "cost of 1,000")
_SHORT = {"silent wrong class": "silent wrong", "latency p50, ms": "p50 ms", "latency p95, ms": "p95 ms"}


def run_text(run: Run) -> str:
    """Every section, then which rungs differ from the one before by more than chance."""
    parts = [section_text(run, section) for section in TITLES if run.rungs(section)]
    parts += [f"{section}: {rung}: not measured: {why}" for section, rung, why in run.left_out]
    return "\n\n".join((*parts, differences_text(neighbours(run))))


def section_text(run: Run, section: str) -> str:
    rungs = list(run.rungs(section).values())
    figures = [{f.name: f for f in figures_of(one, run.price_of(one))} for one in rungs]
    repeats = [name for name in figures[0] if name.startswith("pass^")]
    columns = [*_SHARES[section], *repeats, *_SPENT]
    head = ["", *(_named(column, run) for column in columns)]
    rows = [[one.rung, *(_value(f.get(c)) for c in columns)] for one, f in zip(rungs, figures, strict=True)]
    title = f"{TITLES[section]}: {len(rungs[0].rows)} questions (95 % Wilson interval after each share)"
    return "\n".join((title, *aligned([head, *rows]), *_more(section, rungs)))


def _more(section: str, rungs: Sequence[Measured]) -> Iterator[str]:
    """Slots one by one; situations one by one."""
    if section == "slots":
        each = [slot_figures(one) for one in rungs]
        names = list(each[0])
        yield from aligned(
            [
                ["F1 of", *names],
                *([one.rung, *(f"{f[n]:.3f}" for n in names)] for one, f in zip(rungs, each, strict=True)),
            ]
        )
    if section == "identity":
        groups = [f"{s}, {x}" for s in SITUATIONS for x in ("zh", "en")]
        yield from aligned(
            [["hit/leak", *groups], *([one.rung, *(_hit_leak(one, g) for g in groups)] for one in rungs)]
        )


def _hit_leak(one: Measured, group: str) -> str:
    rows = [row for row in one.rows if row.group == group]
    if not rows:
        return "–"
    return f"{sum(r.right for r in rows)}/{len(rows)}, {sum(r.leak for r in rows)}"


def differences_text(found: Sequence[Difference]) -> str:
    """Exact McNemar tests as lines."""
    rows = [
        [
            d.section, f"{d.one} → {d.other}", f"{d.before:.1%} → {d.after:.1%}", f"{d.points:+.1f} points",
            f"+{d.won} −{d.lost} of {d.total}", f"p = {d.p:.3g}",
        ]
        for d in found
    ]  # fmt: skip
    return "\n".join(("Differences (exact McNemar)", *aligned(rows))) if rows else ""


def _named(column: str, run: Run) -> str:
    if column == "cost of 1,000" and run.currency:
        return f"{run.currency} of 1,000"
    return _SHORT.get(column, column)


def _value(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    if figure.low != figure.high:
        return f"{figure.value:.3f} [{figure.low:.2f}–{figure.high:.2f}]"
    return f"{figure.value:.3f}" if figure.value < 10 else f"{figure.value:,.0f}"


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with columns under each other; a Chinese character is two columns wide."""
    if not rows:
        return
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
