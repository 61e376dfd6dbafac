"""Sentences with their intent: what intent training learns from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
)

from kefu.errors import BadInput
from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.moments import Instant

MAX_EXAMPLE = 300
STARTER = "starter"
"""Source of the general examples with which a shop begins."""

intent_examples = Table(
    "intent_examples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("intent", String(64), nullable=False),
    Column("text", String(MAX_EXAMPLE), nullable=False),
    Column("source", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "text"),
    Index("ix_intent_examples_intent", "shop_id", "intent"),
)


@dataclass(frozen=True, slots=True)
class IntentExample:
    """``source``: import, starter, unanswered, …; one sentence has one intent in a shop."""

    text: str
    intent: str
    source: str = "import"

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > MAX_EXAMPLE:
            raise BadInput("An example is empty or too long.", f"1 to {MAX_EXAMPLE} characters.")
        if not self.intent.strip() or len(self.intent) > 64:
            raise BadInput("An example has no intent, or one over 64 characters.", "E.g. stock_query.")


def save_examples(connection: Connection, shop_id: int, examples: Iterable[IntentExample], now: datetime) -> int:
    """Add examples; a sentence that is there already gets the new intent. How many were added or changed."""
    table = intent_examples.c
    query = select(table.text, table.intent).where(table.shop_id == shop_id)
    present = {row.text: row.intent for row in connection.execute(query)}
    count = 0
    for example in examples:
        if present.get(example.text) == example.intent:
            continue
        values = {"intent": example.intent, "source": example.source[:32], "created_at": now}
        if example.text in present:
            here = (table.shop_id == shop_id) & (table.text == example.text)
            connection.execute(intent_examples.update().where(here).values(**values))
        else:
            connection.execute(intent_examples.insert().values(shop_id=shop_id, text=example.text, **values))
        present[example.text] = example.intent
        count += 1
    if count:
        revisions.bump(connection, shop_id, "intents")
    return count


def list_examples(connection: Connection, shop_id: int) -> list[IntentExample]:
    """All of the shop's examples in the order they came."""
    table = intent_examples.c
    query = select(table.text, table.intent, table.source).where(table.shop_id == shop_id).order_by(table.id)
    return [IntentExample(*row) for row in connection.execute(query)]


def delete_examples(connection: Connection, shop_id: int, texts: Iterable[str]) -> int:
    """Forget these sentences; how many were there."""
    return _delete(connection, shop_id, intent_examples.c.text.in_(list(texts)))


def delete_examples_from(connection: Connection, shop_id: int, source: str) -> int:
    """Forget all sentences of that source; how many were there."""
    return _delete(connection, shop_id, intent_examples.c.source == source)


def _delete(connection: Connection, shop_id: int, which: ColumnElement[bool]) -> int:
    here = (intent_examples.c.shop_id == shop_id) & which
    count = connection.execute(intent_examples.delete().where(here)).rowcount
    if count:
        revisions.bump(connection, shop_id, "intents")
    return count


def last_example(connection: Connection, shop_id: int) -> int:
    """The number of the shop's newest example; 0 without any."""
    table = intent_examples.c
    return connection.execute(select(func.max(table.id)).where(table.shop_id == shop_id)).scalar() or 0


def mark_examples(connection: Connection, shop_id: int, source: str, *, after: int) -> int:
    """Say where the examples newer than number ``after`` came from; how many they are."""
    here = (intent_examples.c.shop_id == shop_id) & (intent_examples.c.id > after)
    return connection.execute(intent_examples.update().where(here).values(source=source)).rowcount
