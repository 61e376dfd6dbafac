"""A sentence as numbers: its own features as a sparse row, and its sense, which sentences in other words can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
        whole = whole_sense(self.meaning, self.prior, [sentence])[0]
        meaning = whole[: self.meaning.width] / np.float32(np.sqrt(MEANING_WEIGHT))
        return Message(*self.vocabulary.row(sentence.counts), whole @ self.directions, meaning)

    def encode(self, sentences: Sequence[Sentence]) -> Encoded:
        return self.with_sense(sentences, whole_sense(self.meaning, self.prior, sentences))

    def with_sense(self, sentences: Sequence[Sentence], whole: Floats) -> Encoded:
        """Like `encode` for sentences whose `whole_sense` is known."""
        return Encoded(self.vocabulary.rows([sentence.counts for sentence in sentences]), whole @ self.directions)


def whole_sense(meaning: Meaning, prior: Prior | None, sentences: Sequence[Sentence]) -> Floats:
    """Meanings and topics side by side, each with its weight: a dot product of two is how alike two sentences are."""
    meanings = meaning.of_all([sentence.cleaned for sentence in sentences])
    sense = np.float32(np.sqrt(MEANING_WEIGHT)) * meanings
    if prior is None:
        return sense
    topics = prior.likeness([sentence.counts for sentence in sentences], meanings)
    return np.concatenate([sense, np.float32(np.sqrt(TOPIC_WEIGHT)) * topics], axis=1)


def main_directions(whole: Floats) -> Floats:
    """The `DIRECTIONS` principal directions of sentences' senses (their own width × directions), strongest first."""
    _, vectors = np.linalg.eigh(whole.T @ whole)
    return vectors[:, ::-1][:, :DIRECTIONS].astype(np.float16).astype(np.float32)
