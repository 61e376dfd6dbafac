"""What is asked in every request: answered and failing as by way of SQLAlchemy, and alive again after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ResourceClosedError

from kefu.errors import Unauthorized
from kefu.store import revisions
from kefu.store.conversations import TurnRecord, change, list_turns, load, record_turn
from kefu.store.db import Database
from kefu.store.live_stock import LiveStock
from kefu.store.shops import Shop, create_token, shop_of_token

DROP_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()"""


def test_it_sees_what_its_own_transaction_has_not_committed_and_others_do_not(db: Database, shop: Shop) -> None:
    with db.write() as writing:
        revisions.bump(writing, shop.id, "rules")
        token = create_token(writing, shop.id)
        assert revisions.current(writing, shop.id) == {"rules": 1}
        assert shop_of_token(writing, token) == shop
        with db.read() as reading:
            assert revisions.current(reading, shop.id) == {}
            with pytest.raises(Unauthorized):
                shop_of_token(reading, token)
    with db.read() as reading:
        assert revisions.current(reading, shop.id) == {"rules": 1}
        assert shop_of_token(reading, token) == shop


def test_a_driver_s_error_is_sqlalchemy_s_and_the_connection_is_good_again(db: Database, shop: Shop) -> None:
    with db.write() as writing:
        writing.execute(text("ALTER TABLE revisions RENAME TO gone"))
    with db.read() as reading, pytest.raises(DBAPIError) as failed:
        revisions.current(reading, shop.id)
    with db.read() as reading, pytest.raises(type(failed.value)):
        reading.execute(text("SELECT kind FROM revisions"))
    with db.write() as writing:
        writing.execute(text("ALTER TABLE gone RENAME TO revisions"))
    with db.read() as reading:
        assert revisions.current(reading, shop.id) == {}


def test_a_turn_is_written_and_read_as_the_columns_types_say(db: Database, shop: Shop) -> None:
    """Moments come back aware and in UTC, truth values as such, whatever the driver makes of them."""
    at = datetime(2026, 11, 28, 20, 30, 5, 250_000, timezone(timedelta(hours=8)))
    turn = TurnRecord("c", at, "human", "在吗", confidence=0.5, timings={"decide": 1.5}, unanswered=True)
    with db.write() as writing:
        record_turn(writing, shop.id, turn)
    again = change(db, shop.id, "d", lambda state: state, at, timedelta(hours=1))
    with db.read() as reading:
        (found,) = list_turns(reading, shop.id)
        loaded = load(reading, shop.id, "d", at)
    assert (found.at, found.at.tzinfo, found.unanswered, found.confidence) == (at, UTC, True, 0.5)
    assert (loaded.state, loaded.version) == (again, 1)


def test_a_value_that_the_column_refuses_undoes_the_whole_transaction(db: Database, shop: Shop) -> None:
    turn = TurnRecord("c", datetime.now(UTC), "rule", "在吗")

    def both() -> None:
        with db.write() as writing:
            record_turn(writing, shop.id, turn)
            record_turn(writing, shop.id + 1, turn)  # no such shop

    with pytest.raises(IntegrityError):
        both()
    with db.read() as reading:
        assert list_turns(reading, shop.id) == []


def test_a_closed_connection_is_refused(db: Database, shop: Shop) -> None:
    with db.read() as reading:
        pass
    with pytest.raises(ResourceClosedError):
        revisions.current(reading, shop.id)


def test_queries_of_one_moment_see_no_later_commit(db: Database, shop: Shop) -> None:
    with db.read_one_moment() as reading:
        assert revisions.current(reading, shop.id) == {}
        with db.write() as writing:
            revisions.bump(writing, shop.id, "rules")
        assert reading.execute(text("SELECT count(*) FROM revisions")).scalar_one() == 0
    with db.read() as reading:
        assert revisions.current(reading, shop.id) == {"rules": 1}


@pytest.mark.postgres
def test_after_a_restart_of_postgresql_the_next_request_is_answered(postgres_database: Database) -> None:
    other = Database(postgres_database.url)
    stock = LiveStock(postgres_database)
    with postgres_database.read() as reading:
        assert revisions.current(reading, 1) == {}
        assert stock.rows_of(1, ["S"]) == {}
        with other.read() as killer:
            killer.execute(text(DROP_OTHERS))
        with pytest.raises(DBAPIError):
            revisions.current(reading, 1)
    assert stock.rows_of(1, ["S"]) == {}
    with postgres_database.read() as reading:
        assert revisions.current(reading, 1) == {}
    stock.close()
    other.close()
