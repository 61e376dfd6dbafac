"""Two saved runs over the same frozen set: is a means better than before, and is that more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kefu.errors import BadInput
from kefu.evaluation.measured import Measured, mcnemar
from kefu.evaluation.runs import Run


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` and ``after`` are shares right, ``won``/``lost`` questions that changed; ``p``: exact McNemar."""

    section: str
    one: str
    other: str
    before: float
    after: float
    won: int
    lost: int
    p: float
    total: int

    @property
    def points(self) -> float:
        """Percentage points gained (negative: lost)."""
        return 100 * (self.after - self.before)


def difference(one: Measured, other: Measured) -> Difference:
    """Raises BadInput unless both answered the same questions in the same order."""
    if [row.ask for row in one.rows] != [row.ask for row in other.rows]:
        raise BadInput(
            f"“{one.rung}” and “{other.rung}” did not answer the same {one.section} questions.",
            "Freeze the set (`--freeze FILE`) and give it to both runs (`--set FILE`).",
        )
    a, b = one.hits, other.hits
    total = len(a) or 1
    return Difference(
        one.section, one.rung, other.rung, sum(a) / total, sum(b) / total,
        sum(y and not x for x, y in zip(a, b, strict=True)), sum(x and not y for x, y in zip(a, b, strict=True)),
        mcnemar(a, b), len(a),
    )  # fmt: skip


def compare_runs(one: Run, other: Run, rungs: Sequence[tuple[str, str]] = ()) -> list[Difference]:
    """Rungs of one name in both runs, and the pairs (rung of ``one``, rung of ``other``) in ``rungs``.

    Raises BadInput for another frozen set, an unknown rung, or nothing in common.
    """
    pairs = [(a, b) for a in one.measured for b in other.measured if (a.section, a.rung) == (b.section, b.rung)]
    for before, after in rungs:
        found = [
            (a, b)
            for a in one.measured
            for b in other.measured
            if a.section == b.section and (a.rung, b.rung) == (before, after)
        ]
        if not found:
            known = ", ".join(dict.fromkeys(m.rung for m in (*one.measured, *other.measured)))
            raise BadInput(f"No section has the rungs “{before}” and “{after}”.", f"There are {known}.")
        pairs += found
    if not pairs:
        raise BadInput("The runs have no rung in common.", "Name two with --rungs BEFORE AFTER.")
    return [difference(a, b) for a, b in pairs]


def neighbours(run: Run) -> list[Difference]:
    """Each rung of a run against the one before it, section by section."""
    sections = dict.fromkeys(one.section for one in run.measured)
    return [difference(a, b) for section in sections for a, b in pairwise(run.rungs(section).values())]
