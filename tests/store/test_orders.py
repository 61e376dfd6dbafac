"""Orders in the store: by number, by buyer, urges, each shop its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from kefu.core.orders import Caller, Order, OrderItem
from kefu.store import orders as store
from kefu.store.shops import create_shop

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
FIRST = Order("A-1", "paid", "b1", "1234", (OrderItem("S", 2), OrderItem("T")), NOW, NOW, NOW + timedelta(days=1))
SECOND = Order("A-2", "shipped", "b1", ordered_at=NOW + timedelta(hours=1), carrier="顺丰", tracking="1")


def test_orders_come_back_and_are_replaced(db, shop) -> None:
    with db.write() as connection:
        store.save_orders(connection, shop.id, [FIRST, SECOND])
        assert store.load_orders(connection, shop.id) == {"A-1": FIRST, "A-2": SECOND}
        store.save_orders(connection, shop.id, [Order("A-1", "cancelled", "b1")])
        assert store.orders_by_number(connection, shop.id, ["a-1"]) == [Order("A-1", "cancelled", "b1")]


def test_a_buyers_orders_are_the_newest_first(db, shop) -> None:
    with db.write() as connection:
        store.save_orders(connection, shop.id, [FIRST, SECOND, Order("A-3", "paid", "b2")])
        assert store.orders_asked_for(connection, shop.id, (), Caller("b1")) == [SECOND, FIRST]
        assert store.orders_asked_for(connection, shop.id, ("A-3",), Caller("b1"))[0].order_no == "A-3"
        assert store.orders_of_buyer(connection, shop.id, "") == []


def test_shops_do_not_see_each_others_orders_or_urges(db, shop) -> None:
    with db.write() as connection:
        other = create_shop(connection, "other")
        store.save_orders(connection, shop.id, [FIRST])
        store.record_urge(connection, shop.id, "A-1", "conversation", NOW)
        assert store.orders_by_number(connection, other.id, ["A-1"]) == []
        assert store.list_urges(connection, other.id) == []
        assert store.list_urges(connection, shop.id) == [store.Urge("A-1", "conversation", NOW)]


def test_the_sixth_wrong_try_on_a_number_or_in_a_conversation_is_refused(db, shop) -> None:
    """Also on a number that no order has; the same try again is no new one; a day later all is forgotten."""

    def attempt(number: str, conversation: str, digits: int, at: datetime = NOW) -> bool:
        with db.write() as connection:
            return store.may_try(connection, shop.id, store.Attempt([number], conversation, f"{digits:04}"), at)

    assert all(attempt("A-1", f"c{n}", n) for n in range(5))
    assert attempt("a-1", "c4", 4)
    assert not attempt("A-1", "c9", 9)
    assert attempt("A-1", "c9", 9, NOW + timedelta(hours=25))
    assert all(attempt(f"B-{n}", "guesser", 1) for n in range(5))
    assert not attempt("B-9", "guesser", 1)
    assert all(attempt(f"C-{n}", "", 1) for n in range(9))


def test_right_digits_were_no_guess(db, shop) -> None:
    """However often the buyer asks."""
    for number in range(8):
        right = store.Attempt([f"A-{number}"], "c1", "1234")
        with db.write() as connection:
            assert store.may_try(connection, shop.id, right, NOW)
            store.forget_try(connection, shop.id, right)


def test_parallel_tries_wait_for_each_other(db, shop) -> None:
    """Forty at once: five are answered."""

    def attempt(number: int) -> bool:
        with db.write() as connection:
            return store.may_try(connection, shop.id, store.Attempt(["A-1"], f"c{number}", f"{number:04}"), NOW)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(40))) == store.GUESSES
