"""Knowledge entries of a shop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import JSON, Column, Connection, DateTime, ForeignKey, Integer, String, Table, Text, delete, select

from kefu.core.knowledge import Entry
from kefu.store import revisions
from kefu.store.db import metadata

knowledge_entries = Table(
    "knowledge_entries",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("knowledge_id", String(32), nullable=False),
    Column("title", String(255), nullable=False),
    Column("question", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("source", String(255), nullable=False),
    Column("product", String(64), nullable=False),
    Column("tags", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("metadata", JSON, nullable=False, key="entry_metadata"),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)


def entry_id(knowledge_id: str, title: str, question: str, product: str = "") -> str:
    """A stable id from what names the entry, so that an edited content replaces the old one."""
    named = json.dumps([knowledge_id, title, question, product], ensure_ascii=False)
    return hashlib.sha256(named.encode()).hexdigest()[:20]


def list_questions(connection: Connection, shop_id: int) -> dict[str, tuple[str, ...]]:
    """The titles of the shop's entries, and what customers ask of each: its question and tags."""
    entries = list_entries(connection, shop_id).values()
    return {entry.title: tuple(filter(None, (entry.question, *entry.tags))) for entry in entries}


def list_entries(connection: Connection, shop_id: int) -> dict[str, Entry]:
    """All entries by id."""
    rows = connection.execute(select(knowledge_entries).where(knowledge_entries.c.shop_id == shop_id))
    return {
        row.id: Entry(
            id=row.id,
            knowledge_id=row.knowledge_id,
            title=row.title,
            content=row.content,
            question=row.question,
            source=row.source,
            product=row.product,
            tags=tuple(filter(None, row.tags.split("|"))),
            version=row.version,
            metadata=row.entry_metadata,
        )
        for row in rows
    }


def save_entries(connection: Connection, shop_id: int, entries: Sequence[Entry]) -> None:
    """Insert or replace ``entries``; a replaced one counts its version up."""
    if not entries:
        return
    revisions.bump(connection, shop_id, "knowledge")
    ids = [entry.id for entry in entries]
    here = (knowledge_entries.c.shop_id == shop_id) & knowledge_entries.c.id.in_(ids)
    known = select(knowledge_entries.c.id, knowledge_entries.c.version).where(here)
    versions = {row.id: row.version for row in connection.execute(known)}
    connection.execute(delete(knowledge_entries).where(here))
    now = datetime.now(UTC)
    connection.execute(
        knowledge_entries.insert(),
        [
            {
                "shop_id": shop_id,
                "id": entry.id,
                "knowledge_id": entry.knowledge_id,
                "title": entry.title[:255],
                "question": entry.question,
                "content": entry.content,
                "source": entry.source[:255],
                "product": entry.product,
                "tags": "|".join(entry.tags),
                "version": versions.get(entry.id, 0) + 1,
                "entry_metadata": dict(entry.metadata),
                "updated_at": now,
            }
            for entry in entries
        ],
    )


def delete_entries(connection: Connection, shop_id: int, ids: Sequence[str]) -> int:
    """How many went."""
    here = (knowledge_entries.c.shop_id == shop_id) & knowledge_entries.c.id.in_(ids)
    gone = connection.execute(delete(knowledge_entries).where(here)).rowcount
    if gone:
        revisions.bump(connection, shop_id, "knowledge")
    return gone
