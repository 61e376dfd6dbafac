"""Search a shop's knowledge: the best entries, deterministic, with scores that mean the same for every query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from kefu.core.knowledge.conditions import Conditions
from kefu.core.knowledge.entry import Entry
from kefu.core.knowledge.nearness import BY_CHANCE, Nearness, fuse
from kefu.core.knowledge.terms import MAX_TEXT, query_terms, terms_of
from kefu.core.text import normalise
from kefu.core.textindex import K1, TextIndex


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found. ``score`` is in 0–1: how much of what the query says the entry covers."""

    entry: Entry
    score: float


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries count. ``product`` keeps entries of that product and of the whole shop; "" keeps all."""

    knowledge_id: str = ""
    conditions: Conditions | None = None
    product: str = ""

    def accepts(self, entry: Entry) -> bool:
        if self.knowledge_id and entry.knowledge_id != self.knowledge_id:
            return False
        if self.product and entry.product not in ("", self.product):
            return False
        named = {"title": entry.title, "source": entry.source, "product": entry.product, "document_id": entry.id}
        return self.conditions is None or self.conditions.accept({**entry.metadata, **named})


DEPTH = 50
"""So many entries of each way of searching are fused."""


class KnowledgeIndex:
    """An immutable index over entries. Ties are broken by entry id, so that the same question gives the same list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.id))
        self._index = TextIndex(index_terms(entry) for entry in self.entries)
        self._asked: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            for name in {fold(entry.question), fold(entry.title)} - {""}:
                self._asked.setdefault(name, []).append(number)
        self.nearness = Nearness()

    def with_nearness(self, nearness: Nearness) -> KnowledgeIndex:
        """The same entries with vectors, which are made for ``entries`` in their order."""
        twin = KnowledgeIndex.__new__(KnowledgeIndex)
        twin.__dict__.update(self.__dict__)
        twin.nearness = nearness
        return twin

    def search(
        self,
        query: str,
        top_k: int = 3,
        threshold: float = 0.0,
        knowledge_id: str = "",
        conditions: Conditions | None = None,
        product: str = "",
        vector: np.ndarray | None = None,
    ) -> list[Hit]:
        """At most ``top_k`` hits with ``score`` ≥ ``threshold`` (and > 0), best first.

        An entry whose question or title is the query has 1. ``product`` keeps entries of that product and of the whole
        shop. Filters do not change scores. ``vector`` is the query's, of the model that ``nearness`` is of; None: words
        alone.
        """
        asked = Filter(knowledge_id, conditions, product)
        same = [number for number in self._asked.get(fold(query), ()) if asked.accepts(self.entries[number])]
        if vector is None:
            found = self._found(query, top_k + len(same), threshold, asked)
        else:
            found = self._fused(query, vector, threshold, asked)
        scored = [(number, 1.0) for number in same] + [one for one in found if one[0] not in same]
        return [Hit(self.entries[number], score) for number, score in scored[:top_k]]

    def _fused(self, query: str, vector: np.ndarray, threshold: float, asked: Filter) -> list[tuple[int, float]]:
        words = self._found(query, DEPTH, 0.0, asked)
        scores = self.nearness.scores(vector)
        outstanding = np.flatnonzero(scores > BY_CHANCE)
        best = outstanding[np.lexsort((outstanding, -scores[outstanding]))].tolist()
        near = list(islice((number for number in best if asked.accepts(self.entries[number])), DEPTH))
        return fuse(words, {number: float(scores[number]) for number in (*near, *dict(words))}, threshold)

    def _found(self, query: str, top_k: int, threshold: float, asked: Filter) -> list[tuple[int, float]]:
        terms = query_terms(query)
        most = ceiling(self._index, terms)
        wanted = top_k
        while most > 0 and top_k > 0:
            ranked = self._index.search(terms, wanted)
            scored = [(number, coverage(raw, most)) for number, raw in ranked]
            hits = [one for one in scored if one[1] >= threshold and asked.accepts(self.entries[one[0]])]
            if len(hits) >= top_k or len(ranked) < wanted or scored[-1][1] < threshold:
                return hits[:top_k]
            wanted *= 8
        return []

    def raw_scores(self, terms: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """Entry ids with their BM25 scores, best first: what other engines can be compared with."""
        return [(self.entries[number].id, score) for number, score in self._index.search(terms, top_k)]


def fold(text: str) -> str:
    """What is compared to tell that a question is the same: letters and digits only."""
    return "".join(c for c in normalise(text, limit=MAX_TEXT).text if c.isalnum())


def coverage(raw: float, most: float) -> float:
    """A BM25 score as a share of the most that any text could reach, its square root, to four digits.

    The root spreads the crowded low end: 0.5 is a quarter of the question's information.
    """
    return round(min((raw / most) ** 0.5, 1.0), 4)


def ceiling(index: TextIndex, terms: Iterable[str]) -> float:
    """What no document can exceed for ``terms``: each with its full weight. Words nowhere seen weigh most."""
    return sum(times * index.idf_of(term) * (K1 + 1) for term, times in Counter(terms).items()) if index.size else 0.0


def index_terms(entry: Entry) -> list[str]:
    """Title and question stand twice: they say what the entry is about."""
    return terms_of(f"{entry.title}\n{entry.question}") * 2 + terms_of(f"{entry.content}\n{' '.join(entry.tags)}")
