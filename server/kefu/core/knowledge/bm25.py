"""BM25 over words and character bigrams, exact, with an IDF that stays positive.

Robertson & Zaragoza 2009 (*The Probabilistic Relevance Framework: BM25 and Beyond*), with the IDF of Lucene:
``ln(1 + (N − df + 0.5) / (df + 0.5))``. rank-bm25's own IDF falls to zero or below for terms that stand in half of a
small set, which is what a shop's knowledge is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from kefu.core.text import normalise, tokenise

K1 = 1.5
B = 0.75


def terms_of(text: str) -> list[str]:
    """The index terms of ``text``: jieba words, and bigrams of neighbouring Chinese characters."""
    folded = normalise(text, limit=10_000).text
    words = [word for word in tokenise(folded) if any(c.isalnum() for c in word)]
    bigrams = [folded[i : i + 2] for i in range(len(folded) - 1) if _is_han(folded[i]) and _is_han(folded[i + 1])]
    return words + [f"₂{bigram}" for bigram in bigrams]


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


class Bm25:
    """An immutable index of token lists; document numbers are their positions."""

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        numbers: dict[str, list[int]] = {}
        counts: dict[str, list[int]] = {}
        lengths: list[int] = []
        for number, terms in enumerate(documents):
            lengths.append(len(terms))
            for term, count in Counter(terms).items():
                numbers.setdefault(term, []).append(number)
                counts.setdefault(term, []).append(count)
        self.size = len(lengths)
        length = np.asarray(lengths, dtype=np.float64)
        average = length.mean() if self.size else 1.0
        self._norm = K1 * (1 - B + B * length / (average or 1.0))
        self._numbers = {term: np.asarray(rows, dtype=np.int32) for term, rows in numbers.items()}
        self._counts = {term: np.asarray(rows, dtype=np.float64) for term, rows in counts.items()}
        self._idf = {
            term: float(np.log(1 + (self.size - len(rows) + 0.5) / (len(rows) + 0.5)))
            for term, rows in self._numbers.items()
        }
        self._unseen = float(np.log(1 + (self.size + 0.5) / 0.5))

    def idf(self, term: str) -> float:
        """Inverse document frequency, > 0; a term of no document has the largest."""
        return self._idf.get(term, self._unseen)

    def scores(self, terms: Iterable[str]) -> np.ndarray:
        """BM25 score of every document, float64 of shape (size,); repeated query terms count each time."""
        scores = np.zeros(self.size)
        for term, times in Counter(terms).items():
            rows = self._numbers.get(term)
            if rows is None:
                continue
            count = self._counts[term]
            scores[rows] += times * self.idf(term) * count * (K1 + 1) / (count + self._norm[rows])
        return scores

    def ceiling(self, terms: Iterable[str]) -> float:
        """What no document can exceed for these terms: each term with its full weight."""
        return sum(times * self.idf(term) * (K1 + 1) for term, times in Counter(terms).items())
