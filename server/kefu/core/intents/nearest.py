"""What the model has learnt from, searchable by likeness: for its scores, and to show why an answer was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kefu.core.intents.encoder import Message
from kefu.core.intents.rows import Columns, Floats, Ints
from kefu.core.intents.values import Example
from kefu.core.intents.vocabulary import BIAS_VALUE

COMMON = np.float32(BIAS_VALUE * BIAS_VALUE)
"""What the bias (`vocabulary.BIAS`) adds to every similarity."""
FAINTEST = 0.05
"""Likeness under which an example explains nothing."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An example and how alike it is (0–1)."""

    example: Example
    likeness: float


@dataclass(frozen=True, slots=True)
class ExampleIndex:
    """``features`` and ``sense`` (one row each) are those of the ``examples``."""

    examples: tuple[Example, ...]
    features: Columns
    sense: Floats

    def similarity(self, message: Message) -> tuple[Floats, float]:
        """Similarity of one message with every example, and the likeness (0–1) of the one that is most alike in its
        own features; what all have in common is added, not looked up."""
        likeness = self.features.times(message.columns[1:], message.values[1:])
        return likeness + self.sense @ message.sense + COMMON, float(likeness.max())

    def nearest(self, columns: Ints, values: Floats, count: int) -> tuple[Neighbour, ...]:
        """The ``count`` most similar examples to an encoded message, best first; none without a common feature."""
        likeness = self.features.times(columns[1:], values[1:])
        order = np.argsort(-likeness, kind="stable")[:count]
        return tuple(Neighbour(self.examples[i], min(1.0, float(likeness[i]))) for i in order if likeness[i] > FAINTEST)


def spread(labels: list[str], most: int) -> list[int]:
    """Up to ``most`` row numbers, the first of each intent before the second of any."""
    turn: dict[str, int] = {}
    ranked = []
    for row, label in enumerate(labels):
        turn[label] = turn.get(label, 0) + 1
        ranked.append((turn[label], row))
    return sorted(row for _, row in sorted(ranked)[:most])
