"""Vectors of knowledge entries: two a piece (label and text), unit length, as 16-bit floats."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, String, Table, delete, select

from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.upsert import upsert

REVISION = "vectors"
_STORED = np.dtype("<f2")
"""A cosine of such numbers is right to three digits, in half the space."""

knowledge_vectors = Table(
    "knowledge_vectors",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", String(64), primary_key=True),
    Column("model", String(200), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("vectors", LargeBinary, nullable=False),
)
_c = knowledge_vectors.c


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in the store for an entry: of which model and of which text (``digest``)."""

    model: str
    digest: str


def made_vectors(connection: Connection, shop_id: int, ids: Collection[str] | None = None) -> dict[str, Made]:
    """What is there by entry id, of all entries or of ``ids``."""
    query = select(_c.entry_id, _c.model, _c.digest).where(_c.shop_id == shop_id)
    if ids is not None:
        query = query.where(_c.entry_id.in_(ids))
    return {entry_id: Made(model, digest) for entry_id, model, digest in connection.execute(query)}


def load_vectors(connection: Connection, shop_id: int, model: str) -> dict[str, tuple[str, np.ndarray]]:
    """Entry id → digest and the two vectors, of that model only."""
    query = select(_c.entry_id, _c.digest, _c.vectors).where(_c.shop_id == shop_id, _c.model == model)
    return {
        entry_id: (digest, np.frombuffer(stored, dtype=_STORED).reshape(2, -1))
        for entry_id, digest, stored in connection.execute(query)
    }


def save_vectors(connection: Connection, shop_id: int, model: str, made: Mapping[str, tuple[str, np.ndarray]]) -> None:
    """Insert or replace; does not count the revision, see `publish`."""
    same = {"shop_id": shop_id, "model": model}
    rows = [
        {**same, "entry_id": entry_id, "digest": digest, "vectors": pair.astype(_STORED).tobytes()}
        for entry_id, (digest, pair) in made.items()
    ]
    upsert(connection, knowledge_vectors, rows)


def forget_vectors(connection: Connection, shop_id: int, ids: Collection[str]) -> None:
    """Of entries that are gone."""
    gone = list(ids)
    for start in range(0, len(gone), 500):
        part = _c.entry_id.in_(gone[start : start + 500])
        connection.execute(delete(knowledge_vectors).where(_c.shop_id == shop_id, part))


def publish(connection: Connection, shop_id: int) -> None:
    """Let every worker read the vectors anew."""
    revisions.bump(connection, shop_id, REVISION)
