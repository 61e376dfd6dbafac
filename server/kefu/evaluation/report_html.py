"""A report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kefu.evaluation.metrics import Figure

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e}
table{border-collapse:collapse;width:100%}td,th{padding:.35rem .6rem;border-bottom:1px solid #ddd;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}.yes{color:#0a7a32}.no{color:#b3261e}"""


def render(title: str, figures: Sequence[Figure], note: str = "") -> str:
    """A table of the figures with their 95 % intervals and targets; every text is escaped."""
    rows = "\n".join(_row(figure) for figure in figures)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1><p>{escape(note)}</p>"
        "<table><thead><tr><th>set<th>measure<th>value<th>95 %<th>rows<th>target</tr></thead>"
        f"<tbody>{rows}</tbody></table></html>\n"
    )


def _row(figure: Figure) -> str:
    goal = ""
    if figure.target is not None:
        mark, word = ("yes", "reached") if figure.reached else ("no", "not reached")
        goal = f'<span class="{mark}">{figure.target:.3f} {word}</span>'
    return (
        f"<tr><td>{escape(figure.set)}<td>{escape(figure.name)}"
        f'<td class="n">{figure.value:.3f}<td class="n">{figure.low:.3f}–{figure.high:.3f}'
        f'<td class="n">{figure.total}<td>{goal}</tr>'
    )
