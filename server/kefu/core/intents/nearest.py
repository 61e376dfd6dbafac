"""The shop's own examples that are most like a message: the second rung, and the reason to show for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats, Ints, Rows
from kefu.core.intents.values import Example

MOST_EXAMPLES = 3_000
"""Examples that a model carries, spread evenly over its intents: about 1 MB for every 2,000."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An example and how alike it is (0–1)."""

    example: Example
    likeness: float


@dataclass(frozen=True, slots=True)
class ExampleIndex:
    """``columns`` has each feature's column in ``postings``' order; a posting row holds the examples with it."""

    examples: tuple[Example, ...]
    rows: Rows
    columns: NDArray[np.int64]
    postings: Rows

    @classmethod
    def of(cls, examples: Sequence[Example], rows: Rows) -> ExampleIndex:
        return cls(tuple(examples), rows, *rows.transposed())

    def nearest(self, columns: Ints, values: Floats, count: int) -> tuple[Neighbour, ...]:
        """The ``count`` most similar examples to an encoded message, best first; none without a common feature."""
        if not self.examples:
            return ()
        likeness = np.zeros(len(self.examples), np.float32)
        places = np.searchsorted(self.columns, columns)
        for column, value, place in zip(columns, values, np.minimum(places, len(self.columns) - 1), strict=True):
            if self.columns[place] == column:
                owners, weights = self.postings.row(int(place))
                likeness[owners] += value * weights
        order = np.argsort(-likeness, kind="stable")[:count]
        return tuple(Neighbour(self.examples[i], min(1.0, float(likeness[i]))) for i in order if likeness[i] > 0.05)


def spread(labels: Sequence[str], most: int) -> list[int]:
    """Up to ``most`` row numbers, the first of each intent before the second of any."""
    turn: dict[str, int] = {}
    ranked = []
    for row, label in enumerate(labels):
        turn[label] = turn.get(label, 0) + 1
        ranked.append((turn[label], row))
    return sorted(row for _, row in sorted(ranked)[:most])
