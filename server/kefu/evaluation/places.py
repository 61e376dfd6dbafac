"""Figures of places and dates on marked sentences: a folder's `slots_*place_date*.jsonl`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kefu.errors import BadInput
from kefu.evaluation.metrics import Figure, share
from kefu.evaluation.slots import Broken, Tally, read_rows, score

NOW = datetime.fromisoformat("2026-11-20T14:00:00+08:00")
"""Spans do not depend on the day; some day must be given."""
TYPES = ("date", "time", "city", "from_city", "to_city")
PAIR, CITY, DATE = 0.97, 0.95, 0.92


def evaluate_places(folder: Path) -> list[Figure]:
    """From and to both the right division, both in the very words that are marked, F1 of cities and of dates; none
    without such a file. Raises BadInput for a bad line."""
    figures: list[Figure] = []
    for path in sorted(folder.glob("slots_*place_date*.jsonl")):
        rows = []
        for row in read_rows(path):
            if isinstance(row, Broken):
                raise BadInput(f"{row.where}: {row.why}.", "Mend or remove the line.")
            rows.append(row)
        found = score(rows, now=NOW, types=TYPES)
        pairs = [place < found.pairs_right for place in range(found.pairs)]
        meant = [place < found.pairs_meant for place in range(found.pairs)]
        figures += [
            share(path.stem, "from and to both right", meant, PAIR),
            share(path.stem, "from and to both in the marked words", pairs),
            _f1(path.stem, "city F1", found.cities, CITY),
            _f1(path.stem, "date F1", found.types["date"], DATE),
        ]
    return figures


def _f1(name: str, measure: str, tally: Tally, target: float) -> Figure:
    total = tally.right + tally.overlooked
    return Figure(name, measure, tally.f1, tally.f1, tally.f1, total, target)
