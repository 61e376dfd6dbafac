"""General knowledge of shoppers' Chinese: topics learnt from sentences of our own, shipped as `data/turns.csv`.

A shop has a few dozen examples an intent, and real customers use other words. The prior has seen many of those words:
it gives every sentence a likeness to each of its topics, and the shop's intents are learnt from these as well as from
the sentence's own characters and words. Measured in docs/decisions/intent-model.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from kefu.core.intents import ridge
from kefu.core.intents.bags import Bags
from kefu.core.intents.features import clean, features
from kefu.core.intents.meaning import Meaning
from kefu.core.intents.meaning import shipped as shipped_meaning
from kefu.core.intents.rows import Floats, Rows
from kefu.core.intents.vocabulary import BIAS, Vocabulary

PENALTY = 1.0
MEANING_WEIGHT = 1.0
"""Weight of a sentence's meaning against its own features (1.0)."""
FAINT = 0.3
"""Length below which a sentence's likeness to the topics is not raised to 1: the prior knows little of it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A sentence of our own (cleaned) and its topic."""

    text: str
    topic: str


@dataclass(frozen=True, slots=True)
class Prior:
    """``weights`` is columns × topics, ``of_meaning`` the same for a sentence's meaning."""

    vocabulary: Vocabulary
    weights: Floats
    of_meaning: Floats

    @property
    def topics(self) -> int:
        return self.weights.shape[1]

    def likeness(self, sentences: Rows, meanings: Floats) -> Floats:
        """Topics of sentences (rows of `vocabulary`, and their meanings; sentences × topics): vectors of length 1 or,
        where the prior knows little, less."""
        topics = meanings @ self.of_meaning + sentences.times(self.weights)
        return topics / np.maximum(FAINT, np.linalg.norm(topics, axis=1, keepdims=True))


def learn(turns: Sequence[Turn], meaning: Meaning) -> Prior:
    """A prior from sentences with topics."""
    names = sorted({turn.topic for turn in turns})
    truth = np.array([names.index(turn.topic) for turn in turns])
    targets = np.eye(len(names), dtype=np.float32)[truth]
    sentences = Bags.of(features(turn.text) for turn in turns)
    meanings = meaning.of_all([turn.text for turn in turns])
    vocabulary = Vocabulary.learn(sentences, 60_000, truth)
    rows = vocabulary.rows(sentences)
    gram = rows.gram() + np.float32(MEANING_WEIGHT) * (meanings @ meanings.T)
    dual = ridge.Solver(gram, targets, PENALTY).dual
    weights = rows.transposed_times(dual).astype(np.float16)
    weights[BIAS] = 0  # what all sentences have in common says nothing of a topic
    of_meaning = (np.float32(MEANING_WEIGHT) * meanings.T @ dual).astype(np.float16)
    return Prior(vocabulary, weights, of_meaning.astype(np.float32))


@lru_cache(maxsize=1)
def turns() -> tuple[Turn, ...]:
    """The shipped sentences: package data, a constant."""
    content = files("kefu.core.intents").joinpath("data/turns.csv").read_text("utf-8")
    found = {
        sentence: Turn(sentence, row["topic"])
        for row in csv.DictReader(io.StringIO(content))
        for sentence in map(clean, row["texts"].split("|"))
        if sentence
    }
    return tuple(found.values())


@lru_cache(maxsize=1)
def shipped() -> Prior:
    """The prior from the shipped sentences, learnt on first use (about two seconds)."""
    return learn(turns(), shipped_meaning("zh"))
