"""Idempotency keys: the same request sent twice changes once and is answered the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Column, Connection, ForeignKey, String, Table, Text, select

from kefu.errors import Conflict
from kefu.store.db import metadata
from kefu.store.moments import Moment
from kefu.store.upsert import insert_or_skip

stock_requests = Table(
    "stock_requests",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("response", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

KEYS_KEPT = timedelta(days=7)
"""How long a key is remembered."""


def claim(connection: Connection, shop_id: int, key: str, body: bytes, now: datetime) -> dict[str, Any] | None:
    """Take the key for this request (None), or return what the same request was answered before.

    A second request that comes at the same time waits here until the first has committed. The same key with another
    body raises Conflict.
    """
    old = stock_requests.c.created_at < now - KEYS_KEPT
    connection.execute(stock_requests.delete().where(stock_requests.c.shop_id == shop_id, old))
    row = {"shop_id": shop_id, "key": key, "digest": _digest(body), "response": "", "created_at": now}
    if insert_or_skip(connection, stock_requests, row):
        return None
    here = select(stock_requests).where(stock_requests.c.shop_id == shop_id, stock_requests.c.key == key)
    found = connection.execute(here).one()
    if found.digest != _digest(body):
        raise Conflict("This idempotency key was used for another request.", "Use a new key for each change.")
    return orjson.loads(found.response)


def answer(connection: Connection, shop_id: int, key: str, response: Mapping[str, Any]) -> None:
    """Keep the response of a claimed key, in the transaction that made the change."""
    here = (stock_requests.c.shop_id == shop_id) & (stock_requests.c.key == key)
    connection.execute(stock_requests.update().where(here).values(response=orjson.dumps(response).decode()))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
