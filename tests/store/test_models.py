"""Trained models are versioned, switched in one step and can be rolled back."""

from datetime import UTC, datetime

import pytest

from kefu.errors import NotFound, Unavailable
from kefu.store import revisions
from kefu.store.db import Database
from kefu.store.models import activate, active_model, list_models, models, roll_back, save_model
from kefu.store.shops import Shop, create_shop

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def store(db: Database, shop: Shop, data: bytes) -> int:
    with db.write() as connection:
        return save_model(connection, shop.id, "intents", data, {"accuracy": 0.8}, trained_on=3, now=NOW).version


def test_a_shop_without_training_has_no_model(db, shop):
    with db.read() as connection:
        assert active_model(connection, shop.id, "intents") is None


def test_the_newest_version_is_in_use(db, shop):
    assert [store(db, shop, b"one"), store(db, shop, b"two")] == [1, 2]
    with db.read() as connection:
        version, data = active_model(connection, shop.id, "intents")
    assert (version.version, data, version.report, version.trained_on) == (2, b"two", {"accuracy": 0.8}, 3)


def test_rolling_back_uses_the_version_before_and_training_goes_on_from_there(db, shop):
    for data in (b"one", b"two", b"three"):
        store(db, shop, data)
    with db.write() as connection:
        assert roll_back(connection, shop.id, "intents").version == 2
    with db.write() as connection:
        assert roll_back(connection, shop.id, "intents").version == 1
    with db.write() as connection, pytest.raises(NotFound, match="older version"):
        roll_back(connection, shop.id, "intents")
    assert store(db, shop, b"four") == 4
    with db.read() as connection:
        assert active_model(connection, shop.id, "intents")[1] == b"four"
        assert sum(row.active for row in list_models(connection, shop.id, "intents")) == 1


def test_any_kept_version_can_be_chosen_and_an_unknown_one_is_named(db, shop):
    for number in range(7):
        store(db, shop, bytes([number]))
    with db.write() as connection:
        assert activate(connection, shop.id, "intents", 4).version == 4
        with pytest.raises(NotFound, match="7, 6, 5, 4, 3"):
            activate(connection, shop.id, "intents", 1)


def test_a_failed_write_leaves_the_old_model_in_use(db, shop):
    store(db, shop, b"one")
    with pytest.raises(Exception, match="not JSON serializable"), db.write() as connection:
        save_model(connection, shop.id, "intents", b"two", {"not json": object()}, trained_on=1, now=NOW)
    with db.read() as connection:
        assert active_model(connection, shop.id, "intents")[1] == b"one"


def test_every_switch_tells_the_workers(db, shop):
    store(db, shop, b"one")
    store(db, shop, b"two")
    with db.write() as connection:
        before = revisions.current(connection, shop.id)["models"]
        roll_back(connection, shop.id, "intents")
        assert revisions.current(connection, shop.id)["models"] == before + 1


def test_shops_do_not_see_each_others_models(db, shop):
    store(db, shop, b"one")
    with db.write() as connection:
        other = create_shop(connection, "other")
        assert active_model(connection, other.id, "intents") is None


def test_damaged_bytes_are_noticed(db, shop):
    store(db, shop, b"one")
    with db.write() as connection:
        connection.execute(models.update().values(data=b"onf"))
        with pytest.raises(Unavailable, match="damaged"):
            active_model(connection, shop.id, "intents")
