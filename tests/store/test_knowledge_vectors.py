"""Vectors in the store: half floats, by model, with their entries."""

from __future__ import annotations

import numpy as np

from kefu.store import knowledge_vectors as store
from kefu.store import revisions
from kefu.store.db import Database
from kefu.store.shops import Shop

PAIR = np.array([[0.6, 0.8, 0.0], [0.0, -0.6, 0.8]], dtype=np.float32)


def test_vectors_come_back_to_three_digits_and_are_replaced(db: Database, shop: Shop) -> None:
    """Of one model only; a replaced one has the new model's."""
    with db.write() as connection:
        store.save_vectors(connection, shop.id, "m1", {"a": ("d1", PAIR), "b": ("d2", PAIR)})
        store.save_vectors(connection, shop.id, "m2", {"b": ("d3", -PAIR)})
    with db.read() as connection:
        digest, pair = store.load_vectors(connection, shop.id, "m1")["a"]
        assert digest == "d1"
        assert np.allclose(pair, PAIR, atol=1e-3)
        assert set(store.load_vectors(connection, shop.id, "m1")) == {"a"}
        assert store.made_vectors(connection, shop.id) == {"a": store.Made("m1", "d1"), "b": store.Made("m2", "d3")}
        assert set(store.made_vectors(connection, shop.id, ["b", "c"])) == {"b"}
        assert store.load_vectors(connection, shop.id + 1, "m1") == {}


def test_forgetting_many_and_publishing_counts_once(db: Database, shop: Shop) -> None:
    """More ids than one statement takes."""
    ids = [f"e{number}" for number in range(1_200)]
    with db.write() as connection:
        store.save_vectors(connection, shop.id, "m1", dict.fromkeys(ids, ("d", PAIR)))
        store.forget_vectors(connection, shop.id, ids[1:])
        store.publish(connection, shop.id)
    with db.read() as connection:
        assert set(store.made_vectors(connection, shop.id)) == {"e0"}
        assert revisions.current(connection, shop.id) == {"vectors": 1}
