"""What rows name and the shop does not have (yet): worth a warning, as files may come in any order."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from kefu.jobs.imports import listed
from kefu.store.catalogue import categories_of, product_of_sku

Named = Iterable[tuple[int, str]]
"""Row numbers with what the row names; ``""`` names nothing."""


def unknown_skus(connection: Connection, shop_id: int, named: Named, hint: str) -> Iterator[str]:
    """A warning if no product has some of the SKUs that are named."""
    yield from _warn("No product has the SKU", named, product_of_sku(connection, shop_id), hint)


def unknown_products(connection: Connection, shop_id: int, named: Named, hint: str) -> Iterator[str]:
    known = {*product_of_sku(connection, shop_id).values()}
    yield from _warn("There is no product", named, known, hint)


def unknown_categories(connection: Connection, shop_id: int, named: Named, hint: str) -> Iterator[str]:
    known = categories_of(connection, shop_id)
    has = f"{hint} The shop has {'、'.join(known[:10])}{'…' if known[10:] else ''}." if known else hint
    yield from _warn("No product is of the category", named, known, has)


def _warn(said: str, named: Named, known: Container[Any], hint: str) -> Iterator[str]:
    rows_of: dict[str, list[int]] = {}
    for number, name in named:
        if name and name not in known:
            rows_of.setdefault(name, []).append(number)
    if rows_of:
        yield f"{said} {listed(rows_of)}. {hint}"
