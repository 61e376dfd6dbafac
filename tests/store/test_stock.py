"""Live stock: compare-and-set, deltas, idempotency keys, and every worker sees a commit at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from kefu.core.catalogue import UNSPLIT, Product, StockRow, Variant
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import requests
from kefu.store.catalogue import ProductRow, save_product_rows
from kefu.store.db import Database
from kefu.store.live_stock import LiveStock
from kefu.store.stock import StockChange, change_stock, load_stock, rows_of, save_stock

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.fixture
def shop_id(db, shop) -> int:
    with db.write() as connection:
        save_product_rows(connection, shop.id, [ProductRow(Product("p", "包", ()), Variant(sku)) for sku in ("S", "T")])
        save_stock(
            connection, shop.id, [StockRow("S", "甲", 5, NOW, date(2026, 12, 1), 50), StockRow("S", "乙", 0, NOW)]
        )
    return shop.id


def change(db, shop_id: int, **values) -> StockRow:
    with db.write() as connection:
        return change_stock(
            connection, shop_id, StockChange(**{"sku": "S", "warehouse": "甲", **values}), NOW + timedelta(hours=1)
        )


def test_rows_come_back_by_sku(db, shop_id) -> None:
    with db.read() as connection:
        one = rows_of(connection, shop_id, ["S"])
        many = rows_of(connection, shop_id, ["S", "T", "U"])
        assert one == many
        assert {row.warehouse: row.quantity for row in one["S"]} == {"甲": 5, "乙": 0}
        assert one["S"][0].as_of == NOW
        assert load_stock(connection, shop_id)[("S", "甲")].incoming == date(2026, 12, 1)


def test_set_and_delta_count_a_version(db, shop_id) -> None:
    assert change(db, shop_id, quantity=9).quantity == 9
    row = change(db, shop_id, delta=-4)
    assert (row.quantity, row.version, row.as_of, row.incoming_quantity) == (5, 3, NOW + timedelta(hours=1), 50)


def test_compare_and_set_refuses_what_is_not_as_expected(db, shop_id) -> None:
    with pytest.raises(Conflict, match="quantity 5, version 1"):
        change(db, shop_id, quantity=9, expected=4)
    with pytest.raises(Conflict):
        change(db, shop_id, quantity=9, expected_version=2)
    assert change(db, shop_id, quantity=9, expected=5, expected_version=1).quantity == 9


def test_nothing_goes_below_zero(db, shop_id) -> None:
    with pytest.raises(Conflict, match="below 0"):
        change(db, shop_id, delta=-6)
    with pytest.raises(BadInput):
        change(db, shop_id, quantity=-1)


def test_either_a_quantity_or_a_delta(db, shop_id) -> None:
    for values in ({}, {"quantity": 1, "delta": 1}, {"quantity": 1, "sku": ""}):
        with pytest.raises(BadInput):
            change(db, shop_id, **values)


def test_a_new_row_of_a_known_sku_is_made_and_an_unknown_sku_refused(db, shop_id) -> None:
    assert change(db, shop_id, sku="T", quantity=3).version == 1
    with pytest.raises(NotFound):
        change(db, shop_id, sku="typo", quantity=3)
    with pytest.raises(NotFound):
        change(db, shop_id, sku="T", warehouse="丙", delta=3)


def test_a_change_does_not_count_twice_what_is_not_split_by_warehouses(db, shop_id) -> None:
    with pytest.raises(Conflict, match="would count twice"):
        change(db, shop_id, warehouse=UNSPLIT, quantity=5)
    change(db, shop_id, sku="T", warehouse=UNSPLIT, quantity=5)
    with pytest.raises(Conflict, match="would count twice"):
        change(db, shop_id, sku="T", quantity=3)
    change(db, shop_id, sku="T", warehouse=UNSPLIT, quantity=0)
    assert change(db, shop_id, sku="T", quantity=3).quantity == 3


def test_deltas_of_many_threads_all_count(db, shop_id) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: change(db, shop_id, delta=1), range(40)))
    assert change(db, shop_id, delta=0).quantity == 45


def test_only_one_of_many_compare_and_sets_wins(db, shop_id) -> None:
    def attempt(number: int) -> bool:
        try:
            change(db, shop_id, quantity=100 + number, expected=5)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_the_next_read_of_another_worker_shows_a_commit_and_nothing_before_it(db, shop_id) -> None:
    other = Database(db.url)  # as another process has it: an engine and connections of its own
    live = LiveStock(other)
    try:
        assert live.rows_of(shop_id, ["S"])["S"][0].quantity in (0, 5)
        with db.write() as connection:
            change_stock(connection, shop_id, StockChange("S", "甲", quantity=77), NOW)
            assert {row.quantity for row in live.rows_of(shop_id, ["S"])["S"]} == {5, 0}
        assert {row.quantity for row in live.rows_of(shop_id, ["S"])["S"]} == {77, 0}
        with db.read() as connection:
            assert live.rows_of(shop_id, ["S", "T"]) == {
                sku: tuple(sorted(rows, key=lambda row: row.warehouse))
                for sku, rows in rows_of(connection, shop_id, ["S", "T"]).items()
            }
        assert live.rows_of(shop_id, []) == {}
    finally:
        live.close()
        other.close()


def test_an_idempotency_key_repeats_its_answer_and_refuses_another_body(db, shop_id) -> None:
    with db.write() as connection:
        assert requests.claim(connection, shop_id, "k", b"one", NOW) is None
        requests.answer(connection, shop_id, "k", {"quantity": 5})
    with db.write() as connection:
        assert requests.claim(connection, shop_id, "k", b"one", NOW) == {"quantity": 5}
        with pytest.raises(Conflict):
            requests.claim(connection, shop_id, "k", b"two", NOW)
        assert requests.claim(connection, shop_id, "k", b"two", NOW + timedelta(days=8)) is None
