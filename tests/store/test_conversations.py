"""States of conversations: parallel turns, expiry, restart, and one row for each turn."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kefu.core.dialogue import Customer, Outcome, State
from kefu.errors import BadInput, Conflict
from kefu.store import conversations
from kefu.store.conversations import Loaded, TurnRecord
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TTL = timedelta(hours=24)


def _say(text: str):
    return lambda state: state.after(Outcome(text))


def test_a_state_survives_a_restart(db: Database, shop: Shop) -> None:
    state = conversations.change(db, shop.id, "c1", _say("你好"), NOW, TTL)
    again = Database(db.url)
    with again.read() as connection:
        assert conversations.load(connection, shop.id, "c1", NOW).state == state
    again.close()


def test_parallel_turns_of_one_conversation_all_count(db: Database, shop: Shop) -> None:
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def talk(who: int) -> None:
        mine = Database(db.url)
        start.wait()
        try:
            for n in range(10):
                conversations.change(mine, shop.id, "c1", _say(f"{who}-{n}"), NOW, TTL)
        except BaseException as error:  # noqa: BLE001 - a thread must tell, whatever it is
            failures.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with db.read() as connection:
        assert conversations.load(connection, shop.id, "c1", NOW).state.turn_count == 40


def test_a_change_over_a_stale_state_is_refused(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        first = conversations.load(connection, shop.id, "c1", NOW)
        conversations.save(connection, shop.id, "c1", first, State().after(Outcome("a")), NOW, TTL)
        with pytest.raises(Conflict):
            conversations.save(connection, shop.id, "c1", first, State().after(Outcome("b")), NOW, TTL)
        assert conversations.load(connection, shop.id, "c1", NOW).state.turns[0].said == "a"


def test_a_stale_version_of_a_stored_state_is_refused(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        empty = conversations.load(connection, shop.id, "c1", NOW)
        conversations.save(connection, shop.id, "c1", empty, State(), NOW, TTL)
        read = conversations.load(connection, shop.id, "c1", NOW)
        conversations.save(connection, shop.id, "c1", read, State(), NOW, TTL)
        with pytest.raises(Conflict):
            conversations.save(connection, shop.id, "c1", read, State(), NOW, TTL)


def test_a_conversation_is_forgotten_after_its_time(db: Database, shop: Shop) -> None:
    conversations.change(db, shop.id, "c1", _say("a"), NOW, TTL)
    later = NOW + TTL
    with db.read() as connection:
        assert conversations.load(connection, shop.id, "c1", later).state == State()
        assert conversations.load(connection, shop.id, "c1", later - timedelta(seconds=1)).state != State()
    assert conversations.change(db, shop.id, "c1", _say("b"), later, TTL).turn_count == 1


def test_every_turn_prolongs_the_life(db: Database, shop: Shop) -> None:
    conversations.change(db, shop.id, "c1", _say("a"), NOW, TTL)
    conversations.change(db, shop.id, "c1", _say("b"), NOW + timedelta(hours=20), TTL)
    with db.read() as connection:
        assert conversations.load(connection, shop.id, "c1", NOW + timedelta(hours=40)).state.turn_count == 2


def test_expired_states_are_swept(db: Database, shop: Shop) -> None:
    conversations.change(db, shop.id, "old", _say("a"), NOW, TTL)
    conversations.change(db, shop.id, "new", _say("a"), NOW + TTL, TTL)
    with db.write() as connection:
        assert conversations.forget_expired(connection, NOW + TTL) == 1
        conversations.forget(connection, shop.id, "new")
        assert conversations.load(connection, shop.id, "new", NOW) == Loaded(State(), 0)


def test_shops_do_not_see_each_others_conversations(db: Database, shop: Shop) -> None:
    conversations.change(db, shop.id, "c1", _say("a"), NOW, TTL)
    with db.write() as connection:
        other = create_shop(connection, "other")
        assert conversations.load(connection, other.id, "c1", NOW).state == State()


def test_a_turn_without_a_conversation_is_not_kept(db: Database, shop: Shop) -> None:
    assert conversations.change(db, shop.id, "", _say("a"), NOW, TTL).turn_count == 1
    with db.read() as connection:
        assert conversations.load(connection, shop.id, "", NOW).state == State()


def test_a_too_long_id_is_refused_and_not_cut(db: Database, shop: Shop) -> None:
    with pytest.raises(BadInput):
        conversations.change(db, shop.id, "x" * 129, _say("a"), NOW, TTL)


def test_a_damaged_row_starts_afresh(db: Database, shop: Shop) -> None:
    conversations.change(db, shop.id, "c1", _say("a"), NOW, TTL)
    with db.write() as connection:
        connection.execute(conversations.conversations.update().values(state="{broken"))
    assert conversations.change(db, shop.id, "c1", _say("b"), NOW, TTL).turn_count == 1


def test_what_belongs_to_the_change_is_rolled_back_with_it(db: Database, shop: Shop) -> None:
    def fail(_connection: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        conversations.change(db, shop.id, "c1", _say("a"), NOW, TTL, also=fail)
    with db.read() as connection:
        assert conversations.load(connection, shop.id, "c1", NOW).version == 0


def test_a_customer_is_new_once_and_returning_in_the_next_conversation(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        assert conversations.meet(connection, shop.id, "u1", "c1", NOW, "张伟") == Customer("张伟")
        assert not conversations.meet(connection, shop.id, "u1", "c1", NOW).returning
        assert conversations.meet(connection, shop.id, "u1", "c2", NOW) == Customer("张伟", returning=True)
        assert conversations.meet(connection, shop.id, "", "c9", NOW) == Customer()


def test_each_turn_is_one_row_that_reads_back(db: Database, shop: Shop) -> None:
    turn = TurnRecord(
        "c1",
        NOW,
        "llm",
        "怎么\x00用\ud800",
        "这样",
        turn_id="t1",
        intent="product_usage",
        confidence=0.8,
        emotion="urgent",
        timings={"rules": 0.2},
        detail={"slots": {"place": "杭州"}},
        llm_calls=1,
        unanswered=True,
    )
    with db.write() as connection:
        conversations.record_turn(connection, shop.id, turn)
        conversations.record_turn(
            connection, shop.id, replace(turn, conversation_id="c2", query="b" * 9_000, turn_id="t2")
        )
        for reply, calls in (("", 1), ("新", 1)):
            assert conversations.note_answer(connection, shop.id, "t1", turn.at, reply=reply, llm_calls=calls)
        late = turn.at + timedelta(seconds=1)
        assert not conversations.note_answer(connection, shop.id, "t9", turn.at, reply="新", llm_calls=2)
        assert not conversations.note_answer(connection, shop.id, "t1", late, reply="新", llm_calls=2)
        [first] = conversations.list_turns(connection, shop.id, "c1")
        every = conversations.list_turns(connection, shop.id)
        assert [(row.conversation_id, row.llm_calls, row.reply) for row in every] == [
            ("c1", 3, "新"),
            ("c2", 1, "这样"),
        ]
        assert conversations.list_turns(connection, shop.id, before=every[1].id) == every[:1]
    assert first == replace(turn, id=1, query="怎么用?", reply="新", llm_calls=3)
    assert len(every[1].query) == conversations.MAX_STORED_TEXT


def test_of_turns_with_the_same_material_the_latest_without_an_answer_gets_it(db: Database, shop: Shop) -> None:
    turn = TurnRecord("c1", NOW, "llm", "怎么用", turn_id="m1")
    with db.write() as connection:
        for name in ("c1", "c2"):
            conversations.record_turn(connection, shop.id, replace(turn, conversation_id=name))
        for said in ("一", "二"):
            assert conversations.note_answer(connection, shop.id, "m1", NOW, reply=said, llm_calls=1)
        every = conversations.list_turns(connection, shop.id)
    assert [(row.conversation_id, row.reply, row.llm_calls) for row in every] == [("c1", "二", 1), ("c2", "一", 1)]
