"""Entries near a question in meaning, by the vectors of an embedding model; and both ways of searching as one list.

Cosines mean something else for every model (unrelated texts have 0.1 with one and 0.7 with another), so what counts is
how far an entry stands out from all the others for this question, in standard deviations, beyond what the best of that
many would by chance (√(2 ln n)). Measured in docs/decisions/knowledge-engine.md.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from kefu.core.knowledge.entry import Entry
from kefu.core.knowledge.passage import label

BY_CHANCE = 0.25
"""Score of an entry that stands out exactly as far as chance would have it."""
PER_DEVIATION = 0.15
AT_MOST = 0.80
"""Below `Thresholds.exact`: nearness alone never makes a script be said word for word."""
NEAR = 0.40
"""From here on an entry takes part in the reciprocal ranking: it stands out by a deviation more than chance."""
CERTAIN = 0.85
"""An entry that covers so much of the question's words stands before all others."""
RANK_K = 60
"""Reciprocal rank fusion: 1 ÷ (60 + rank), after Cormack, Clarke and Büttcher (SIGIR 2009)."""
_LEAST_SPREAD = 0.01
_SAMPLE = 300


def texts_of(entry: Entry) -> tuple[str, str]:
    """What is turned into vectors: what the entry is about, and its text."""
    return label(entry), entry.content


def digest_of(entry: Entry) -> str:
    """Changes when the vectors must be made anew."""
    return hashlib.sha256("\0".join(texts_of(entry)).encode()).hexdigest()[:32]


class Nearness:
    """The vectors of ``entries``; those without any are never near. Not changed after it is built."""

    def __init__(self, entries: Sequence[Entry] = (), vectors: Mapping[str, np.ndarray] | None = None) -> None:
        """``vectors``: entry id → two rows, label and text. Of several lengths (a server whose model was changed under
        the same name) the one that most have counts."""
        lengths = Counter(pair.shape[1] for pair in (vectors or {}).values())
        self.dimensions = max(lengths, key=lambda length: (lengths[length], length), default=0)
        vectors = {name: pair for name, pair in (vectors or {}).items() if pair.shape[1] == self.dimensions}
        numbers = [number for number, entry in enumerate(entries) if entry.id in vectors]
        rows = [vectors[entries[number].id] for number in numbers]
        self._size = len(entries)
        self._numbers = np.array(numbers, dtype=np.int64)
        self._rows = _unit(np.concatenate(rows).astype(np.float32)) if rows else np.zeros((0, 0), dtype=np.float32)

    def scores(self, question: np.ndarray) -> np.ndarray:
        """A score in 0–0.80 for each entry; ``question`` has ``dimensions`` numbers."""
        scores = np.zeros(self._size)
        if not len(self._numbers):
            return scores
        closeness = (self._rows @ _unit(question.astype(np.float32))).reshape(-1, 2).max(axis=1).astype(np.float64)
        spread = max(float(closeness.std()), _LEAST_SPREAD)
        beyond = (closeness - closeness.mean()) / spread - math.sqrt(2 * math.log(len(closeness)))
        scores[self._numbers] = np.clip(BY_CHANCE + PER_DEVIATION * beyond, 0.0, AT_MOST).round(4)
        return scores

    def finds_own_text(self) -> float:
        """Share of entries, at most 300 of them, whose own text is the nearest to their label: does the model fit?"""
        size = len(self._numbers)
        if not size:
            return 0.0
        sample = np.linspace(0, size - 1, min(size, _SAMPLE)).astype(np.int64)
        best = (self._rows[sample * 2] @ self._rows[1::2].T).argmax(axis=1)
        return float((best == sample).mean())


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def fuse(
    words: Sequence[tuple[int, float]], near: Mapping[int, float], threshold: float = 0.0
) -> list[tuple[int, float]]:
    """Entries of both lists, best first, with scores that never rise.

    ``words``: numbers with the share of the question they cover, best first; ``near``: number → nearness. An entry's
    own score is the larger of the two and decides about ``threshold``; the order is by reciprocal ranks, then own
    score, then number. The score told is at least that of everything behind.
    """
    share = dict(words)
    by_nearness = sorted((number for number, score in near.items() if score >= NEAR), key=lambda n: (-near[n], n))
    ranks: dict[int, float] = defaultdict(float)
    for ranking in (list(share), by_nearness):
        for rank, number in enumerate(ranking, start=1):
            ranks[number] += 1 / (RANK_K + rank)
    own = {number: max(share.get(number, 0.0), near.get(number, 0.0)) for number in (*share, *near)}
    kept = [number for number, score in own.items() if score > 0 and score >= threshold]
    kept.sort(key=lambda n: (share.get(n, 0.0) < CERTAIN, -ranks[n], -own[n], n))
    scores = list(accumulate((own[number] for number in reversed(kept)), max))
    return list(zip(kept, reversed(scores), strict=True))
