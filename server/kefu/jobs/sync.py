"""What of a shop is copied into Dify's own knowledge bases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from kefu.core.catalogue.values import Product
from kefu.core.knowledge import KNOWLEDGE_IDS
from kefu.core.knowledge.copies import Wanted, describe_without_stock, documents_of, joined
from kefu.store import catalogue, knowledge


def material_of(
    connection: Connection,
    shop_id: int,
    knowledge_ids: Sequence[str] = KNOWLEDGE_IDS,
    *,
    describe: Callable[[Product], str] = describe_without_stock,
) -> dict[str, list[Wanted]]:
    """The shop's knowledge as documents by knowledge id: entries by source, products by category.

    Stock figures are left out, because a copy of them is old at once, unless ``describe`` puts them in.
    """
    entries = knowledge.list_entries(connection, shop_id).values()
    made = {one: documents_of([e for e in entries if e.knowledge_id == one]) for one in KNOWLEDGE_IDS}
    products = catalogue.load_products(connection, shop_id)
    made["products"] = joined((product.category or "商品", describe(product)) for product in products)
    return {one: made[one] for one in knowledge_ids}
