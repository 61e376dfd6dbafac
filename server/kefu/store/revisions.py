"""A counter for each kind of a shop's data. Whoever changes data bumps it; a worker compares it before it answers."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from kefu.store.db import metadata
from kefu.store.prepared import Prepared

revisions = Table(
    "revisions",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("revision", Integer, nullable=False, default=0),
)


_CURRENT = Prepared(select(revisions.c.kind, revisions.c.revision).where(revisions.c.shop_id == bindparam("shop")))


def bump(connection: Connection, shop_id: int, kind: str) -> int:
    """Count one change of ``kind`` in the caller's transaction and return the new number.

    One statement: of two writers that come at once the second waits here until the first has committed."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(revisions).values(shop_id=shop_id, kind=kind, revision=1)
    keys = [revisions.c.shop_id, revisions.c.kind]
    counted = first.on_conflict_do_update(index_elements=keys, set_={"revision": revisions.c.revision + 1})
    return connection.execute(counted.returning(revisions.c.revision)).scalar_one()


def current(connection: Connection, shop_id: int) -> dict[str, int]:
    """All counters of the shop; a kind that never changed is absent."""
    return dict(_CURRENT.rows(connection, shop=shop_id))
