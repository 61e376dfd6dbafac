"""Webhooks and the outbox: an event is written with the change it tells of, and leaves only when it was received."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    Boolean,
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
    func,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

from kefu.errors import BadInput, NotFound
from kefu.store.db import metadata
from kefu.store.moments import Instant

FORMATS = ("json", "dingtalk", "feishu", "wecom")
EVENTS = ("handoff.pending", "handoff.resolved", "urge", "test")

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("format", String(12), nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "name"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(128), nullable=False),
    Column("event", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("done_at", Instant),
    Column("error", String(300), nullable=False),
    UniqueConstraint("webhook_id", "key"),
    Index("ix_outbox_state", "state", "due_at"),
)

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)

GIVE_UP_AFTER = 24
"""Attempts (about three days with the back-off below); then the row stays as ``dead`` until `retry`."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go. ``secret`` signs them; it never leaves through the API."""

    name: str
    format: str
    url: str
    secret: str = ""
    events: tuple[str, ...] = ("handoff.pending",)
    enabled: bool = True
    id: int = 0

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 64:
            raise BadInput("The webhook needs a name of 1 to 64 characters.", "E.g. 客服群.")
        if self.format not in FORMATS:
            raise BadInput(f"“{self.format}” is no webhook format.", f"Use one of {', '.join(FORMATS)}.")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(self.url) > 2_000:
            raise BadInput("The webhook's address is no http(s) URL.", "Paste the robot's whole webhook URL.")
        unknown = set(self.events) - set(EVENTS)
        if unknown or not self.events:
            raise BadInput(f"Unknown events: {', '.join(sorted(unknown)) or 'none'}.", f"Use {', '.join(EVENTS)}.")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook. ``key`` is the idempotency key that the receiver sees at every attempt."""

    id: int
    shop_id: int
    key: str
    event: str
    payload: dict[str, Any]
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    webhook: Webhook
    error: str = ""


def save_webhook(connection: Connection, shop_id: int, webhook: Webhook, now: datetime) -> Webhook:
    """Create it, or replace the one of the same name; an empty secret keeps the stored one."""
    values = {"format": webhook.format, "url": webhook.url, "enabled": webhook.enabled}
    values["events"] = json.dumps(webhook.events)
    if webhook.secret:
        values["secret"] = webhook.secret
    here = (webhooks.c.shop_id == shop_id) & (webhooks.c.name == webhook.name)
    if connection.execute(webhooks.update().where(here).values(**values)).rowcount == 0:
        row = {"secret": "", **values, "shop_id": shop_id, "name": webhook.name, "created_at": now}
        connection.execute(webhooks.insert().values(**row))
    return _webhook(connection.execute(select(webhooks).where(here)).one())


def list_webhooks(connection: Connection, shop_id: int) -> list[Webhook]:
    query = select(webhooks).where(webhooks.c.shop_id == shop_id).order_by(webhooks.c.id)
    return [_webhook(row) for row in connection.execute(query)]


def delete_webhook(connection: Connection, shop_id: int, name: str) -> None:
    """Raises NotFound. Its undelivered events go with it."""
    here = (webhooks.c.shop_id == shop_id) & (webhooks.c.name == name)
    if connection.execute(webhooks.delete().where(here)).rowcount == 0:
        raise NotFound(f"There is no webhook “{name}”.", "`GET /webhooks` lists them.")


def announce(connection: Connection, shop_id: int, event: str, key: str, payload: dict[str, Any], now: datetime) -> int:
    """Put ``event`` into the outbox for every webhook that wants it, in the caller's transaction; how many. The same
    ``key`` again adds nothing."""
    count = 0
    for webhook in list_webhooks(connection, shop_id):
        if webhook.enabled and event in webhook.events:
            count += _enqueue(connection, shop_id, webhook, event, key, payload, now)
    return count


def lease(connection: Connection, now: datetime, lease_for: timedelta, limit: int = 20) -> list[Delivery]:
    """Take due deliveries for ``lease_for``: another worker does not see them; a killed one's return by themselves."""
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    due = select(outbox.c.id).where(outbox.c.state == "waiting", outbox.c.due_at <= now, free)
    ids = connection.execute(due.order_by(outbox.c.due_at, outbox.c.id).limit(limit).with_for_update(skip_locked=True))
    taken = [row.id for row in ids]
    if not taken:
        return []
    values = {"leased_until": now + lease_for, "attempts": outbox.c.attempts + 1}
    connection.execute(outbox.update().where(outbox.c.id.in_(taken)).values(**values))
    return _deliveries(connection, outbox.c.id.in_(taken))


def delivered(connection: Connection, delivery_id: int, now: datetime) -> None:
    """The receiver has it."""
    values = {"state": "done", "done_at": now, "leased_until": None, "error": ""}
    connection.execute(outbox.update().where(outbox.c.id == delivery_id).values(**values))


def failed(connection: Connection, delivery: Delivery, error: str, retry_at: datetime) -> None:
    """Not received: try again at ``retry_at``; after ``GIVE_UP_AFTER`` attempts it is kept as dead."""
    state = "dead" if delivery.attempts >= GIVE_UP_AFTER else "waiting"
    values = {"state": state, "due_at": retry_at, "leased_until": None, "error": error[:300]}
    here = (outbox.c.id == delivery.id) & (outbox.c.state == "waiting")
    connection.execute(outbox.update().where(here).values(**values))


def retry(connection: Connection, shop_id: int) -> int:
    """Make the shop's dead and waiting deliveries due now; how many."""
    here = (outbox.c.shop_id == shop_id) & (outbox.c.state != "done")
    values = {"state": "waiting", "attempts": 0, "due_at": _AT_ONCE, "leased_until": None}
    return connection.execute(outbox.update().where(here).values(**values)).rowcount


def list_deliveries(connection: Connection, shop_id: int, state: str = "", limit: int = 50) -> list[Delivery]:
    """The newest deliveries of the shop, by state: waiting, done or dead."""
    here = outbox.c.shop_id == shop_id
    return _deliveries(connection, here & (outbox.c.state == state) if state else here, limit)[::-1]


def count_by_state(connection: Connection, shop_id: int | None = None) -> dict[str, int]:
    """How many deliveries wait, are done, are dead: for health pages."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    if shop_id is not None:
        query = query.where(outbox.c.shop_id == shop_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def clear_done(connection: Connection, before: datetime) -> int:
    """Delete deliveries received before ``before``; how many."""
    here = (outbox.c.state == "done") & (outbox.c.done_at < before)
    return connection.execute(outbox.delete().where(here)).rowcount


def _enqueue(
    connection: Connection, shop_id: int, webhook: Webhook, event: str, key: str, payload: dict[str, Any], now: datetime
) -> bool:
    values = {
        "webhook_id": webhook.id,
        "key": key[:128],
        "event": event,
        "state": "waiting",
        "attempts": 0,
        "error": "",
    }
    values |= {"payload": json.dumps(payload, ensure_ascii=False), "created_at": now, "due_at": _AT_ONCE}
    try:
        with connection.begin_nested():
            connection.execute(outbox.insert().values(shop_id=shop_id, **values))
    except IntegrityError:
        return False
    return True


def _deliveries(connection: Connection, here: Any, limit: int = 500) -> list[Delivery]:
    joined = select(outbox, *(column.label(f"hook_{column.name}") for column in webhooks.c)).join(webhooks)
    query = joined.where(here).order_by(outbox.c.id.desc()).limit(limit)
    return [_delivery(row) for row in connection.execute(query)][::-1]


def _delivery(row: Row[Any]) -> Delivery:
    webhook = Webhook(
        row.hook_name,
        row.hook_format,
        row.hook_url,
        row.hook_secret,
        tuple(json.loads(row.hook_events)),
        row.hook_enabled,
        row.hook_id,
    )
    payload = json.loads(row.payload)
    return Delivery(
        row.id,
        row.shop_id,
        row.key,
        row.event,
        payload,
        row.state,
        row.attempts,
        row.created_at,
        row.due_at,
        webhook,
        row.error,
    )


def _webhook(row: Row[Any]) -> Webhook:
    events = tuple(json.loads(row.events))
    return Webhook(row.name, row.format, row.url, row.secret, events, row.enabled, row.id)
