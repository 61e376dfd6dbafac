"""A shop's rules: rows with a revision each, so that a worker reads only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    func,
    select,
)

from kefu.core.rules.record import from_record, to_record
from kefu.core.rules.rule import Rule
from kefu.errors import NotFound
from kefu.store.db import metadata
from kefu.store.moments import Instant
from kefu.store.revisions import bump, revisions
from kefu.store.upsert import upsert

KIND = "rules"

rules = Table(
    "rules",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("record", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False, default=False),
    Index("ix_rules_shop_id_revision", "shop_id", "revision"),
)

rule_hits = Table(
    "rule_hits",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("rule_id", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
)

rule_plans = Table(
    "rule_plans",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule fired, and when last."""

    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to a shop's rules after a revision."""

    saved: tuple[Rule, ...]
    removed: tuple[str, ...]
    revision: int


def list_rules(connection: Connection, shop_id: int) -> list[Rule]:
    """All rules in list order."""
    query = (
        select(rules.c.record, rules.c.position)
        .where(rules.c.shop_id == shop_id, rules.c.deleted.is_(False))
        .order_by(rules.c.position, rules.c.id)
    )
    return [_rule(record, position) for record, position in connection.execute(query)]


def count_rules(connection: Connection, shop_id: int) -> int:
    """How many rules the shop has."""
    here = (rules.c.shop_id == shop_id) & rules.c.deleted.is_(False)
    return connection.execute(select(func.count()).where(here)).scalar() or 0


def get_rule(connection: Connection, shop_id: int, rule_id: str) -> Rule:
    """Raises NotFound."""
    here = (rules.c.shop_id == shop_id) & (rules.c.id == rule_id) & rules.c.deleted.is_(False)
    row = connection.execute(select(rules.c.record, rules.c.position).where(here)).first()
    if row is None:
        raise NotFound(f"There is no rule “{rule_id}”.", "`./kefu rules list` shows them.")
    return _rule(row.record, row.position)


def save_rules(connection: Connection, shop_id: int, wanted: Iterable[Rule]) -> int:
    """Add or replace rules in the caller's transaction and return the new revision.

    A rule that exists keeps its place in the list, a new one goes to the end."""
    wanted = list({rule.id: rule for rule in wanted}.values())
    revision = bump(connection, shop_id, KIND)
    present = _positions(connection, shop_id)
    end = max((position for position, _ in present.values()), default=0)
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for rule in wanted:
        position, deleted = present.get(rule.id, (0, True))
        if deleted:
            end = position = end + 1
        row = {"position": position, "record": _record(rule), "revision": revision, "deleted": False}
        if rule.id in present:
            changed.append({"the_id": rule.id, **row})
        else:
            added.append({"shop_id": shop_id, "id": rule.id, **row})
    if added:
        connection.execute(rules.insert(), added)
    if changed:
        here = (rules.c.shop_id == shop_id) & (rules.c.id == bindparam("the_id"))
        connection.execute(rules.update().where(here), changed)
    return revision


def save_rule(connection: Connection, shop_id: int, rule: Rule) -> int:
    """One rule, at the cost of one row."""
    revision = bump(connection, shop_id, KIND)
    here = (rules.c.shop_id == shop_id) & (rules.c.id == rule.id)
    row = connection.execute(select(rules.c.position, rules.c.deleted).where(here)).first()
    if row is None or row.deleted:
        last = select(func.max(rules.c.position)).where(rules.c.shop_id == shop_id)
        position = (connection.execute(last).scalar() or 0) + 1
    else:
        position = row.position
    values = {"position": position, "record": _record(rule), "revision": revision, "deleted": False}
    if row is None:
        connection.execute(rules.insert().values(shop_id=shop_id, id=rule.id, **values))
    else:
        connection.execute(rules.update().where(here).values(**values))
    return revision


def delete_rules(connection: Connection, shop_id: int, rule_ids: Iterable[str]) -> int:
    """Remove rules; returns how many there were. Their rows stay as marks so that other workers see it."""
    revision, gone = bump(connection, shop_id, KIND), 0
    for chunk in _chunks(rule_ids):
        here = (rules.c.shop_id == shop_id) & rules.c.id.in_(chunk) & rules.c.deleted.is_(False)
        gone += connection.execute(rules.update().where(here).values(deleted=True, revision=revision)).rowcount
    return gone


def changes_since(connection: Connection, shop_id: int, revision: int) -> Changes:
    """The rules saved or removed after ``revision``."""
    now = current_revision(connection, shop_id)
    query = select(rules).where(rules.c.shop_id == shop_id, rules.c.revision > revision)
    rows = connection.execute(query).all() if now > revision else []
    saved = tuple(_rule(row.record, row.position) for row in rows if not row.deleted)
    return Changes(saved, tuple(row.id for row in rows if row.deleted), now)


def current_revision(connection: Connection, shop_id: int) -> int:
    here = (revisions.c.shop_id == shop_id) & (revisions.c.kind == KIND)
    return connection.execute(select(revisions.c.revision).where(here)).scalar() or 0


def record_hit(connection: Connection, shop_id: int, rule_id: str, at: datetime) -> None:
    """Count one firing; no revision changes."""
    row = {"shop_id": shop_id, "rule_id": rule_id, "count": 1, "last_at": at}
    upsert(connection, rule_hits, [row], counts="count")


def list_hits(connection: Connection, shop_id: int) -> dict[str, Hits]:
    """Firings by rule id; a rule that never fired is absent."""
    query = select(rule_hits.c.rule_id, rule_hits.c.count, rule_hits.c.last_at).where(rule_hits.c.shop_id == shop_id)
    return {rule_id: Hits(count, last_at) for rule_id, count, last_at in connection.execute(query)}


def save_plans(connection: Connection, shop_id: int, revision: int, data: bytes) -> None:
    """Keep the analysed patterns of ``revision`` for the next start."""
    upsert(connection, rule_plans, [{"shop_id": shop_id, "revision": revision, "data": data}])


def kept_plans(connection: Connection, shop_id: int) -> bytes:
    """What `save_plans` kept, of whatever revision; ``b""`` if nothing."""
    query = select(rule_plans.c.data).where(rule_plans.c.shop_id == shop_id)
    return connection.execute(query).scalar() or b""


def _positions(connection: Connection, shop_id: int) -> dict[str, tuple[int, bool]]:
    query = select(rules.c.id, rules.c.position, rules.c.deleted).where(rules.c.shop_id == shop_id)
    return {row.id: (row.position, row.deleted) for row in connection.execute(query)}


def _record(rule: Rule) -> str:
    return orjson.dumps(to_record(rule)).decode()


def _rule(record: str, position: int) -> Rule:
    return from_record(orjson.loads(record), position)


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
