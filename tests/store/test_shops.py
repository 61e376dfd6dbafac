"""A shop that is removed leaves nothing behind, and its number is not given again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, select

from kefu.core.catalogue import DeliveryPromise, Product, StockRow, Variant
from kefu.core.knowledge import Entry
from kefu.errors import NotFound, Unauthorized
from kefu.store import catalogue, delivery, knowledge, shops, stock
from kefu.store.db import Database


def filled(db: Database, name: str) -> tuple[shops.Shop, str]:
    """A shop with a row of several kinds, and its token."""
    with db.write() as connection:
        shop = shops.create_shop(connection, name)
        catalogue.save_product_rows(
            connection, shop.id, [catalogue.ProductRow(Product("cup", "杯子", ()), Variant("CUP-1"))]
        )
        stock.save_stock(connection, shop.id, [StockRow("CUP-1", "甲仓", 3, datetime(2026, 11, 20, tzinfo=UTC))])
        delivery.save_delivery(connection, shop.id, [DeliveryPromise("甲仓", "330000", 2)])
        knowledge.save_entries(connection, shop.id, [Entry(id="a", knowledge_id="manuals", title="洗", content="手洗")])
        return shop, shops.create_token(connection, shop.id)


def rows_of(db: Database, shop: shops.Shop) -> dict[str, int]:
    found = MetaData()
    with db.read() as connection:
        found.reflect(connection)
        counts = {
            table.name: len(connection.execute(select(table.c.shop_id).where(table.c.shop_id == shop.id)).all())
            for table in found.sorted_tables
            if "shop_id" in table.c
        }
    return {name: count for name, count in counts.items() if count}


def test_every_row_of_a_removed_shop_goes_and_no_other(db: Database) -> None:
    (gone, token), (kept, other) = filled(db, "gone"), filled(db, "kept")
    before = rows_of(db, gone)
    assert rows_of(db, kept) == before
    with db.write() as connection:
        assert shops.remove_shop(connection, gone) == before
    assert (rows_of(db, gone), rows_of(db, kept)) == ({}, before)
    with db.read() as connection:
        assert shops.shop_of_token(connection, other) == kept
        with pytest.raises(NotFound):
            shops.find_shop(connection, "gone")
        with pytest.raises(Unauthorized):
            shops.shop_of_token(connection, token)


def test_every_table_of_a_shop_goes_with_it(db: Database) -> None:
    found = MetaData()
    with db.read() as connection:
        found.reflect(connection)
    for table in found.sorted_tables:
        if "shop_id" in table.c:
            (key,) = (key for key in table.c.shop_id.foreign_keys if key.column.table.name == "shops")
            assert key.ondelete == "CASCADE", table.name


def test_a_removed_shops_number_is_not_given_again(db: Database) -> None:
    first, _ = filled(db, "first")
    with db.write() as connection:
        last = shops.create_shop(connection, "last")
        shops.remove_shop(connection, last)
        shops.remove_shop(connection, first)
    with db.write() as connection:
        assert shops.create_shop(connection, "last").id > last.id
