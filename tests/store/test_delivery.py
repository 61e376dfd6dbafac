"""Promises and holidays in the store."""

from __future__ import annotations

from datetime import date, time

from kefu.core.catalogue import DeliveryPromise, Holiday
from kefu.store import delivery as store
from kefu.store import revisions

ITEMS = [
    DeliveryPromise("", "100000", 3, time(16, 0)),
    DeliveryPromise("杭州仓", "330100", 1, time(18, 0), "当晚达", time(12, 0), time(21, 30)),
    DeliveryPromise("杭州仓", "710000", None),
]


def test_promises_and_holidays_come_back_and_are_replaced(db, shop) -> None:
    holiday = Holiday(date(2027, 2, 5), date(2027, 2, 11), "春节")
    with db.write() as connection:
        store.save_delivery(connection, shop.id, [*ITEMS, holiday])
        store.save_delivery(connection, shop.id, [DeliveryPromise("", "100000", 4)])
        assert store.load_promises(connection, shop.id) == [DeliveryPromise("", "100000", 4), *ITEMS[1:]]
        assert store.load_holidays(connection, shop.id) == [holiday]
        assert revisions.current(connection, shop.id) == {"delivery": 2}
