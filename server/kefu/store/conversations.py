"""Conversation states with a version each, customers seen, and one row for each turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    select,
)

from kefu.core.dialogue import Customer, State
from kefu.errors import BadInput, Conflict
from kefu.store.db import Database, metadata
from kefu.store.moments import Instant
from kefu.store.prepared import Prepared
from kefu.store.upsert import insert_or_skip

MAX_ID = 128
MAX_STORED_TEXT = 4_000

conversations = Table(
    "conversations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", String(MAX_ID), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    UniqueConstraint("shop_id", "conversation_id"),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", String(MAX_ID), nullable=False),
    Column("name", String(80), nullable=False, default=""),
    Column("conversations", Integer, nullable=False),
    Column("last_conversation", String(MAX_ID), nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    UniqueConstraint("shop_id", "user_id"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("turn_id", String(64), nullable=False, default=""),
    Column("conversation_id", String(MAX_ID), nullable=False),
    Column("channel", String(32), nullable=False, default=""),
    Column("at", Instant, nullable=False),
    Column("tool", String(32), nullable=False, default=""),
    Column("route", String(16), nullable=False),
    Column("intent", String(64), nullable=False, default=""),
    Column("confidence", Float, nullable=False, default=0.0),
    Column("rule_id", String(64), nullable=False, default=""),
    Column("reason", String(300), nullable=False, default=""),
    Column("handoff_reason", String(32), nullable=False, default=""),
    Column("emotion", String(16), nullable=False, default="calm"),
    Column("query", Text, nullable=False),
    Column("reply", Text, nullable=False, default=""),
    Column("timings", Text, nullable=False, default="{}"),
    Column("detail", Text, nullable=False, default="{}"),
    Column("llm_calls", Integer, nullable=False, default=0),
    Column("unanswered", Boolean, nullable=False, default=False),
    Column("cluster_id", ForeignKey("unanswered.id", ondelete="SET NULL"), nullable=True),
    Index("ix_turns_shop_id", "shop_id", "at"),
    Index("ix_turns_conversation_id", "shop_id", "conversation_id", "id"),
    Index("ix_turns_unanswered", "shop_id", "unanswered", "cluster_id"),
)


_LOAD = select(conversations.c.state, conversations.c.version, conversations.c.expires_at).where(
    conversations.c.shop_id == bindparam("shop"), conversations.c.conversation_id == bindparam("conversation")
)
_STATE = ("state", "version", "updated_at", "expires_at")
_TURN = tuple(column.name for column in turns.c if column.name not in ("id", "cluster_id"))


def _bound(table: Table, names: Sequence[str]) -> dict[str, BindParameter[Any]]:
    """A parameter for each column; SQLAlchemy keeps the columns' own names for itself."""
    return {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` for the parameters of `_bound`."""
    return {f"new_{name}": value for name, value in values.items()}


_FIND = Prepared(_LOAD)
_FIND_LOCKED = Prepared(_LOAD.with_for_update())
_SAVE = Prepared(
    conversations.update()
    .where(
        conversations.c.shop_id == bindparam("shop"),
        conversations.c.conversation_id == bindparam("conversation"),
        conversations.c.version == bindparam("before"),
    )
    .values(_bound(conversations, _STATE))
)
_RECORD = Prepared(turns.insert().values(_bound(turns, _TURN)))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A state and the version it was read at; version 0 = nothing stored (new, or expired)."""

    state: State
    version: int


def load(connection: Connection, shop_id: int, conversation_id: str, now: datetime, *, lock: bool = False) -> Loaded:
    """The state of a conversation, empty if there is none or it expired before ``now``. An id "" is never stored.

    ``lock`` makes other writers of a stored state wait until the transaction ends (PostgreSQL; SQLite has one writer).
    """
    if not conversation_id:
        return Loaded(State(), 0)
    find = _FIND_LOCKED if lock else _FIND
    for state, version, expires_at in find.rows(connection, shop=shop_id, conversation=_id(conversation_id)):
        return Loaded(State() if expires_at <= now else State.from_dict(_json(state)), version)
    return Loaded(State(), 0)


def save(
    connection: Connection,
    shop_id: int,
    conversation_id: str,
    loaded: Loaded,
    state: State,
    now: datetime,
    ttl: timedelta,
) -> int:
    """Store ``state`` over the version of ``loaded`` and return the new version. Raises Conflict if another turn of the
    same conversation was stored meanwhile: load again and apply the change to what is there now (see `change`)."""
    if not conversation_id:
        return 0
    values = {
        "state": json.dumps(state.to_dict(), ensure_ascii=False),
        "version": loaded.version + 1,
        "updated_at": now,
        "expires_at": now + ttl,
    }
    if loaded.version:
        here = {"shop": shop_id, "conversation": _id(conversation_id), "before": loaded.version}
        done = _SAVE.change(connection, **here, **_new(values))
    else:
        row = {"shop_id": shop_id, "conversation_id": _id(conversation_id), **values}
        done = insert_or_skip(connection, conversations, row)
    if not done:
        raise Conflict("This conversation moved on meanwhile.", "Load it again and repeat the change.")
    return loaded.version + 1


def change(
    db: Database,
    shop_id: int,
    conversation_id: str,
    apply: Callable[[State], State],
    now: datetime,
    ttl: timedelta,
    also: Callable[[Connection], None] | None = None,
    attempts: int = 8,
    known: Loaded | None = None,
) -> State:
    """Apply a change to the newest state, again if another turn came between: parallel turns all count, in some order.

    ``known`` is the state as read a moment ago: tried first, without reading again. ``also`` runs in the same
    transaction (record the turn, open a hand-off). Raises Conflict after ``attempts``.
    """
    for attempt in range(attempts):
        try:
            with db.write() as connection:
                fresh = known if attempt == 0 and known is not None else None
                loaded = fresh or load(connection, shop_id, conversation_id, now, lock=True)
                state = apply(loaded.state)
                save(connection, shop_id, conversation_id, loaded, state, now, ttl)
                if also:
                    also(connection)
            return state
        except Conflict:
            if attempt == attempts - 1:
                raise
    raise AssertionError("attempts must be at least 1")


def set_owner(
    connection: Connection, shop_id: int, conversation_id: str, owner: str, handoff_id: int, now: datetime
) -> None:
    """Mark who has the conversation in its stored state, in the caller's transaction; nothing if it is not stored."""
    row = connection.execute(
        select(conversations).where(_here(shop_id, _id(conversation_id))).with_for_update()
    ).first()
    if row is None or row.expires_at <= now:
        return
    state = State.from_dict(_json(row.state)).handed_to("human" if owner == "human" else "bot", handoff_id)
    connection.execute(
        conversations.update()
        .where(_here(shop_id, conversation_id))
        .values(state=json.dumps(state.to_dict(), ensure_ascii=False), version=row.version + 1)
    )


def forget_expired(connection: Connection, now: datetime, limit: int = 1_000) -> int:
    """Delete up to ``limit`` states that expired before ``now``; how many went."""
    old = select(conversations.c.id).where(conversations.c.expires_at <= now).limit(limit)
    return connection.execute(conversations.delete().where(conversations.c.id.in_(old))).rowcount


def forget(connection: Connection, shop_id: int, conversation_id: str) -> None:
    """Delete one conversation's state (a customer's wish, or a test)."""
    connection.execute(conversations.delete().where(_here(shop_id, _id(conversation_id))))


def meet(
    connection: Connection, shop_id: int, user_id: str, conversation_id: str, now: datetime, name: str = ""
) -> Customer:
    """Note that ``user_id`` writes and say who that is; ``returning`` from a second conversation on."""
    if not user_id:
        return Customer(name=name[:80])
    here = (customers.c.shop_id == shop_id) & (customers.c.user_id == _id(user_id))
    row = connection.execute(select(customers).where(here)).first()
    if row is None:
        first = {"shop_id": shop_id, "user_id": _id(user_id), "name": name[:80], "conversations": 1}
        first |= {"last_conversation": _id(conversation_id), "first_seen": now}
        insert_or_skip(connection, customers, {**first, "last_seen": now})
        return Customer(name=name[:80])
    again = row.last_conversation != _id(conversation_id)
    values = {"last_seen": now, "conversations": row.conversations + again}
    values |= {"last_conversation": _id(conversation_id), "name": name[:80] or row.name}
    connection.execute(customers.update().where(here).values(**values))
    return Customer(name=name[:80] or row.name, returning=row.conversations + again > 1)


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn as it happened. ``unanswered``: it ended in other, low confidence, a hand-off for want of an answer,
    or with a model that got only what lies near the question.

    ``timings`` are milliseconds by step; ``detail`` holds slots with sources and whatever explains the decision.
    """

    conversation_id: str
    at: datetime
    route: str
    query: str
    reply: str = ""
    turn_id: str = ""
    channel: str = ""
    tool: str = ""
    intent: str = ""
    confidence: float = 0.0
    rule_id: str = ""
    reason: str = ""
    handoff_reason: str = ""
    emotion: str = "calm"
    timings: Mapping[str, float] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    llm_calls: int = 0
    unanswered: bool = False
    id: int = 0


def record_turn(connection: Connection, shop_id: int, turn: TurnRecord) -> None:
    """Store one turn; texts are cut to the columns."""
    row = {
        "shop_id": shop_id,
        "turn_id": turn.turn_id[:64],
        "conversation_id": _id(turn.conversation_id),
        "channel": turn.channel[:32],
        "at": turn.at,
        "tool": turn.tool[:32],
        "route": turn.route[:16],
        "intent": turn.intent[:64],
        "confidence": float(turn.confidence),
        "rule_id": str(turn.rule_id)[:64],
        "reason": turn.reason[:300],
        "handoff_reason": turn.handoff_reason[:32],
        "emotion": turn.emotion[:16],
        "query": _storable(turn.query),
        "reply": _storable(turn.reply),
        "timings": json.dumps(dict(turn.timings)),
        "detail": json.dumps(dict(turn.detail), ensure_ascii=False, default=str),
        "llm_calls": turn.llm_calls,
        "unanswered": turn.unanswered,
    }
    _RECORD.change(connection, **_new(row))


def list_turns(
    connection: Connection, shop_id: int, conversation_id: str = "", *, before: int = 0, limit: int = 50
) -> list[TurnRecord]:
    """The latest turns of a conversation, or of the whole shop, oldest first; page back with the first row's id."""
    query = select(turns).where(turns.c.shop_id == shop_id)
    if conversation_id:
        query = query.where(turns.c.conversation_id == _id(conversation_id))
    if before:
        query = query.where(turns.c.id < before)
    rows = connection.execute(query.order_by(turns.c.id.desc()).limit(max(1, min(limit, 500)))).all()
    return [_turn(row) for row in reversed(rows)]


def note_answer(
    connection: Connection, shop_id: int, turn_id: str, since: datetime, *, reply: str, llm_calls: int
) -> bool:
    """Add to a turn not older than ``since`` what a language model answered it, "" for nothing, and the calls that it
    took; of several with that id the latest that has no call yet. False if there is none."""
    here = (turns.c.shop_id == shop_id) & (turns.c.at >= since) & (turns.c.turn_id == turn_id[:64])
    waiting = select(turns.c.id).where(here).order_by(turns.c.llm_calls > 0, turns.c.id.desc()).limit(1)
    found = connection.execute(waiting).scalar() if turn_id else None
    if found is None:
        return False
    values: dict[str, Any] = {"llm_calls": turns.c.llm_calls + llm_calls}
    if reply:
        values["reply"] = _storable(reply)
    connection.execute(turns.update().where(turns.c.id == found).values(**values))
    return True


def _turn(row: Row[Any]) -> TurnRecord:
    names = [name for name in TurnRecord.__dataclass_fields__ if name not in ("at", "timings", "detail")]
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    return TurnRecord(at=row.at, timings=_json(row.timings), detail=_json(row.detail), **values)


def _here(shop_id: int, conversation_id: str):
    return (conversations.c.shop_id == shop_id) & (conversations.c.conversation_id == conversation_id)


def _id(text: str) -> str:
    """An id from outside as it is stored. Raises BadInput over ``MAX_ID``: cutting would join two conversations."""
    if len(text) > MAX_ID:
        raise BadInput("The conversation or user id is too long.", f"At most {MAX_ID} characters.")
    return text.replace("\x00", "")


def _storable(text: str) -> str:
    """Without NUL (PostgreSQL refuses it) and lone surrogates, cut."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:MAX_STORED_TEXT]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return {}


def with_customer(state: State, customer: Customer) -> State:
    """``state`` knowing who writes; a known order stays."""
    return replace(state, customer=replace(customer, last_order=customer.last_order or state.customer.last_order))
