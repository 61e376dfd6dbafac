"""The knowledge sets that our apps name, and the placeholder dataset ids that `deploy` replaces by real ones.

A shipped file cannot hold real ids (Dify makes them per workspace and drops anything that is no UUID), so each set has
one fixed UUID. The playground takes a placeholder for the set itself.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

_NAMESPACE = uuid.UUID("6d2a7c1e-3c55-5b1e-9a53-6b6566750001")


@dataclass(frozen=True, slots=True)
class KnowledgeSet:
    """``knowledge_id`` is what Dify sends to /retrieval; ``top_k`` and ``threshold`` (0–1) belong to the dataset."""

    name: str
    title: str
    knowledge_id: str
    top_k: int = 3
    threshold: float = 0.3

    @property
    def placeholder(self) -> str:
        return str(uuid.uuid5(_NAMESPACE, self.name))


KNOWLEDGE_SETS: tuple[KnowledgeSet, ...] = (
    KnowledgeSet("after_sales", "售后知识", "after-sales"),
    KnowledgeSet("product_usage", "产品使用知识", "manuals"),
    KnowledgeSet("stock", "产品与实时库存", "products"),
)


def set_named(name: str) -> KnowledgeSet | None:
    return next((row for row in KNOWLEDGE_SETS if row.name == name), None)


def set_of_dataset(dataset_id: str) -> KnowledgeSet | None:
    """The set whose placeholder this is."""
    return next((row for row in KNOWLEDGE_SETS if row.placeholder == dataset_id), None)
