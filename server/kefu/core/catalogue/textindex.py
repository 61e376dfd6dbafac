"""BM25 over product texts: exact top ten, rarest word first, common words only looked up where they can still matter.

Okapi BM25 as rank-bm25 computes it (k1 = 1.5, b = 0.75) with the IDF that stays positive,
``ln(1 + (N - df + 0.5) / (df + 0.5))``; equal scores in the order of the documents.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

K1 = 1.5
B = 0.75


class TextIndex:
    """Documents are numbered in the order given. Not changed after it is built; safe for many threads."""

    def __init__(self, documents: Iterable[Sequence[str]] = ()) -> None:
        words: dict[str, int] = {}
        word_of, document_of, count_of, lengths = array("i"), array("i"), array("H"), array("i")
        for document, tokens in enumerate(documents):
            lengths.append(len(tokens))
            for token, count in _counts(tokens):
                word_of.append(words.setdefault(token, len(words)))
                document_of.append(document)
                count_of.append(min(count, 65_535))
        self.size = len(lengths)
        self._words = words
        self._lay_out(_numpy(word_of), _numpy(document_of), _numpy(count_of), _numpy(lengths))

    @classmethod
    def of_bigrams(cls, texts: Sequence[str]) -> TextIndex:
        """An index of the pairs of neighbouring characters in ``texts``, built without a loop over them."""
        index = cls()
        lengths = np.array([max(len(text) - 1, 0) for text in texts], dtype=np.int32)
        index.size = len(texts)
        if not lengths.sum():
            return index
        joined = np.frombuffer("\n".join(texts).encode("utf-32-le"), dtype=np.uint32)
        alphabet = np.flatnonzero(np.bincount(joined))
        number = np.zeros(int(alphabet[-1]) + 1, dtype=np.int64)
        number[alphabet] = np.arange(len(alphabet))
        inside = (joined[:-1] != 10) & (joined[1:] != 10)
        pairs = (number[joined[:-1]] * len(alphabet) + number[joined[1:]])[inside]
        # One sort by pair, then document; equal neighbours are the count of the pair in the document.
        postings = pairs * len(texts) + np.repeat(np.arange(len(texts)), lengths)
        postings.sort()
        starts = np.flatnonzero(np.diff(postings, prepend=-1))
        count = np.diff(starts, append=len(postings))
        pair, document = np.divmod(postings[starts], len(texts))
        first = np.diff(pair, prepend=-1) != 0
        letters = [chr(code) for code in alphabet.tolist()]
        index._words = {
            letters[one // len(letters)] + letters[one % len(letters)]: at
            for at, one in enumerate(pair[first].tolist())
        }
        index._lay_out(np.cumsum(first) - 1, document.astype(np.int32), count, lengths)
        return index

    def _lay_out(self, word: np.ndarray, document: np.ndarray, count: np.ndarray, lengths: np.ndarray) -> None:
        """Postings sorted by word, then document; each with its finished score part."""
        if np.any(word[1:] < word[:-1]):
            order = np.argsort(word, kind="stable")
            word, document, count = word[order], document[order], count[order]
        frequency = np.bincount(word, minlength=len(self._words))
        self._starts = np.concatenate(([0], np.cumsum(frequency)))
        self._documents = document
        self.idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        mean = max(float(lengths.mean()), 1e-9) if self.size else 1.0
        norm = K1 * (1 - B + B * lengths / mean)
        tf = count.astype(np.float64)
        self._impacts = self.idf[word] * tf * (K1 + 1) / (tf + norm[self._documents])
        bounds = self._starts[:-1]
        self._peak = np.maximum.reduceat(self._impacts, bounds) if len(self._impacts) else np.zeros(0)

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


def _counts(tokens: Sequence[str]) -> Iterable[tuple[str, int]]:
    if len(set(tokens)) == len(tokens):
        return ((token, 1) for token in tokens)
    return Counter(tokens).items()


def _numpy(values: array) -> np.ndarray:
    return np.frombuffer(values, dtype=values.typecode) if len(values) else np.zeros(0, dtype=values.typecode)


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
