"""Documents that knowledge entries were cut from: every import of one is a version, and each can be brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, DateTime, ForeignKey, Integer, String, Table, delete, func, select

from kefu.core.knowledge import Entry
from kefu.errors import NotFound
from kefu.store.db import metadata
from kefu.store.knowledge import delete_entries, list_entries, save_entries

knowledge_documents = Table(
    "knowledge_documents",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("entries", JSON, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
)

KEPT_VERSIONS = 20
"""Older versions of a document are dropped."""


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One import of a document. ``entries`` is how many pieces it had; 0 means that it was deleted."""

    name: str
    version: int
    entries: int
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What an import does, as entry ids. ``version`` is the version in force afterwards."""

    name: str
    version: int
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def compare_document(connection: Connection, shop_id: int, name: str, entries: Sequence[Entry]) -> DocumentChange:
    """What `save_document` would do."""
    version, held = _latest(connection, shop_id, name)
    present = list_entries(connection, shop_id)
    wanted = {entry.id: entry for entry in entries}
    new = tuple(one for one in wanted if one not in present)
    changed = tuple(one for one in wanted if one in present and present[one] != wanted[one])
    same = tuple(one for one in wanted if one in present and present[one] == wanted[one])
    gone = tuple(one for one in held if one not in wanted and one in present)
    return DocumentChange(name, version + bool(new or changed or gone), new, changed, same, gone)


def save_document(connection: Connection, shop_id: int, name: str, entries: Sequence[Entry]) -> DocumentChange:
    """Make ``entries`` the document: store what is new or changed, delete what is gone. Nothing new is no version."""
    change = compare_document(connection, shop_id, name, entries)
    if not (change.new or change.changed or change.gone):
        return change
    touched = {*change.new, *change.changed}
    save_entries(connection, shop_id, [entry for entry in entries if entry.id in touched])
    if change.gone:
        delete_entries(connection, shop_id, change.gone)
    row = {
        "shop_id": shop_id,
        "name": name,
        "version": change.version,
        "entries": [_to_json(entry) for entry in entries],
        "imported_at": datetime.now(UTC),
    }
    connection.execute(knowledge_documents.insert(), [row])
    here = _named(shop_id, name)
    connection.execute(
        delete(knowledge_documents).where(here, knowledge_documents.c.version <= change.version - KEPT_VERSIONS)
    )
    return change


def roll_back(connection: Connection, shop_id: int, name: str, version: int) -> DocumentChange:
    """Bring back an earlier version, as a new one. Raises NotFound."""
    here = _named(shop_id, name) & (knowledge_documents.c.version == version)
    row = connection.execute(select(knowledge_documents.c.entries).where(here)).first()
    if row is None:
        raise NotFound(
            f"“{name}” has no version {version}.", "`./kefu knowledge list` shows the versions that are kept."
        )
    return save_document(connection, shop_id, name, [_from_json(item) for item in row.entries])


def delete_document(connection: Connection, shop_id: int, name: str) -> DocumentChange:
    """Take the document's entries out; its versions stay for `roll_back`. Raises NotFound."""
    if not _latest(connection, shop_id, name)[0]:
        raise NotFound(f"There is no document “{name}”.", "`./kefu knowledge list` shows their names.")
    return save_document(connection, shop_id, name, [])


def list_versions(connection: Connection, shop_id: int, name: str = "") -> list[DocumentVersion]:
    """All kept versions, by name, newest first."""
    rows = connection.execute(
        select(knowledge_documents)
        .where(_named(shop_id, name) if name else knowledge_documents.c.shop_id == shop_id)
        .order_by(knowledge_documents.c.name, knowledge_documents.c.version.desc())
    )
    return [DocumentVersion(row.name, row.version, len(row.entries), row.imported_at) for row in rows]


def _named(shop_id: int, name: str) -> Any:
    return (knowledge_documents.c.shop_id == shop_id) & (knowledge_documents.c.name == name)


def _latest(connection: Connection, shop_id: int, name: str) -> tuple[int, tuple[str, ...]]:
    """Version (0 if there is none) and entry ids of the document as it is."""
    here = _named(shop_id, name)
    newest = select(func.max(knowledge_documents.c.version)).where(here).scalar_subquery()
    row = connection.execute(
        select(knowledge_documents.c.version, knowledge_documents.c.entries).where(
            here, knowledge_documents.c.version == newest
        )
    ).first()
    return (row.version, tuple(item["id"] for item in row.entries)) if row else (0, ())


_TEXTS = ("id", "knowledge_id", "title", "content", "question", "source", "product")


def _to_json(entry: Entry) -> dict[str, Any]:
    texts = {name: getattr(entry, name) for name in _TEXTS}
    return {**texts, "tags": list(entry.tags), "metadata": dict(entry.metadata)}


def _from_json(item: Mapping[str, Any]) -> Entry:
    return Entry(**{name: item[name] for name in _TEXTS}, tags=tuple(item["tags"]), metadata=item["metadata"])
