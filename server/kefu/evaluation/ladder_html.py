"""The ladder as one HTML page that needs nothing else: bars with intervals, latency, a confusion matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from kefu.evaluation.ladder import RungResult, Task, confusion, figures_of, mcnemar
from kefu.evaluation.metrics import Figure
from kefu.evaluation.report_html import render

_BAR = 460


def ladder_page(task: Task, results: Sequence[RungResult]) -> str:
    """Plots first, then every figure with its interval; every text is escaped."""
    figures = [figure for result in results for figure in figures_of(task, result)]
    plots = "".join(_bars(measure, figures) for measure in ("accuracy", "macro F1", "latency p95, ms"))
    matrix = _matrix(confusion(task, results[-1]), results[-1].name) if results else ""
    page = render("The ladder", figures, f"{len(task.held)} held-out sentences, {len(task.learnt)} learnt from.")
    return page.replace("<table>", f"{plots}{_tests(task, results)}{matrix}<table>", 1)


def _bars(measure: str, figures: Sequence[Figure]) -> str:
    rows = [figure for figure in figures if figure.name == measure]
    top = max([figure.high for figure in rows], default=0.0) or 1.0
    bars = []
    for number, row in enumerate(rows):
        y, width = 24 * number + 4, _BAR * row.value / top
        low, high = 170 + _BAR * row.low / top, 170 + _BAR * row.high / top
        bars.append(
            f'<text x="0" y="{y + 13}">{escape(row.set)}</text><rect x="170" y="{y}" width="{width:.1f}" height="16" '
            f'fill="#4a7bd0"/><path d="M{low:.1f} {y + 8}H{high:.1f}" stroke="#1c1c1e"/>'
            f'<text x="{_BAR + 180}" y="{y + 13}">{row.value:.3f}</text>'
        )
    height = 24 * len(rows) + 8
    return (
        f'<h2>{escape(measure)}</h2><svg width="100%" viewBox="0 0 700 {height}" font-size="12" role="img">'
        f"<title>{escape(measure)}</title>{''.join(bars)}</svg>"
    )


def _tests(task: Task, results: Sequence[RungResult]) -> str:
    """Is a rung better than the one before it? Exact McNemar."""
    lines = [
        f"<li>{escape(one.name)} → {escape(two.name)}: p = {mcnemar(one.hits(task.held), two.hits(task.held)):.3g}"
        for one, two in pairwise(results)
    ]
    return f"<h2>Exact McNemar</h2><ul>{''.join(lines)}</ul>" if lines else ""


def _matrix(counts: Counter[tuple[str, str]], name: str) -> str:
    labels = sorted({truth for truth, _ in counts})
    guesses = [*labels, *sorted({guess for _, guess in counts} - set(labels))]
    most = max(counts.values(), default=1)
    head = "".join(f"<th>{escape(guess or '–')}" for guess in guesses)
    body = "".join(
        f"<tr><th>{escape(truth or '–')}" + "".join(_cell(counts[truth, guess], most) for guess in guesses)
        for truth in labels
    )
    style = "<style>.m{font-size:10px;width:auto}.m th{font-weight:400;writing-mode:horizontal-tb}</style>"
    return f'<h2>Confusion: {escape(name)}</h2>{style}<table class="m"><tr><th>{head}{body}</table>'


def _cell(count: int, most: int) -> str:
    return f'<td style="background:rgba(74,123,208,{count / most:.2f})">{count or ""}'
