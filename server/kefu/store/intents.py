"""The shop's intents: what each is called, and which class texts of Dify the owner gave it by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import JSON, Column, Connection, ForeignKey, String, Table, select

from kefu.errors import BadInput
from kefu.store import revisions
from kefu.store.db import metadata

intents = Table(
    "intents",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("intent", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("aliases", JSON, nullable=False),
    Column("description", String(500), nullable=False),
    Column("class_texts", JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Intent:
    """``id`` is what models answer with; ``name`` and ``aliases`` are what people call it."""

    id: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""
    class_texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id.strip() or len(self.id) > 64 or len(self.name) > 64 or len(self.description) > 500:
            raise BadInput(
                f"The intent “{self.id[:64]}” has no id, or a part that is too long.",
                "Id and name have at most 64 characters, the description 500.",
            )


def save_intents(connection: Connection, shop_id: int, changed: Iterable[Intent]) -> None:
    """Add or replace intents; an empty name or description leaves the stored one."""
    revisions.bump(connection, shop_id, "intents")
    present = {intent.id: intent for intent in list_intents(connection, shop_id)}
    for intent in changed:
        old = present.get(intent.id)
        values = {
            "name": intent.name or (old.name if old else ""),
            "aliases": list(intent.aliases or (old.aliases if old else ())),
            "description": intent.description or (old.description if old else ""),
            "class_texts": list(intent.class_texts or (old.class_texts if old else ())),
        }
        if old:
            here = (intents.c.shop_id == shop_id) & (intents.c.intent == intent.id)
            connection.execute(intents.update().where(here).values(**values))
        else:
            connection.execute(intents.insert().values(shop_id=shop_id, intent=intent.id, **values))
        present[intent.id] = intent


def list_intents(connection: Connection, shop_id: int) -> list[Intent]:
    """The shop's intents by id."""
    query = select(intents).where(intents.c.shop_id == shop_id).order_by(intents.c.intent)
    return [
        Intent(row.intent, row.name, tuple(row.aliases), row.description, tuple(row.class_texts))
        for row in connection.execute(query)
    ]


def delete_intents(connection: Connection, shop_id: int, ids: Iterable[str]) -> None:
    """Forget these intents; their examples stay."""
    revisions.bump(connection, shop_id, "intents")
    here = (intents.c.shop_id == shop_id) & intents.c.intent.in_(list(ids))
    connection.execute(intents.delete().where(here))
