"""Shops and their tokens. A token is random, shown once, stored as a SHA-256 hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    select,
)

from kefu.errors import BadInput, Conflict, NotFound, Unauthorized
from kefu.store.db import metadata
from kefu.store.prepared import Prepared

shops = Table(
    "shops",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("label", String(64), nullable=False, default=""),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

_BY_TOKEN = Prepared(select(shops.c.id, shops.c.name).join(tokens).where(tokens.c.hash == bindparam("hash")))

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant: every other row of the store belongs to one."""

    id: int
    name: str


def create_shop(connection: Connection, name: str) -> Shop:
    """Raises BadInput for a bad name, Conflict if there is one of that name."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"“{name}” is no shop name.", "Use a-z, 0-9, - and _, at most 64, a letter or digit first.")
    if connection.execute(select(shops.c.id).where(shops.c.name == name)).first():
        raise Conflict(f"There is already a shop “{name}”.", "Choose another name, or use that shop.")
    values = {"name": name, "created_at": datetime.now(UTC)}
    if connection.dialect.name == "sqlite":
        newest = connection.execute(select(func.coalesce(func.max(shops.c.id), 0))).scalar_one()
        values["id"] = max(newest, _last_removed(connection)) + 1
    row = connection.execute(shops.insert().values(values))
    return Shop(row.inserted_primary_key[0], name)  # type: ignore[index]


def remove_shop(connection: Connection, shop: Shop) -> dict[str, int]:
    """Take the shop away with its tokens and every row that belongs to it; how many there were, by table."""
    found = MetaData()
    found.reflect(connection)
    counts = {
        table.name: connection.execute(
            select(func.count()).select_from(table).where(table.c.shop_id == shop.id)
        ).scalar_one()
        for table in found.sorted_tables
        if "shop_id" in table.c
    }
    connection.execute(shops.delete().where(shops.c.id == shop.id))  # the others follow: ON DELETE CASCADE
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {max(shop.id, _last_removed(connection))}")
    return {name: count for name, count in counts.items() if count}


def _last_removed(connection: Connection) -> int:
    """The highest id of a removed shop. SQLite would give it again, and a running server knows shops by their ids:
    it would answer for the new shop with what it holds of the old one. Its number for the owner's use keeps it."""
    return connection.exec_driver_sql("PRAGMA user_version").scalar_one()


def list_shops(connection: Connection) -> list[Shop]:
    return [Shop(row.id, row.name) for row in connection.execute(select(shops).order_by(shops.c.id))]


def find_shop(connection: Connection, name: str) -> Shop:
    """The shop of that name; raises NotFound."""
    row = connection.execute(select(shops).where(shops.c.name == name)).first()
    if row is None:
        raise NotFound(
            f"There is no shop “{name}”.",
            "`./kefu shop list` shows them, `./kefu shop create NAME` makes one.",
        )
    return Shop(row.id, row.name)


def create_token(connection: Connection, shop_id: int, label: str = "") -> str:
    """A new token of the shop, in clear for the only time."""
    token = f"kefu-{secrets.token_urlsafe(32)}"
    connection.execute(
        tokens.insert().values(shop_id=shop_id, hash=_hash(token), label=label, created_at=datetime.now(UTC))
    )
    return token


def shop_of_token(connection: Connection, token: str) -> Shop:
    """The shop that the token opens; raises Unauthorized."""
    rows = _BY_TOKEN.rows(connection, hash=_hash(token))
    if not rows:
        raise Unauthorized("This token opens no shop.", "Make one with `./kefu shop token NAME` and paste it whole.")
    return Shop(*rows[0])


def forget_token(connection: Connection, shop_id: int, token: str) -> bool:
    """Revoke a token of the shop by its text; False if it has none such, so gone already."""
    here = (tokens.c.shop_id == shop_id) & (tokens.c.hash == _hash(token))
    return connection.execute(tokens.delete().where(here)).rowcount > 0


def forget_tokens(connection: Connection, shop_id: int) -> int:
    """Revoke every token of the shop; how many there were."""
    return connection.execute(tokens.delete().where(tokens.c.shop_id == shop_id)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
