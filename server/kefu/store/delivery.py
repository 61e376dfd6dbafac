"""Delivery promises and holidays of a shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from sqlalchemy import Column, Connection, Date, ForeignKey, Integer, String, Table, select

from kefu.core.catalogue import DeliveryPromise, Holiday
from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.upsert import delete_rows, upsert

delivery_promises = Table(
    "delivery_promises",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("warehouse", String(64), primary_key=True),
    Column("region", String(16), primary_key=True),
    Column("days", Integer),
    Column("cutoff", String(5), nullable=False),
    Column("express", String(32), nullable=False),
    Column("express_cutoff", String(5), nullable=False),
    Column("express_by", String(5), nullable=False),
)

holidays = Table(
    "holidays",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("start", Date, primary_key=True),
    Column("until", Date, nullable=False),
    Column("name", String(64), nullable=False),
)

DeliveryItem = DeliveryPromise | Holiday


def load_promises(connection: Connection, shop_id: int) -> list[DeliveryPromise]:
    c = delivery_promises.c
    rows = connection.execute(select(delivery_promises).where(c.shop_id == shop_id).order_by(c.warehouse, c.region))
    return [
        DeliveryPromise(
            row.warehouse,
            row.region,
            row.days,
            _time(row.cutoff),
            row.express,
            _time(row.express_cutoff),
            _time(row.express_by),
        )
        for row in rows
    ]


def load_holidays(connection: Connection, shop_id: int) -> list[Holiday]:
    rows = connection.execute(select(holidays).where(holidays.c.shop_id == shop_id).order_by(holidays.c.start))
    return [Holiday(row.start, row.until, row.name) for row in rows]


def save_delivery(connection: Connection, shop_id: int, items: Sequence[DeliveryItem]) -> None:
    """Insert or replace promises (by warehouse and region) and holidays (by first day)."""
    upsert(connection, delivery_promises, [
        {
            "shop_id": shop_id, "warehouse": p.warehouse, "region": p.region, "days": p.days, "cutoff": _text(p.cutoff),
            "express": p.express, "express_cutoff": _text(p.express_cutoff), "express_by": _text(p.express_by),
        }
        for p in items if isinstance(p, DeliveryPromise)
    ])  # fmt: skip
    upsert(connection, holidays, [
        {"shop_id": shop_id, "start": h.start, "until": h.until, "name": h.name}
        for h in items if isinstance(h, Holiday)
    ])  # fmt: skip
    if items:
        revisions.bump(connection, shop_id, "delivery")


def delete_delivery(connection: Connection, shop_id: int, items: Sequence[DeliveryItem]) -> None:
    """Take promises and holidays away."""
    promises = [item for item in items if isinstance(item, DeliveryPromise)]
    rows = [{"shop_id": shop_id, "warehouse": one.warehouse, "region": one.region} for one in promises]
    delete_rows(connection, delivery_promises, rows)
    days = [{"shop_id": shop_id, "start": item.start} for item in items if isinstance(item, Holiday)]
    delete_rows(connection, holidays, days)
    revisions.bump(connection, shop_id, "delivery")


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def _text(moment: time | None) -> str:
    return moment.strftime("%H:%M") if moment else ""
