"""How likely an entry answers a question, from several clues: a chance that a threshold can use.

A conditional logit (McFadden 1974) over the candidates and “none of them”. Its weights are learnt from 300 questions by
people who saw the entries, but none of this code (`kefu.evaluation.knowledge_weights`, docs/knowledge.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kefu.core.intents.rows import Floats
from kefu.core.knowledge.entry import Entry
from kefu.core.knowledge.senses import SAME

CLUES = ("words", "asks", "says", "intent", "goods")
"""Share of the question's words that the entry covers; nearness of meaning to how it is asked for and to what it says;
how far both are about the same intent; whether they name different goods."""
USUAL_AGREEMENT = 0.25
"""Stands for the intents' clue where nothing is known of them."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight for each of `CLUES`, and what is added to every candidate's."""

    of: tuple[float, ...]
    bias: float


LEARNT = Weights((10.631, 5.564, 4.162, 2.192, -2.78), -8.603)


@dataclass(frozen=True, slots=True)
class About:
    """What a question or an entry is about: intents with chances ({} = not known), and the goods that it names: ids
    of products and their kinds; of an entry that is a product's own, just that. ``mentions`` are goods that an entry
    speaks of in its text alone: it may hold for others as well (退换 … 打底衫除外)."""

    intents: Mapping[str, float] = field(default_factory=dict)
    goods: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer; ``text`` is the vector of what it says."""

    entry: Entry
    words: float
    asks: float
    says: float
    text: Floats


AboutEntry = Callable[[Entry], About]


def clues_of(candidates: Sequence[Candidate], question: About, about: AboutEntry | None) -> Floats:
    """The clues of each candidate (candidates × `CLUES`)."""
    rows = []
    for one in candidates:
        entry = about(one.entry) if about else About()
        other = bool(question.goods and entry.goods and not question.goods & (entry.goods | entry.mentions))
        rows.append((one.words, one.asks, one.says, _agreement(question, entry), float(other)))
    return np.array(rows, np.float64).reshape(len(rows), len(CLUES))


def chances(clues: Floats, texts: Sequence[Floats], weights: Weights = LEARNT) -> Floats:
    """For each candidate the chance that it answers. One that says the same as another does not take from it."""
    logits = clues @ np.array(weights.of) + weights.bias
    odds = np.exp(np.minimum(logits, 50.0))
    stacked = np.stack(texts) if len(texts) else np.zeros((0, 1))
    others = (stacked @ stacked.T < SAME) @ odds
    return odds / (1.0 + odds + others)


def _agreement(question: About, entry: About) -> float:
    if not question.intents or not entry.intents:
        return USUAL_AGREEMENT
    return sum(min(chance, entry.intents.get(intent, 0.0)) for intent, chance in question.intents.items())
