"""Search a shop's knowledge: the best entries, deterministic, with scores that mean the same for every query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kefu.core.knowledge.bm25 import Bm25, terms_of
from kefu.core.knowledge.conditions import Conditions
from kefu.core.knowledge.entry import Entry


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found. ``score`` is in 0–1: how much of what the query says the entry covers."""

    entry: Entry
    score: float


class KnowledgeIndex:
    """An immutable index over entries. Ties are broken by entry id, so that the same question gives the same list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.id))
        self._bm25 = Bm25(_weighted_terms(entry) for entry in self.entries)

    def search(
        self,
        query: str,
        top_k: int = 3,
        threshold: float = 0.0,
        knowledge_id: str = "",
        conditions: Conditions | None = None,
        product: str = "",
    ) -> list[Hit]:
        """At most ``top_k`` hits with ``score`` ≥ ``threshold`` (and > 0), best first.

        ``product`` keeps entries of that product and of the whole shop. The score is BM25 divided by the most that any
        entry could reach for the query, its square root taken: one half means about a quarter of the information.
        """
        terms = terms_of(query)
        ceiling = self._bm25.ceiling(terms)
        if not ceiling or not self.entries:
            return []
        scores = np.sqrt(self._bm25.scores(terms) / ceiling)
        hits: list[Hit] = []
        for number in np.argsort(-scores, kind="stable"):
            score = float(scores[number])
            if score <= 0 or score < threshold or len(hits) == top_k:
                break
            entry = self.entries[number]
            if knowledge_id and entry.knowledge_id != knowledge_id:
                continue
            if product and entry.product not in ("", product):
                continue
            if conditions and not conditions.accept({**entry.metadata, "title": entry.title, "source": entry.source}):
                continue
            hits.append(Hit(entry, round(min(score, 1.0), 4)))
        return hits


def _weighted_terms(entry: Entry) -> list[str]:
    """Title and question stand twice: they say what the entry is about."""
    return terms_of(entry.searchable) + terms_of(f"{entry.title}\n{entry.question}")
