"""BM25 over texts: exact top ten, rarest word first, common words only looked up where they can still matter.

Okapi BM25 as rank-bm25 computes it (k1 = 1.5, b = 0.75) with the IDF that stays positive,
``ln(1 + (N - df + 0.5) / (df + 0.5))``; equal scores in the order of the documents.
"""

from __future__ import annotations

import itertools
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

K1 = 1.5
B = 0.75
LINE_END = ord("\n")


class TextIndex:
    """Documents are numbered in the order given. Not changed after it is built; safe for many threads."""

    def __init__(self, documents: Iterable[Sequence[str]] = ()) -> None:
        numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        words, lengths = array("q"), array("q")
        for tokens in documents:
            words.extend(map(numbers.__getitem__, tokens))
            lengths.append(len(tokens))
        self._words: dict[str, int] = dict(numbers)
        self._lay_out(np.array(words, dtype=np.int64), np.array(lengths, dtype=np.int64))

    @classmethod
    def of_bigrams(cls, texts: Sequence[str]) -> TextIndex:
        """An index of the pairs of neighbouring characters in ``texts``, built without a loop over them."""
        index = cls()
        lengths = np.array([max(len(text) - 1, 0) for text in texts], dtype=np.int64)
        joined = np.frombuffer("\n".join(texts).encode("utf-32-le"), dtype=np.uint32)
        alphabet = np.flatnonzero(np.bincount(joined))
        number = np.zeros(int(alphabet[-1]) + 1 if len(alphabet) else 0, dtype=np.int64)
        number[alphabet] = np.arange(len(alphabet))
        inside = (joined[:-1] != LINE_END) & (joined[1:] != LINE_END)
        pairs = (number[joined[:-1]] * len(alphabet) + number[joined[1:]])[inside]
        letters = [chr(code) for code in alphabet.tolist()]
        index._words = {
            letters[pair // len(letters)] + letters[pair % len(letters)]: at
            for at, pair in enumerate(index._lay_out(pairs, lengths).tolist())
        }
        return index

    def _lay_out(self, words: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Postings by word, then document, each with its finished score part.

        ``words`` is a number for each word of each document in turn; returned are those that occur, ascending.
        """
        self.size = len(lengths)
        # One sort; equal neighbours are the count of the word in the document.
        postings = words * self.size + np.repeat(np.arange(self.size), lengths)
        postings.sort()
        firsts = np.flatnonzero(np.diff(postings, prepend=-1))
        tf = np.diff(firsts, append=len(postings)).astype(np.float64)
        word, document = np.divmod(postings[firsts], max(self.size, 1))
        self._documents = document.astype(np.int32)
        starts = np.flatnonzero(np.diff(word, prepend=-1))
        self._starts = np.append(starts, len(word))
        frequency = np.diff(self._starts)
        self.idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        mean = max(float(lengths.mean()), 1e-9) if self.size else 1.0
        norm = K1 * (1 - B + B * lengths / mean)
        self._impacts = np.repeat(self.idf, frequency) * tf * (K1 + 1) / (tf + norm[self._documents])
        self._peak = np.maximum.reduceat(self._impacts, starts) if len(starts) else np.zeros(0)
        return word[starts]

    def idf_of(self, token: str) -> float:
        """How much a word tells; a word that no document has tells as much as the rarest."""
        at = self._words.get(token)
        return float(np.log1p(2 * self.size + 1)) if at is None else float(self.idf[at])

    def search(self, tokens: Iterable[str], top_k: int = 10) -> list[tuple[int, float]]:
        """The best documents and their scores, best first; documents without any of the words are never there."""
        terms = [(self._words[token], count) for token, count in Counter(tokens).items() if token in self._words]
        terms.sort(key=lambda term: self._starts[term[0] + 1] - self._starts[term[0]])
        if not terms or top_k < 1:
            return []
        left = np.cumsum([self._peak[word] * count for word, count in reversed(terms)])[::-1]
        scores = np.zeros(self.size)
        seen: list[np.ndarray] = []
        bar = 0.0
        for at, (word, count) in enumerate(terms):
            if left[at] < bar:
                candidates = self._finish(scores, seen, terms[at:], bar - left[at])
                break
            documents, impacts = self._postings(word)
            scores[documents] += impacts * count
            seen.append(documents)
            bar = max(bar, _kth_best(scores[documents], top_k))
        else:
            candidates = _union(seen)
        return _best(candidates, scores, top_k)

    def _postings(self, word: int) -> tuple[np.ndarray, np.ndarray]:
        here = slice(self._starts[word], self._starts[word + 1])
        return self._documents[here], self._impacts[here]

    def _finish(
        self, scores: np.ndarray, seen: list[np.ndarray], terms: list[tuple[int, int]], floor: float
    ) -> np.ndarray:
        """Add the common words' parts to those documents only that can still be among the best."""
        candidates = _union([documents[scores[documents] >= floor - 1e-9] for documents in seen])
        for word, count in terms:
            documents, impacts = self._postings(word)
            at = np.minimum(np.searchsorted(documents, candidates), len(documents) - 1)
            found = documents[at] == candidates
            scores[candidates[found]] += impacts[at[found]] * count
        return candidates


def _kth_best(scores: np.ndarray, k: int) -> float:
    return float(np.partition(scores, -k)[-k]) if len(scores) >= k else 0.0


def _union(parts: list[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _best(candidates: np.ndarray, scores: np.ndarray, top_k: int) -> list[tuple[int, float]]:
    values = scores[candidates]
    if len(values) > top_k:
        keep = values >= _kth_best(values, top_k)
        candidates, values = candidates[keep], values[keep]
    order = np.lexsort((candidates, -values))[:top_k]
    return [(int(candidates[at]), float(values[at])) for at in order]
