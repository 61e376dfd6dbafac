"""The general intents of a new shop come and go beside its own."""

from __future__ import annotations

from datetime import UTC, datetime

from kefu.demo.starter import add_starter, remove_starter
from kefu.store.db import Database
from kefu.store.examples import STARTER, IntentExample, list_examples, save_examples
from kefu.store.intents import Intent, list_intents, save_intents
from kefu.store.shops import Shop


def test_what_the_shop_has_of_its_own_stays(db: Database, shop: Shop) -> None:
    own = [
        IntentExample("苦不苦", "taste"),
        IntentExample("包邮吗", "taste"),
        IntentExample("新茶到了没", "stock_query"),
    ]
    with db.write() as connection:
        save_intents(connection, shop.id, [Intent("taste", "口感"), Intent("stock_query", "有没有货")])
        save_examples(connection, shop.id, own, datetime.now(UTC))
    count = add_starter(db, shop.id)
    with db.read() as connection:
        rows, intents = list_examples(connection, shop.id), list_intents(connection, shop.id)
    assert rows[:3] == own
    assert count == len(rows) - 3 > 10_000
    assert {row.source for row in rows[3:]} == {STARTER}
    assert {row.text for row in rows[3:]}.isdisjoint({"包邮吗"})
    assert {intent.id: intent.name for intent in intents}["stock_query"] == "有没有货"
    assert add_starter(db, shop.id) == 0
    assert remove_starter(db, shop.id) == count
    with db.read() as connection:
        assert list_examples(connection, shop.id) == own
        assert {intent.id for intent in list_intents(connection, shop.id)} == {"taste", "stock_query"}
