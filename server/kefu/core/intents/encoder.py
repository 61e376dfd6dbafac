"""A sentence as numbers: its own features as a sparse row, and its likeness to the prior's topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kefu.core.intents.prior import Prior
from kefu.core.intents.rows import Floats, Ints, Rows
from kefu.core.intents.vocabulary import Vocabulary

TOPIC_WEIGHT = 0.75
"""Weight of the topics against the sentence's own features (1.0)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Many sentences; ``topics`` has no columns without a prior."""

    rows: Rows
    topics: Floats

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Encoder:
    """``prior`` is None for languages it does not know."""

    vocabulary: Vocabulary
    prior: Prior | None

    @property
    def full(self) -> float:
        """The similarity of a sentence with itself, at most."""
        return 1 + (TOPIC_WEIGHT if self.prior else 0)

    def row(self, counts: Mapping[str, int]) -> tuple[Ints, Floats, Floats]:
        """Columns and values of a sentence's features, and its topics."""
        columns, values = self.vocabulary.row(counts)
        if self.prior is None:
            return columns, values, np.zeros(0, np.float32)
        return columns, values, np.float32(np.sqrt(TOPIC_WEIGHT)) * self.prior.likeness(counts)

    def encode(self, counted: Sequence[Mapping[str, int]]) -> Encoded:
        parts = [self.row(counts) for counts in counted]
        topics = [part[2] for part in parts]
        return Encoded(
            Rows.of([part[:2] for part in parts], len(self.vocabulary.names)),
            np.stack(topics) if topics else np.zeros((0, 0), np.float32),
        )
