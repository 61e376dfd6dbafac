"""Live stock. It is read from the store at the moment of each answer, never from a snapshot.

So a committed change is visible to every worker's next answer, on one host or several, and nothing needs a revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Date, ForeignKey, String, Table, bindparam, select

from kefu.core.catalogue import UNSPLIT, StockRow
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store.catalogue import products, variants
from kefu.store.db import metadata
from kefu.store.moments import Moment
from kefu.store.upsert import delete_rows, upsert

stock = Table(
    "stock",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("warehouse", String(64), primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("incoming", Date),
    Column("incoming_quantity", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)

_COLUMNS = (
    stock.c.sku, stock.c.warehouse, stock.c.quantity, stock.c.as_of,
    stock.c.incoming, stock.c.incoming_quantity, stock.c.version,
)  # fmt: skip
_ONE = (
    select(*_COLUMNS)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.sku == bindparam("sku"))
    .order_by(stock.c.warehouse)
)
_MANY = (
    select(*_COLUMNS)
    .where(stock.c.shop_id == bindparam("shop"), stock.c.sku.in_(bindparam("skus", expanding=True)))
    .order_by(stock.c.sku, stock.c.warehouse)
)


@dataclass(frozen=True, slots=True)
class StockChange:
    """Either ``quantity`` (what it is now) or ``delta`` (what came or went).

    ``expected`` and ``expected_version`` make it compare-and-set: refused with Conflict when the row is otherwise.
    ``as_of`` None = now.
    """

    sku: str
    warehouse: str
    quantity: int | None = None
    delta: int | None = None
    expected: int | None = None
    expected_version: int | None = None
    as_of: datetime | None = None
    incoming: date | None = None
    incoming_quantity: int | None = None

    def __post_init__(self) -> None:
        if not self.sku or not self.warehouse:
            raise BadInput("A stock change names a sku and a warehouse.", "Fill in both.")
        if (self.quantity is None) == (self.delta is None):
            raise BadInput(f"{self.sku}: give either quantity or delta.", "quantity sets it, delta adds to it.")
        if self.quantity is not None and self.quantity < 0:
            raise BadInput(f"{self.sku}: a stock quantity cannot be below 0.", "Give a whole number from 0 up.")


def rows_of(connection: Connection, shop_id: int, skus: Sequence[str]) -> dict[str, tuple[StockRow, ...]]:
    """The rows of those SKUs as committed now; a SKU without rows is absent."""
    if len(skus) == 1:
        found = connection.execute(_ONE, {"shop": shop_id, "sku": skus[0]})
    else:
        found = connection.execute(_MANY, {"shop": shop_id, "skus": list(skus)})
    rows: dict[str, tuple[StockRow, ...]] = {}
    for row in found:
        rows[row[0]] = (*rows.get(row[0], ()), StockRow(*row))
    return rows


def load_stock(connection: Connection, shop_id: int) -> dict[tuple[str, str], StockRow]:
    """Every row of the shop by (sku, warehouse)."""
    found = connection.execute(select(*_COLUMNS).where(stock.c.shop_id == shop_id))
    return {(row[0], row[1]): StockRow(*row) for row in found}


def delete_stock(connection: Connection, shop_id: int, rows: Sequence[StockRow]) -> None:
    """Take rows away; a SKU without any is of unknown stock."""
    keys = [{"shop_id": shop_id, "sku": row.sku, "warehouse": row.warehouse} for row in rows]
    delete_rows(connection, stock, keys)


def warehouses_of(connection: Connection, shop_id: int) -> list[str]:
    """The warehouses that have a stock row."""
    query = select(stock.c.warehouse).where(stock.c.shop_id == shop_id).distinct().order_by(stock.c.warehouse)
    return list(connection.execute(query).scalars())


def _virtual(shop_id: int):
    owned = (products.c.shop_id == variants.c.shop_id) & (products.c.id == variants.c.product_id)
    return select(variants.c.sku).join(products, owned).where(variants.c.shop_id == shop_id, products.c.virtual)


def sending_warehouses(connection: Connection, shop_id: int) -> set[str]:
    """The warehouses that have stock rows of goods which are shipped."""
    query = select(stock.c.warehouse).where(stock.c.shop_id == shop_id, stock.c.sku.not_in(_virtual(shop_id)))
    return set(connection.execute(query.distinct()).scalars())


def quantities_in(connection: Connection, shop_id: int, warehouse: str) -> dict[str, int]:
    """SKU → what the warehouse holds of it."""
    query = select(stock.c.sku, stock.c.quantity).where(stock.c.shop_id == shop_id, stock.c.warehouse == warehouse)
    return {row.sku: row.quantity for row in connection.execute(query)}


def skus_without_stock(connection: Connection, shop_id: int) -> list[str]:
    """SKUs of products that no warehouse has a row of, in their products' order. What is made to order and what is
    delivered automatically need none."""
    v = variants.c
    has = select(stock.c.sku).where(stock.c.shop_id == v.shop_id, stock.c.sku == v.sku).exists()
    query = select(v.sku).where(v.shop_id == shop_id, v.lead_time == "", v.sku.not_in(_virtual(shop_id)), ~has)
    return list(connection.execute(query.order_by(v.position)).scalars())


def save_stock(connection: Connection, shop_id: int, rows: Sequence[StockRow]) -> None:
    """Insert or replace whole rows (an import). SKUs without a product are kept for when their product comes."""
    upsert(connection, stock, [
        {
            "shop_id": shop_id, "sku": row.sku, "warehouse": row.warehouse, "quantity": row.quantity,
            "as_of": row.as_of, "incoming": row.incoming, "incoming_quantity": row.incoming_quantity, "version": 1,
        }
        for row in rows
    ], counts="version")  # fmt: skip


def change_stock(connection: Connection, shop_id: int, change: StockChange, now: datetime) -> StockRow:
    """Apply one change atomically and return the row after it.

    Raises NotFound (unknown SKU, or a delta on a row that is not there), Conflict (compare-and-set, or below 0).
    """
    if _update(connection, shop_id, change, now):
        return _row(connection, shop_id, change)
    present = _find(connection, shop_id, change)
    if present is not None:
        raise _conflict(change, present)
    known = select(variants.c.sku).where(variants.c.shop_id == shop_id, variants.c.sku == change.sku)
    if connection.execute(known).first() is None:
        raise NotFound(f"There is no SKU “{change.sku}” in this shop.", "Import its product first, or correct the SKU.")
    if change.delta is not None or change.expected or change.expected_version:
        raise NotFound(f"{change.sku} has no stock row in {change.warehouse} yet.", "Set its quantity first.")
    assert change.quantity is not None
    _refuse_twice(connection, shop_id, change)
    row = StockRow(
        change.sku,
        change.warehouse,
        change.quantity,
        change.as_of or now,
        change.incoming,
        change.incoming_quantity or 0,
        1,
    )
    save_stock(connection, shop_id, [row])
    return _row(connection, shop_id, change)


def _refuse_twice(connection: Connection, shop_id: int, change: StockChange) -> None:
    """Stock imported without a warehouse is all there is of a SKU: Conflict where a warehouse counts it again."""
    others = rows_of(connection, shop_id, [change.sku]).get(change.sku, ())
    whole = next((row for row in others if row.warehouse == UNSPLIT), None)
    if (whole and whole.quantity) or (change.warehouse == UNSPLIT and change.quantity and others):
        raise Conflict(
            f"{change.sku} would count twice: in {UNSPLIT} (not split by warehouses) and in a warehouse.",
            f"Set it to 0 in {UNSPLIT}, or leave the warehouses out.",
        )


def _here(shop_id: int, change: StockChange):
    return (stock.c.shop_id == shop_id) & (stock.c.sku == change.sku) & (stock.c.warehouse == change.warehouse)


def _update(connection: Connection, shop_id: int, change: StockChange, now: datetime) -> bool:
    """One UPDATE that holds the conditions, so that two writers cannot both win."""
    where = _here(shop_id, change)
    values: dict[str, Any] = {"as_of": change.as_of or now, "version": stock.c.version + 1}
    if change.delta is None:
        values["quantity"] = change.quantity
    else:
        values["quantity"] = stock.c.quantity + change.delta
        where &= stock.c.quantity + change.delta >= 0
    if change.expected is not None:
        where &= stock.c.quantity == change.expected
    if change.expected_version is not None:
        where &= stock.c.version == change.expected_version
    if change.incoming is not None:
        values["incoming"] = change.incoming
    if change.incoming_quantity is not None:
        values["incoming_quantity"] = change.incoming_quantity
    return connection.execute(stock.update().where(where).values(values)).rowcount > 0


def _find(connection: Connection, shop_id: int, change: StockChange) -> StockRow | None:
    row = connection.execute(select(*_COLUMNS).where(_here(shop_id, change))).first()
    return None if row is None else StockRow(*row)


def _row(connection: Connection, shop_id: int, change: StockChange) -> StockRow:
    row = _find(connection, shop_id, change)
    assert row is not None
    return row


def _conflict(change: StockChange, present: StockRow) -> Conflict:
    where = f"{change.sku} in {change.warehouse}"
    if change.delta is not None and present.quantity + change.delta < 0:
        return Conflict(
            f"{where} holds {present.quantity}; {change.delta} would take it below 0.", "Read it again, then change it."
        )
    return Conflict(
        f"{where} is at quantity {present.quantity}, version {present.version}: not as expected.",
        "Somebody changed it meanwhile: read it again, then change it.",
    )
