"""A sentence as numbers: its own features as a sparse row, and its sense, which sentences in other words can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kefu.core.intents.bags import Bags
from kefu.core.intents.features import Sentence
from kefu.core.intents.meaning import Meaning
from kefu.core.intents.prior import Prior
from kefu.core.intents.rows import Floats, Ints, Rows
from kefu.core.intents.vocabulary import Vocabulary

TOPIC_WEIGHT = 0.75
MEANING_WEIGHT = 0.75
"""Weights of the topics and of the meaning against the sentence's own features (1.0)."""
DIRECTIONS = 96
"""Numbers that are kept of meaning and topics together: the directions in which a shop's examples differ most."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Many sentences; ``sense`` is sentences × directions."""

    rows: Rows
    sense: Floats

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence: columns and values of its features, its sense, and its meaning as the `Meaning` gave it."""

    columns: Ints
    values: Floats
    sense: Floats
    meaning: Floats


@dataclass(frozen=True, slots=True)
class Encoder:
    """``prior`` is None for languages it does not know; ``directions`` lead from `whole_sense` to what is kept."""

    vocabulary: Vocabulary
    meaning: Meaning
    prior: Prior | None
    directions: Floats

    @property
    def full(self) -> float:
        """The similarity of a sentence with itself, at most."""
        return 1 + MEANING_WEIGHT + (TOPIC_WEIGHT if self.prior else 0)

    def message(self, sentence: Sentence) -> Message:
        meanings = self.meaning.of_all([sentence.cleaned])
        topics = self.prior.likeness(self.prior.vocabulary.row(sentence.counts), meanings) if self.prior else None
        sense = (_together(meanings, topics) @ self.directions)[0]
        return Message(*self.vocabulary.row(sentence.counts).row(0), sense, meanings[0])

    def encode(self, sentences: Sequence[Sentence]) -> Encoded:
        bags = Bags.of(sentence.counts for sentence in sentences)
        meanings = self.meaning.of_all([sentence.cleaned for sentence in sentences])
        return self.with_sense(bags, whole_sense(meanings, self.prior, bags))

    def with_sense(self, bags: Bags, whole: Floats) -> Encoded:
        """Like `encode` for sentences whose `whole_sense` is known."""
        return Encoded(self.vocabulary.rows(bags), whole @ self.directions)


def whole_sense(meanings: Floats, prior: Prior | None, bags: Bags) -> Floats:
    """Meanings and topics of sentences side by side, each with its weight: a dot product of two is how alike two
    sentences are."""
    return _together(meanings, prior.likeness(prior.vocabulary.rows(bags), meanings) if prior else None)


def _together(meanings: Floats, topics: Floats | None) -> Floats:
    sense = np.float32(np.sqrt(MEANING_WEIGHT)) * meanings
    return sense if topics is None else np.concatenate([sense, np.float32(np.sqrt(TOPIC_WEIGHT)) * topics], axis=1)


def main_directions(whole: Floats) -> Floats:
    """The `DIRECTIONS` principal directions of sentences' senses (their own width × directions), strongest first."""
    _, vectors = np.linalg.eigh(whole.T @ whole)
    return vectors[:, ::-1][:, :DIRECTIONS].astype(np.float16).astype(np.float32)
