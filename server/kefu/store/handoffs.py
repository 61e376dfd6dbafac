"""Hand-offs, their messages, and what a channel still has to deliver."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

from kefu.core.handoff import MAX_AGENT, MAX_TEXT, HandOff, Line, move
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import conversations, outbox
from kefu.store.db import metadata
from kefu.store.moments import Instant
from kefu.store.prepared import Prepared

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("user_id", String(128), nullable=False),
    Column("customer", String(80), nullable=False),
    Column("detail", String(300), nullable=False),
    Column("emotion", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("transcript", Text, nullable=False),
    Column("slots", Text, nullable=False),
    Column("suggested_reply", Text, nullable=False),
    Column("agent", String(64), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("first_reply_at", Instant),
    Column("last_customer_at", Instant),
    Column("last_agent_at", Instant),
    Column("resolved_at", Instant),
    Index("ix_handoffs_shop_id", "shop_id", "state", "priority", "id"),
    Index(
        "uq_handoffs_live",
        "shop_id",
        "conversation_id",
        unique=True,
        sqlite_where=text("state <> 'resolved'"),
        postgresql_where=text("state <> 'resolved'"),
    ),
)

messages = Table(
    "handoff_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("handoff_id", ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("who", String(12), nullable=False),
    Column("agent", String(64), nullable=False, default=""),
    Column("text", Text, nullable=False),
    Column("key", String(128)),
    Column("channel_id", String(128)),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    UniqueConstraint("shop_id", "handoff_id", "who", "key"),
    Index("ix_handoff_messages_shop_id", "shop_id", "who", "delivered_at", "id"),
    Index("ix_handoff_messages_conversation_id", "shop_id", "conversation_id", "channel_id"),
)

ECHO_WINDOW = timedelta(minutes=10)
"""A channel that shows our own sentence back as a customer's without its id is believed an echo for this long."""


@dataclass(frozen=True, slots=True)
class Message:
    """One line said in a hand-off. ``who``: customer or agent. ``id`` grows: it is the cursor of `undelivered`."""

    id: int
    handoff_id: int
    conversation_id: str
    who: str
    text: str
    created_at: datetime
    agent: str = ""
    delivered_at: datetime | None = None


_LIVE = Prepared(
    select(handoffs.c.id).where(
        handoffs.c.shop_id == bindparam("shop"),
        handoffs.c.conversation_id == bindparam("conversation"),
        handoffs.c.state != literal_column("'resolved'"),
    )
)


def open_handoff(connection: Connection, shop_id: int, record: HandOff, now: datetime) -> HandOff:
    """Put a conversation into the queue: state pending, its owner the human, the webhooks' events in the outbox, all in
    the caller's transaction. A conversation that waits or is open already keeps its record (returned unchanged)."""
    live = live_handoff(connection, shop_id, record.conversation_id)
    if live:
        return live
    values = _values(record) | {"shop_id": shop_id, "state": "pending", "created_at": now}
    values["last_customer_at"] = now
    try:
        with connection.begin_nested():
            row = connection.execute(handoffs.insert().values(**values))
    except IntegrityError:  # another turn of the same conversation was first
        live = live_handoff(connection, shop_id, record.conversation_id)
        if live is None:
            raise
        return live
    stored = get_handoff(connection, shop_id, int(row.inserted_primary_key[0]))  # type: ignore[index]
    conversations.set_owner(connection, shop_id, stored.conversation_id, "human", stored.id, now)
    outbox.announce(connection, shop_id, "handoff.pending", f"handoff-{stored.id}-pending", describe(stored), now)
    return stored


def live_handoff(connection: Connection, shop_id: int, conversation_id: str) -> HandOff | None:
    """The pending or open hand-off of a conversation, if any: what every tool asks first."""
    found = _LIVE.rows(connection, shop=shop_id, conversation=conversation_id)
    return get_handoff(connection, shop_id, found[0][0]) if found else None


def get_handoff(connection: Connection, shop_id: int, handoff_id: int) -> HandOff:
    """Raises NotFound, also for another shop's."""
    here = (handoffs.c.shop_id == shop_id) & (handoffs.c.id == handoff_id)
    row = connection.execute(select(handoffs).where(here)).first()
    if row is None:
        raise NotFound(f"There is no hand-off {handoff_id}.", "`GET /handoffs` lists them.")
    return _record(row)


def list_handoffs(
    connection: Connection, shop_id: int, state: str = "", *, agent: str = "", after: int = 0, limit: int = 50
) -> list[HandOff]:
    """The queue: most urgent first, then longest waiting; without ``state`` all, newest first."""
    query = select(handoffs).where(handoffs.c.shop_id == shop_id)
    if state:
        query = query.where(handoffs.c.state == state)
    if agent:
        query = query.where(handoffs.c.agent == agent)
    if after:
        query = query.where(handoffs.c.id > after if state else handoffs.c.id < after)
    order = (handoffs.c.priority.desc(), handoffs.c.id) if state and not after else (handoffs.c.id,)
    query = query.order_by(*order) if state else query.order_by(handoffs.c.id.desc())
    return [_record(row) for row in connection.execute(query.limit(max(1, min(limit, 200))))]


def claim(connection: Connection, shop_id: int, handoff_id: int, agent: str, now: datetime) -> HandOff:
    """Take a waiting conversation. The same agent may claim again; Conflict if another has it or it is resolved."""
    agent = _agent(agent)
    record = _locked(connection, shop_id, handoff_id)
    move(record.state, "claim")
    if record.state == "open" and record.agent != agent:
        raise Conflict(f"{record.agent} has this conversation.", "Ask them to release it, or take another.")
    if record.state == "pending":
        _set(connection, shop_id, handoff_id, state="open", agent=agent, claimed_at=now)
    return get_handoff(connection, shop_id, handoff_id)


def release(connection: Connection, shop_id: int, handoff_id: int, agent: str) -> HandOff:
    """Back into the queue; only by the agent who has it."""
    record = _owned(connection, shop_id, handoff_id, _agent(agent), "release")
    _set(connection, shop_id, record.id, state="pending", agent="", claimed_at=None)
    return get_handoff(connection, shop_id, handoff_id)


def reply(
    connection: Connection, shop_id: int, handoff_id: int, agent: str, words: str, now: datetime, key: str = ""
) -> Message:
    """Say ``words`` to the customer: stored until a channel acknowledges it. The same ``key`` again gives the same
    message, so a repeated call sends nothing twice. Conflict unless ``agent`` has the conversation."""
    agent, words = _agent(agent), _words(words)
    before = _by_key(connection, shop_id, handoff_id, "agent", key)
    if before:
        return before
    record = _owned(connection, shop_id, handoff_id, agent, "reply")
    message = _say(connection, shop_id, record, "agent", words, now, key=key, agent=agent)
    first = {} if record.first_reply_at else {"first_reply_at": now}
    _set(connection, shop_id, handoff_id, last_agent_at=now, **first)
    return message


def hear(
    connection: Connection, shop_id: int, record: HandOff, words: str, now: datetime, channel_id: str = ""
) -> Message | None:
    """Store what the customer says while people have the conversation; the channel's id makes a repeat harmless.
    None for a blank message: it tells an agent nothing."""
    if not words.strip():
        return None
    before = _by_key(connection, shop_id, record.id, "customer", channel_id)
    if before:
        return before
    message = _say(connection, shop_id, record, "customer", _words(words), now, key=channel_id, channel_id=channel_id)
    _set(connection, shop_id, record.id, last_customer_at=now)
    return message


def resolve(
    connection: Connection, shop_id: int, handoff_id: int, agent: str, now: datetime, note: str = ""
) -> HandOff:
    """End it: the bot has the conversation again. A pending one may be resolved by anyone, an open one by its agent."""
    agent = _agent(agent)
    record = _locked(connection, shop_id, handoff_id)
    move(record.state, "resolve")
    if record.state == "open" and record.agent != agent:
        raise Conflict(f"{record.agent} has this conversation.", "Only they can resolve it.")
    _set(connection, shop_id, handoff_id, state="resolved", agent=agent, resolved_at=now, note=note[:MAX_TEXT])
    conversations.set_owner(connection, shop_id, record.conversation_id, "bot", 0, now)
    stored = get_handoff(connection, shop_id, handoff_id)
    outbox.announce(connection, shop_id, "handoff.resolved", f"handoff-{stored.id}-resolved", describe(stored), now)
    return stored


def undelivered(
    connection: Connection, shop_id: int, *, after: int = 0, conversation_id: str = "", limit: int = 50
) -> list[Message]:
    """Agents' messages that no channel has acknowledged, oldest first; ``after`` skips up to that message id."""
    here = (messages.c.shop_id == shop_id) & (messages.c.who == "agent") & messages.c.delivered_at.is_(None)
    query = select(messages).where(here, messages.c.id > after)
    if conversation_id:
        query = query.where(messages.c.conversation_id == conversation_id)
    rows = connection.execute(query.order_by(messages.c.id).limit(max(1, min(limit, 200))))
    return [_message(row) for row in rows]


def acknowledge(connection: Connection, shop_id: int, delivered: dict[int, str], now: datetime) -> list[int]:
    """Mark messages as delivered: message id → the channel's own id of it ("" = unknown). Gives the ids that exist;
    acknowledging again is harmless."""
    done = []
    for message_id, channel_id in delivered.items():
        here = (messages.c.shop_id == shop_id) & (messages.c.id == message_id) & (messages.c.who == "agent")
        row = connection.execute(select(messages.c.delivered_at, messages.c.channel_id).where(here)).first()
        if row is None:
            continue
        values: dict[str, Any] = {"channel_id": channel_id[:128] or row.channel_id}
        if row.delivered_at is None:
            values["delivered_at"] = now
        connection.execute(messages.update().where(here).values(**values))
        done.append(message_id)
    return done


def is_echo(
    connection: Connection, shop_id: int, conversation_id: str, words: str, channel_id: str, now: datetime
) -> bool:
    """Is this incoming message one that we sent? Known channel ids decide; without an id the same text as an agent's
    message of the last ten minutes is an echo."""
    here = (
        (messages.c.shop_id == shop_id) & (messages.c.conversation_id == conversation_id) & (messages.c.who == "agent")
    )
    if channel_id:
        found = connection.execute(select(messages.c.id).where(here, messages.c.channel_id == channel_id)).first()
        if found:
            return True
    recent = messages.c.created_at >= now - ECHO_WINDOW
    unknown = messages.c.channel_id.is_(None) | (messages.c.channel_id == "")
    rows = connection.execute(select(messages.c.text).where(here, recent, unknown))
    return any(row.text.strip() == words.strip() for row in rows)


def list_messages(connection: Connection, shop_id: int, handoff_id: int, limit: int = 500) -> list[Message]:
    """What was said since the hand-off, oldest first."""
    here = (messages.c.shop_id == shop_id) & (messages.c.handoff_id == handoff_id)
    query = select(messages).where(here).order_by(messages.c.id).limit(limit)
    return [_message(row) for row in connection.execute(query)]


def describe(record: HandOff) -> dict[str, Any]:
    """The record as JSON for the API and the webhooks; times ISO 8601."""
    data = asdict(record)
    data["transcript"] = [asdict(line) for line in record.transcript]
    data["slots"] = dict(record.slots)
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in data.items()}


def _locked(connection: Connection, shop_id: int, handoff_id: int) -> HandOff:
    """The record, locked until the transaction ends (PostgreSQL; SQLite's writer holds the whole file)."""
    here = (handoffs.c.shop_id == shop_id) & (handoffs.c.id == handoff_id)
    connection.execute(select(handoffs.c.id).where(here).with_for_update())
    return get_handoff(connection, shop_id, handoff_id)


def _owned(connection: Connection, shop_id: int, handoff_id: int, agent: str, action: str) -> HandOff:
    record = _locked(connection, shop_id, handoff_id)
    move(record.state, action)
    if record.agent != agent:
        raise Conflict(f"{record.agent} has this conversation.", "Claim it after they release it.")
    return record


def _say(
    connection: Connection,
    shop_id: int,
    record: HandOff,
    who: str,
    words: str,
    now: datetime,
    *,
    key: str = "",
    agent: str = "",
    channel_id: str = "",
) -> Message:
    values = {"handoff_id": record.id, "conversation_id": record.conversation_id, "who": who, "text": words}
    values |= {"agent": agent, "key": key[:128] or None, "channel_id": channel_id[:128] or None}
    row = connection.execute(messages.insert().values(shop_id=shop_id, created_at=now, **values))
    number = int(row.inserted_primary_key[0])  # type: ignore[index]
    return Message(number, record.id, record.conversation_id, who, words, now, agent)


def _by_key(connection: Connection, shop_id: int, handoff_id: int, who: str, key: str) -> Message | None:
    if not key:
        return None
    here = (messages.c.shop_id == shop_id) & (messages.c.handoff_id == handoff_id) & (messages.c.who == who)
    row = connection.execute(select(messages).where(here, messages.c.key == key[:128])).first()
    return _message(row) if row else None


def _set(connection: Connection, shop_id: int, handoff_id: int, **values: Any) -> None:
    here = (handoffs.c.shop_id == shop_id) & (handoffs.c.id == handoff_id)
    connection.execute(handoffs.update().where(here).values(**values))


def _agent(name: str) -> str:
    name = name.strip() if isinstance(name, str) else ""
    if not name or len(name) > MAX_AGENT:
        raise BadInput("The agent has no name, or one that is too long.", f"Send agent, 1 to {MAX_AGENT} characters.")
    return name


def _words(words: str) -> str:
    if not isinstance(words, str) or not words.strip() or len(words) > MAX_TEXT:
        raise BadInput("The message is empty or too long.", f"Send text, 1 to {MAX_TEXT} characters.")
    return words.replace("\x00", "").encode("utf-8", "replace").decode()


def _values(record: HandOff) -> dict[str, Any]:
    return {
        "conversation_id": record.conversation_id[:128],
        "reason": record.reason,
        "channel": record.channel[:32],
        "user_id": record.user_id[:128],
        "customer": record.customer[:80],
        "detail": record.detail[:300],
        "emotion": record.emotion[:16],
        "priority": record.priority,
        "transcript": json.dumps([asdict(line) for line in record.transcript], ensure_ascii=False),
        "slots": json.dumps(dict(record.slots), ensure_ascii=False),
        "suggested_reply": record.suggested_reply[:MAX_TEXT],
    }


def _record(row: Row[Any]) -> HandOff:
    names = [name for name in HandOff.__dataclass_fields__ if name not in ("transcript", "slots")]
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    lines = tuple(Line(**line) for line in json.loads(row.transcript))
    return HandOff(transcript=lines, slots=json.loads(row.slots), **values)


def _message(row: Row[Any]) -> Message:
    told = row.id, row.handoff_id, row.conversation_id, row.who, row.text
    return Message(*told, row.created_at, row.agent, row.delivered_at)
