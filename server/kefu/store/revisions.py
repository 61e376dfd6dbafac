"""A counter for each kind of a shop's data. Whoever changes data bumps it; a worker compares it before it answers."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, bindparam, select

from kefu.store.db import metadata

revisions = Table(
    "revisions",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("revision", Integer, nullable=False, default=0),
)


_CURRENT = select(revisions.c.kind, revisions.c.revision).where(revisions.c.shop_id == bindparam("shop"))
"""Built once: asked at every request, and building it costs more than the database's answer."""


def bump(connection: Connection, shop_id: int, kind: str) -> int:
    """Count one change of ``kind`` in the caller's transaction and return the new number."""
    here = (revisions.c.shop_id == shop_id) & (revisions.c.kind == kind)
    if connection.execute(revisions.update().where(here).values(revision=revisions.c.revision + 1)).rowcount == 0:
        connection.execute(revisions.insert().values(shop_id=shop_id, kind=kind, revision=1))
    return connection.execute(select(revisions.c.revision).where(here)).scalar_one()


def current(connection: Connection, shop_id: int) -> dict[str, int]:
    """All counters of the shop; a kind that never changed is absent."""
    return {row.kind: row.revision for row in connection.execute(_CURRENT, {"shop": shop_id})}
