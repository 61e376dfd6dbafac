"""The weights of `core.knowledge.judging`, learnt from questions whose right entries are known."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kefu.core.decide.subjects import Subjects, goods_named, intents_of, nameless
from kefu.core.decide.values import ShopParts
from kefu.core.intents.rows import Floats
from kefu.core.knowledge import About
from kefu.core.knowledge.judging import CLUES, Weights, clues_of

STEPS = 60
PENALTY = 0.003
"""Of squared weights in units of the clues' spread: keeps a clue that hardly varies from growing without end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The clues of one question's candidates (candidates × `CLUES`) and which of them are right."""

    clues: Floats
    right: np.ndarray


def read_questions(path: Path) -> list[tuple[str, frozenset[str]]]:
    """Questions with the titles of the entries that answer them, from a CSV of ``question`` and ``titles`` (joined
    by |)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["question"], frozenset(filter(None, row["titles"].split("|")))) for row in csv.DictReader(file)]


def asked(parts: ShopParts, rows: Iterable[tuple[str, frozenset[str]]]) -> list[Asked]:
    """``rows`` are questions with the titles of the entries that answer them (none: no entry does)."""
    subjects = Subjects(parts.catalogue, parts.intents, parts.roles)
    return [_asked(parts, subjects, about_message(parts, text), text, titles) for text, titles in rows]


def about_message(parts: ShopParts, text: str) -> About:
    """What a message without a conversation is about."""
    intents = intents_of(parts.intents.classify(text), parts.roles) if parts.intents else {}
    return About(intents, goods_named(parts.catalogue, text))


def _asked(parts: ShopParts, subjects: Subjects, about: About, text: str, titles: frozenset[str]) -> Asked:
    named = parts.catalogue.named(text)
    candidates = parts.knowledge.candidates(text, nameless=nameless(named.product, text))
    right = np.array([one.entry.title in titles for one in candidates])
    return Asked(clues_of(candidates, about, subjects.of), right)


def learn(questions: Sequence[Asked]) -> Weights:
    """The weights that make what was right likeliest, by Newton's method on the (concave, but for questions with
    several right entries) log-likelihood of a conditional logit with “none” as one more choice."""
    all_clues = np.concatenate([one.clues for one in questions])
    spread = np.maximum(all_clues.std(axis=0), 1e-9)
    width = len(CLUES) + 1
    weights = np.zeros(width)
    for _ in range(STEPS):
        slope, curve = -PENALTY * len(questions) * weights, PENALTY * len(questions) * np.eye(width)
        slope[-1], curve[-1, -1] = 0.0, 0.0
        for one in questions:
            given = np.column_stack([one.clues / spread, np.ones(len(one.clues))])
            logits = given @ weights
            top = max(0.0, float(logits.max(initial=0.0)))
            odds, none = np.exp(logits - top), np.exp(-top)
            share = odds / (none + odds.sum())
            mean = share @ given
            wanted = (odds * one.right) @ given / (odds @ one.right) if one.right.any() else np.zeros(width)
            slope += wanted - mean
            curve += given.T @ (given * share[:, None]) - np.outer(mean, mean)
        weights = weights + np.linalg.solve(curve + 1e-6 * np.eye(width), slope)
    return Weights(tuple(float(w) for w in weights[:-1] / spread), float(weights[-1]))
