"""A run of the ladder as one HTML page that needs nothing else: bars with intervals, latency, confusion, figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from kefu.evaluation.compare import neighbours
from kefu.evaluation.ladder_text import TITLES
from kefu.evaluation.measured import Measured, figures_of
from kefu.evaluation.metrics import Figure
from kefu.evaluation.report_html import render
from kefu.evaluation.runs import Run

_BAR, _LEFT = 420, 190
_PLOTS = {
    "intent": ("accuracy", "macro F1", "latency p50, ms", "latency p95, ms", "tokens", "cost of 1,000"),
    "slots": ("F1", "exact", "invented values", "latency p95, ms"),
    "identity": ("hit", "leak"),
    "regression": ("right",),
}
_PARTS = ("accuracy", "macro F1", "F1", "exact", "invented values", "hit", "leak", "right")
_STYLE = (
    "<style>.m{font-size:10px;width:auto}.m th{font-weight:400}.m td{text-align:center}"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(26rem,1fr));gap:1rem}h3{margin:.2rem 0}</style>"
)


def run_page(run: Run) -> str:
    """Plots section by section, the differences, then every figure with its interval; every text is escaped."""
    figures = [
        Figure(f"{TITLES[one.section]}: {one.rung}", f.name, f.value, f.low, f.high, f.total)
        for one in run.measured
        for f in figures_of(one, run.price_of(one))
    ]
    note = f"Shop {run.shop}, frozen set {run.set}, {run.learnt} sentences to learn from."
    if run.currency:
        note += f" Cost in {run.currency}."
    page = render("The ladder", figures, note)
    sections = "".join(_section(run, section) for section in TITLES if run.rungs(section))
    missing = "".join(f"<li>{escape(': '.join(one))}" for one in run.left_out)
    missing = f"<h2>Not measured</h2><ul>{missing}</ul>" if missing else ""
    return page.replace("<table>", f"{_STYLE}{sections}{missing}{_tests(run)}<h2>All figures</h2><table>", 1)


def _section(run: Run, section: str) -> str:
    rungs = list(run.rungs(section).values())
    figures = [f for one in rungs for f in figures_of(one, run.price_of(one))]
    plots = "".join(_bars(measure, figures) for measure in _PLOTS[section])
    more = ""
    if section == "intent":
        more = "".join(_matrix(one, opened=one is rungs[-1]) for one in rungs)
    elif section == "identity":
        more = _situations(rungs)
    return f'<h2>{TITLES[section]}</h2><div class="plots">{plots}</div>{more}'


def _bars(measure: str, figures: Sequence[Figure]) -> str:
    """Shares as parts of one, anything else as parts of the longest."""
    rows = [figure for figure in figures if figure.name == measure]
    top = 1.0 if measure in _PARTS else max((figure.high for figure in rows), default=0.0) or 1.0
    bars = []
    for number, row in enumerate(rows):
        y, width = 24 * number + 4, _BAR * row.value / top
        low, high = _LEFT + _BAR * row.low / top, _LEFT + _BAR * row.high / top
        shown = f"{row.value:.3f}" if row.value < 10 else f"{row.value:,.0f}"
        bars.append(
            f'<text x="0" y="{y + 13}">{escape(row.set)}</text><rect x="{_LEFT}" y="{y}" width="{width:.1f}" '
            f'height="16" fill="#4a7bd0"/><path d="M{low:.1f} {y + 8}H{high:.1f}" stroke="#1c1c1e"/>'
            f'<text x="{_LEFT + _BAR + 10}" y="{y + 13}">{shown}</text>'
        )
    return (
        f'<div><h3>{escape(measure)}</h3><svg width="100%" viewBox="0 0 700 {24 * len(rows) + 8}" font-size="12" '
        f'role="img"><title>{escape(measure)}</title>{"".join(bars)}</svg></div>'
    )


def _matrix(one: Measured, *, opened: bool) -> str:
    """Truth down, guess across; “–” is “none of these”."""
    counts = Counter((row.want, row.got) for row in one.rows)
    labels = sorted({truth for truth, _ in counts})
    guesses = [*labels, *sorted({guess for _, guess in counts} - set(labels))]
    most = max(counts.values(), default=1)
    head = "".join(f"<th>{escape(guess or '–')}" for guess in guesses)
    body = "".join(
        f"<tr><th>{escape(truth or '–')}" + "".join(_cell(counts[truth, guess], most) for guess in guesses)
        for truth in labels
    )
    return (
        f"<details{' open' if opened else ''}><summary>Confusion: {escape(one.rung)}</summary>"
        f'<table class="m"><tr><th>{head}{body}</table></details>'
    )


def _cell(count: int, most: int) -> str:
    return f'<td style="background:rgba(74,123,208,{count / most:.2f})">{count or ""}'


def _situations(rungs: Sequence[Measured]) -> str:
    """Hits out of questions, and leaks, by situation and language."""
    groups = list(dict.fromkeys(row.group for row in rungs[0].rows))
    head = "".join(f"<th>{escape(group)}" for group in groups)
    body = ""
    for one in rungs:
        body += f"<tr><th>{escape(one.rung)}"
        for group in groups:
            rows = [row for row in one.rows if row.group == group]
            hits, leaks = sum(row.right for row in rows), sum(row.leak for row in rows)
            colour = f"rgba(10,122,50,{hits / len(rows):.2f})" if rows else "none"
            leaked = f", {leaks} leaked" if leaks else ""
            body += f'<td style="background:{colour}">{hits}/{len(rows)}{leaked}'
    return f'<table class="m"><tr><th>{head}{body}</table>'


def _tests(run: Run) -> str:
    """Is a rung better than the one before it?"""
    lines = [
        f"<li>{escape(d.section)}: {escape(d.one)} → {escape(d.other)}: {d.points:+.1f} points, p = {d.p:.3g}"
        for d in neighbours(run)
    ]
    return f"<h2>Differences (exact McNemar)</h2><ul>{''.join(lines)}</ul>" if lines else ""
