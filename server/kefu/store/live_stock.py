"""The shortest way to a SKU's rows: a driver connection kept open, one prepared query, nothing cached.

SQLAlchemy's own way costs about 70 µs a query (260 µs with opening a connection), this one about 20 µs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.pool import PoolProxiedConnection

from kefu.core.catalogue import StockRow
from kefu.store.db import Database

_QUERY = (
    "SELECT sku, warehouse, quantity, as_of, incoming, incoming_quantity, version FROM stock"
    " WHERE shop_id = {mark} AND sku IN ({marks}) ORDER BY sku, warehouse"
)


class LiveStock:
    """``stock_of(shop_id, skus)``: the committed rows at this moment. Safe for threads; close it with its database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._idle: deque[PoolProxiedConnection] = deque()
        self._broken: type[Exception] = db.engine.dialect.loaded_dbapi.OperationalError
        self._mark = "%s" if db.engine.dialect.name == "postgresql" else "?"
        self._queries: dict[int, str] = {}

    def rows_of(self, shop_id: int, skus: Sequence[str]) -> dict[str, tuple[StockRow, ...]]:
        """The rows of those SKUs; a SKU without rows is absent."""
        rows: dict[str, tuple[StockRow, ...]] = {}
        if not skus:
            return rows
        for sku, warehouse, quantity, as_of, incoming, coming, version in self._fetch(shop_id, skus):
            day = date.fromisoformat(incoming) if isinstance(incoming, str) else incoming
            row = StockRow(sku, warehouse, quantity, datetime.fromtimestamp(as_of, UTC), day, coming, version)
            rows[sku] = (*rows.get(sku, ()), row)
        return rows

    def _fetch(self, shop_id: int, skus: Sequence[str]) -> Sequence[Any]:
        while self._idle:
            try:
                return self._ask(self._idle.pop(), shop_id, skus)
            except (IndexError, self._broken):
                continue  # another thread took it, or the database was started anew since: then the others are dead too
        return self._ask(self._open(), shop_id, skus)

    def _open(self) -> PoolProxiedConnection:
        """A connection of our own, in which every query sees what is committed by then."""
        connection = self._db.engine.raw_connection()
        connection.detach()
        if self._mark == "%s":
            connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]
        return connection

    def _ask(self, connection: PoolProxiedConnection, shop_id: int, skus: Sequence[str]) -> Sequence[Any]:
        try:
            cursor = connection.cursor()
            cursor.execute(self._query(len(skus)), (shop_id, *skus))
            rows = cursor.fetchall()
            cursor.close()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return rows

    def _query(self, count: int) -> str:
        query = self._queries.get(count)
        if query is None:
            query = _QUERY.format(mark=self._mark, marks=", ".join([self._mark] * count))
            if len(self._queries) < 64:
                self._queries[count] = query
        return query

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
