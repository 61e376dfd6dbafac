"""A sentence as one row: its own features, then its likeness to the prior's topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kefu.core.intents.prior import Prior
from kefu.core.intents.rows import Floats, Ints, Rows
from kefu.core.intents.vocabulary import Vocabulary

TOPIC_WEIGHT = 0.5
"""Weight of the topics against the sentence's own features (1.0)."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """``prior`` is None for languages it does not know."""

    vocabulary: Vocabulary
    prior: Prior | None

    @property
    def width(self) -> int:
        return len(self.vocabulary.names) + (self.prior.topics if self.prior else 0)

    def row(self, cleaned: str) -> tuple[Ints, Floats]:
        columns, values = self.vocabulary.row(cleaned)
        topics = self.prior.likeness(cleaned) if self.prior else None
        if topics is None:
            return columns, values
        first = len(self.vocabulary.names)
        own = np.arange(first, first + len(topics), dtype=np.int32)
        return np.concatenate([columns, own]), np.concatenate([values, np.sqrt(TOPIC_WEIGHT) * topics])

    def rows(self, cleaned: Sequence[str]) -> Rows:
        return Rows.of([self.row(sentence) for sentence in cleaned], self.width)
