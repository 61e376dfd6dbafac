"""Search a shop's knowledge: the best entries, deterministic, with scores that mean the same for every query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from kefu.core.courtesy import without_courtesies
from kefu.core.knowledge.conditions import Conditions
from kefu.core.knowledge.entry import SHORTEST_QUESTION, Entry
from kefu.core.knowledge.judging import About, AboutEntry, Candidate, chances, clues_of
from kefu.core.knowledge.nearness import BY_CHANCE, Nearness, fuse
from kefu.core.knowledge.senses import Senses
from kefu.core.knowledge.terms import MAX_TEXT, query_terms, terms_of
from kefu.core.text import normalise
from kefu.core.textindex import K1, TextIndex


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found. ``score`` is in 0–1: the chance that it answers; by words alone, the share of the query
    that it covers."""

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
        if self.product and entry.product and self.product not in entry.products:
            return False
        named = {"title": entry.title, "source": entry.source, "product": entry.product, "document_id": entry.id}
        return self.conditions is None or self.conditions.accept({**entry.metadata, **named})


DEPTH = 50
"""So many entries of each way of searching are fused."""
LOOKED_AT = 12
"""So many entries are judged, the likeliest by words and meaning."""


class KnowledgeIndex:
    """An immutable index over entries. Ties are broken by entry id, so that the same question gives the same list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.id))
        self._index = TextIndex(index_terms(entry) for entry in self.entries)
        self._asked: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            for name in {*map(fold, (entry.question, entry.title, *_questions(entry)))} - {""}:
                self._asked.setdefault(name, []).append(number)
        self.nearness = Nearness()
        self.senses: Senses | None = None

    def with_nearness(self, nearness: Nearness) -> KnowledgeIndex:
        """The same entries with vectors, which are made for ``entries`` in their order."""
        return self._with(nearness=nearness)

    def with_senses(self, senses: Senses | None) -> KnowledgeIndex:
        """The same entries with what they mean, made for ``entries`` in their order; None: words alone must do."""
        return self._with(senses=senses if senses and len(senses) else None)

    def _with(self, **changed: Any) -> KnowledgeIndex:
        twin = KnowledgeIndex.__new__(KnowledgeIndex)
        twin.__dict__.update(self.__dict__, **changed)
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
        if vector is None and self.senses is not None:
            return judged(self.candidates(query, asked, max(LOOKED_AT, top_k)), top_k, threshold)
        same = [number for number in self._numbers_asked(query) if asked.accepts(self.entries[number])]
        if vector is not None:
            found = self._fused(query, vector, threshold, asked)
        else:
            found = self._found(query, top_k + len(same), threshold, asked)
        scored = [(number, 1.0) for number in same] + [one for one in found if one[0] not in same]
        return [Hit(self.entries[number], score) for number, score in scored[:top_k]]

    @cached_property
    def of_product(self) -> dict[str, tuple[Entry, ...]]:
        """Product id → the entries about it; those of the whole shop under ``""``."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for product in entry.products or ("",):
                found.setdefault(product, []).append(entry)
        return {product: tuple(entries) for product, entries in found.items()}

    def is_asked(self, query: str) -> bool:
        """Whether the query is an entry's own question, title or tag, up to a courtesy (怎么收费啊)."""
        return bool(self._numbers_asked(query))

    def asked(self, query: str) -> tuple[Entry, ...]:
        """The entries of which the query is the question, title or tag."""
        return tuple(self.entries[number] for number in self._numbers_asked(query))

    def _numbers_asked(self, query: str) -> list[int]:
        said = self._asked.get(fold(query))
        return said if said is not None else self._asked.get(fold(without_courtesies(normalise(query).text)), [])

    def candidates(
        self, query: str, asked: Filter = Filter(), most: int = LOOKED_AT, nameless: str = ""
    ) -> list[Candidate]:
        """The ``most`` entries that are likeliest to answer by words and meaning, for `judged`. Needs senses.

        ``nameless`` is the query without the name of the product that it is about: whatever is asked of a product, each
        entry about it shares its name.
        """
        assert self.senses
        asks, says = self.senses.closeness(self.senses.vector_of(query))
        words = self._shares(query, asked)
        if nameless:
            words = np.minimum(words, self._shares(nameless, asked))
        same = self._numbers_asked(query)
        words[list(same)] = SAID
        likely = np.argsort(-(words + asks + says), kind="stable").tolist()
        kept = list(islice((number for number in likely if asked.accepts(self.entries[number])), most))
        return [
            Candidate(self.entries[n], float(words[n]), float(asks[n]), float(says[n]), self.senses.texts[n])
            for n in kept
        ]

    def _shares(self, query: str, asked: Filter) -> np.ndarray:
        """For each entry the share of the query's words that it covers, 0 for those not found."""
        shares = np.zeros(len(self.entries))
        for number, share in self._found(query, DEPTH, 0.0, asked):
            shares[number] = share
        return shares

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


LEAST = 0.02
"""A chance below this is no hit: any text is a little near to any other."""
SAID = 2.0
"""Share of the words of a question that is the entry's own, word for word: no search gives that."""


def judged(
    candidates: Sequence[Candidate],
    top_k: int,
    threshold: float = 0.0,
    question: About | None = None,
    about: AboutEntry | None = None,
) -> list[Hit]:
    """At most ``top_k`` hits whose chance is ≥ ``threshold``, best first; ``about`` tells what an entry is about.

    An entry whose question or title is the query has 1.
    """
    found = chances(clues_of(candidates, question or About(), about), [one.text for one in candidates])
    scored = [
        (1.0 if one.words >= SAID else round(float(chance), 4), one.entry)
        for one, chance in zip(candidates, found, strict=True)
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [Hit(entry, score) for score, entry in scored[:top_k] if score >= max(threshold, LEAST)]


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


def _questions(entry: Entry) -> list[str]:
    """Tags that may be whole questions (能自提吗) rather than words."""
    return [tag for tag in entry.tags if len(tag) >= SHORTEST_QUESTION]


def index_terms(entry: Entry) -> list[str]:
    """Title and question stand twice: they say what the entry is about."""
    return terms_of(f"{entry.title}\n{entry.question}") * 2 + terms_of(f"{entry.content}\n{' '.join(entry.tags)}")
