"""Orders of a shop and the urges about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, Text, func, select

from kefu.core.orders import Caller, Order, OrderItem
from kefu.store.db import metadata
from kefu.store.moments import Moment
from kefu.store.shops import shops
from kefu.store.upsert import insert_or_skip, upsert

orders = Table(
    "orders",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("order_no", String(64), primary_key=True),
    Column("buyer_id", String(128), nullable=False),
    Column("phone_last4", String(4), nullable=False),
    Column("items", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("ordered_at", Moment),
    Column("paid_at", Moment),
    Column("promised_at", Moment),
    Column("shipped_at", Moment),
    Column("carrier", String(64), nullable=False),
    Column("tracking", String(64), nullable=False),
)

order_urges = Table(
    "order_urges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("order_no", String(64), nullable=False),
    Column("conversation_id", String(128), nullable=False),
    Column("at", Moment, nullable=False),
)

order_guesses = Table(
    "order_guesses",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("order_no", String(64), primary_key=True),
    Column("conversation_id", String(128), primary_key=True),
    Column("digits", String(4), primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Four digits that were tried on an order and were not its own."""

GUESSES = 5
"""Different wrong tries on one order number, or in one conversation, before a person must look."""
GUESSES_KEPT = timedelta(hours=24)

LATEST = 20
"""So many of a buyer's newest orders are looked at."""


@dataclass(frozen=True, slots=True)
class Urge:
    """A customer pressed for a late order."""

    order_no: str
    conversation_id: str
    at: datetime


def orders_by_number(connection: Connection, shop_id: int, numbers: Sequence[str]) -> list[Order]:
    """Orders with those numbers, written in whatever case. Show only those that belong to the caller."""
    folded = [number.lower() for number in numbers]
    c = orders.c
    query = select(orders).where(c.shop_id == shop_id, func.lower(c.order_no).in_(folded)).order_by(c.order_no)
    return [_order(row) for row in connection.execute(query)]


def orders_of_buyer(connection: Connection, shop_id: int, buyer_id: str) -> list[Order]:
    """A buyer's orders, the newest first."""
    if not buyer_id:
        return []
    c = orders.c
    query = select(orders).where(c.shop_id == shop_id, c.buyer_id == buyer_id)
    newest = func.coalesce(c.ordered_at, c.paid_at, 0)
    return [_order(row) for row in connection.execute(query.order_by(newest.desc(), c.order_no.desc()).limit(LATEST))]


def orders_asked_for(connection: Connection, shop_id: int, numbers: Sequence[str], caller: Caller) -> list[Order]:
    """What :func:`kefu.core.orders.order_answer` looks at: the numbers asked for, else the buyer's newest."""
    if numbers:
        return orders_by_number(connection, shop_id, numbers)
    return orders_of_buyer(connection, shop_id, caller.buyer_id)


def load_orders(connection: Connection, shop_id: int) -> dict[str, Order]:
    rows = connection.execute(select(orders).where(orders.c.shop_id == shop_id).order_by(orders.c.order_no))
    return {row.order_no: _order(row) for row in rows}


def save_orders(connection: Connection, shop_id: int, found: Sequence[Order]) -> None:
    """Insert or replace orders. They are read live; no snapshot holds them."""
    upsert(connection, orders, [
        {
            "shop_id": shop_id, "order_no": o.order_no, "buyer_id": o.buyer_id, "phone_last4": o.phone_last4,
            "items": orjson.dumps([[item.sku, item.quantity] for item in o.items]).decode(), "status": o.status,
            "ordered_at": o.ordered_at, "paid_at": o.paid_at, "promised_at": o.promised_at, "shipped_at": o.shipped_at,
            "carrier": o.carrier, "tracking": o.tracking,
        }
        for o in found
    ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody gives ``digits`` as the last four of the phone of the orders ``numbers``."""

    numbers: Sequence[str]
    conversation_id: str
    digits: str

    def folded(self) -> list[str]:
        return [number.lower()[:64] for number in self.numbers]


def may_try(connection: Connection, shop_id: int, attempt: Attempt, now: datetime) -> bool:
    """Note ``attempt`` before anything is told; False when there were too many.

    Numbers that no order has count alike, so that the limit betrays nothing. Parallel tries wait for each other here.
    """
    connection.execute(select(shops.c.id).where(shops.c.id == shop_id).with_for_update(key_share=True))
    g = order_guesses.c
    connection.execute(order_guesses.delete().where(g.shop_id == shop_id, g.at < now - GUESSES_KEPT))
    for number in attempt.folded():
        row = {"shop_id": shop_id, "order_no": number, "conversation_id": attempt.conversation_id}
        insert_or_skip(connection, order_guesses, {**row, "digits": attempt.digits, "at": now})
    named = (g.shop_id == shop_id) & g.order_no.in_(attempt.folded())
    tried = select(func.count(g.digits.distinct())).where(named).group_by(g.order_no)
    if any(count > GUESSES for count in connection.execute(tried).scalars()):
        return False
    here = select(func.count()).where(g.shop_id == shop_id, g.conversation_id == attempt.conversation_id)
    return not attempt.conversation_id or connection.execute(here).scalar_one() <= GUESSES


def forget_try(connection: Connection, shop_id: int, attempt: Attempt) -> None:
    """The digits were right: it was no guess."""
    g = order_guesses.c
    same = (g.conversation_id == attempt.conversation_id) & (g.digits == attempt.digits)
    connection.execute(order_guesses.delete().where(g.shop_id == shop_id, same, g.order_no.in_(attempt.folded())))


def record_urge(connection: Connection, shop_id: int, order_no: str, conversation_id: str, at: datetime) -> None:
    connection.execute(
        order_urges.insert().values(shop_id=shop_id, order_no=order_no, conversation_id=conversation_id, at=at)
    )


def list_urges(connection: Connection, shop_id: int) -> list[Urge]:
    """The newest first."""
    query = select(order_urges).where(order_urges.c.shop_id == shop_id).order_by(order_urges.c.id.desc())
    return [Urge(row.order_no, row.conversation_id, row.at) for row in connection.execute(query)]


def _order(row) -> Order:
    items = tuple(OrderItem(sku, quantity) for sku, quantity in orjson.loads(row.items))
    return Order(
        row.order_no, row.status, row.buyer_id, row.phone_last4, items, row.ordered_at, row.paid_at, row.promised_at,
        row.shipped_at, row.carrier, row.tracking,
    )  # fmt: skip
