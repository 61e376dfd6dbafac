"""The measures of understanding, each with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.96
"""Normal deviate of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` with its 95 % interval over ``total`` rows; ``target`` is what the project wants (None: none set)."""

    set: str
    name: str
    value: float
    low: float
    high: float
    total: int
    target: float | None = None

    @property
    def reached(self) -> bool | None:
        return None if self.target is None else self.value >= self.target


def wilson(hits: float, total: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share; (0, 1) for no rows (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    middle = (share + Z * Z / (2 * total)) / (1 + Z * Z / total)
    spread = Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total)) / (1 + Z * Z / total)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def share(set_name: str, name: str, hits: Sequence[bool], target: float | None = None) -> Figure:
    """The share of hits as a figure; 0 for no rows."""
    total = len(hits)
    return Figure(set_name, name, sum(hits) / total if total else 0.0, *wilson(sum(hits), total), total, target)


def macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """The mean F1 of the labels that occur in the truth; every label counts the same."""
    scores = []
    for label in sorted(set(truth)):
        both = sum(t == g == label for t, g in zip(truth, guesses, strict=True))
        scores.append(2 * both / (truth.count(label) + sum(g == label for g in guesses)))
    return sum(scores) / len(scores) if scores else 0.0


def most_confident(hits: Sequence[bool], confidences: Sequence[float], part: float) -> list[bool]:
    """The hits among the ``part`` (0–1) of the answers with the highest confidence."""
    ranked = sorted(range(len(hits)), key=lambda i: -confidences[i])
    return [hits[i] for i in ranked[: round(len(hits) * part)]]


def calibration_error(hits: Sequence[bool], confidences: Sequence[float], bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over equal bins of confidence, weighted by their rows."""
    gap = 0.0
    for number in range(bins):
        inside = [i for i, c in enumerate(confidences) if min(int(c * bins), bins - 1) == number]
        gap += abs(sum(confidences[i] for i in inside) - sum(hits[i] for i in inside))
    return gap / len(hits) if hits else 0.0
