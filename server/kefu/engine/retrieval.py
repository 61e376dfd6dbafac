"""What `/retrieval` and `search_knowledge` find: entries, and products with the stock of this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection

from kefu.core.catalogue.answers.describe import describe_product
from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.delivery.promises import DeliveryBook
from kefu.core.catalogue.several.several_things import things_in
from kefu.core.catalogue.values import Product
from kefu.core.knowledge import KNOWLEDGE_IDS, Hit, KnowledgeIndex, passage
from kefu.core.knowledge.conditions import Conditions
from kefu.errors import NotFound
from kefu.store import stock


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A query as Dify's External Knowledge API puts it; ``knowledge_id`` "" searches everything but products."""

    query: str
    knowledge_id: str = ""
    top_k: int = 3
    threshold: float = 0.0
    conditions: Conditions = field(default_factory=Conditions)


SCORE_OF_KIND = {"exact": 0.95, "ambiguous": 0.75, "none": 0.5}
"""Products are found by name, not by words: how sure the catalogue is, as a score."""


def find_records(
    index: KnowledgeIndex,
    shelf: Shelf,
    wanted: Retrieval,
    meaning: Callable[[str], np.ndarray | None] = lambda _text: None,
) -> list[dict[str, Any]]:
    """Records for Dify, best first. Raises NotFound for an unknown knowledge id.

    ``meaning``: the query's vector, None where words alone must do.
    """
    if wanted.knowledge_id and wanted.knowledge_id not in KNOWLEDGE_IDS:
        raise NotFound(f"There is no knowledge “{wanted.knowledge_id}”.", f"Use one of {', '.join(KNOWLEDGE_IDS)}.")
    if wanted.knowledge_id == "products":
        return product_records(shelf, wanted)
    hits = index.search(
        wanted.query,
        wanted.top_k,
        wanted.threshold,
        wanted.knowledge_id,
        wanted.conditions,
        vector=meaning(wanted.query),
    )
    return [entry_record(hit) for hit in hits]


def entry_record(hit: Hit) -> dict[str, Any]:
    """``metadata`` is an object, never null: Dify would lose every record of the answer."""
    entry = hit.entry
    metadata = {**entry.metadata, "document_id": entry.id, "source": entry.source, "product": entry.product}
    return {"content": passage(entry), "score": hit.score, "title": entry.title, "metadata": metadata}


def product_records(shelf: Shelf, wanted: Retrieval) -> list[dict[str, Any]]:
    """The products that the query means, each with price and stock as the store has them now."""
    things = [thing.meant for thing in things_in(shelf.catalogue, wanted.query)]
    scores: dict[Product, float] = {}
    for found in things if len(things) > 1 else [shelf.catalogue.resolve(wanted.query)]:
        for product in found.products:
            scores[product] = max(SCORE_OF_KIND[found.kind], scores.get(product, 0.0))
    best_first = sorted(scores.items(), key=lambda pair: -pair[1])
    records = []
    for product, score in [pair for pair in best_first if pair[1] >= wanted.threshold][: wanted.top_k]:
        metadata = {"document_id": product.id, "category": product.category, "brand": product.brand}
        if wanted.conditions.accept({**metadata, "title": product.name}):
            content = describe_product(shelf, product)
            records.append({"content": content, "score": score, "title": product.name, "metadata": metadata})
    return records


def describer(connection: Connection, shop_id: int, now: datetime, max_age: timedelta) -> Callable[[Product], str]:
    """`describe_product` with the stock that ``connection`` sees."""
    shelf = Shelf(Catalogue.build(()), lambda skus: stock.rows_of(connection, shop_id, skus), _NO_BOOK, now, max_age)
    return partial(describe_product, shelf)


_NO_BOOK = DeliveryBook((), ())
