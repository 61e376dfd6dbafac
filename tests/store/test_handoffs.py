"""Hand-offs in the store: one live record a conversation, agents, messages, acknowledgement, echoes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from kefu.core.dialogue import Outcome
from kefu.core.handoff import HandOff, Line, priority_of
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import conversations, handoffs
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TTL = timedelta(hours=24)


def hand_over(db: Database, shop: Shop, conversation: str = "c1", reason: str = "customer_request") -> HandOff:
    record = HandOff(
        conversation,
        reason,
        channel="taobao",
        customer="张伟",
        transcript=(Line("customer", "我要人工"), Line("bot", "好的")),
        slots={"place": "杭州"},
        suggested_reply="您好，我来帮您",
        priority=priority_of(reason, "calm"),
    )
    with db.write() as connection:
        return handoffs.open_handoff(connection, shop.id, record, NOW)


def owner(db: Database, shop: Shop) -> str:
    with db.read() as connection:
        return conversations.load(connection, shop.id, "c1", NOW).state.owner


def test_a_conversation_goes_to_a_person_and_back(db: Database, shop: Shop) -> None:
    conversations.change(db, shop.id, "c1", lambda s: s.after(Outcome("我要人工")), NOW, TTL)
    record = hand_over(db, shop)
    assert (record.state, record.slots["place"], record.transcript[0].text) == ("pending", "杭州", "我要人工")
    assert owner(db, shop) == "human"
    with db.write() as connection:
        assert handoffs.claim(connection, shop.id, record.id, "amy", NOW).state == "open"
        done = handoffs.resolve(connection, shop.id, record.id, "amy", NOW + timedelta(minutes=5), "退款了")
        assert (done.state, done.note, done.agent) == ("resolved", "退款了", "amy")
        assert handoffs.live_handoff(connection, shop.id, "c1") is None
    assert owner(db, shop) == "bot"
    assert hand_over(db, shop).id != record.id  # a new one is possible again


def test_a_second_hand_off_of_the_same_conversation_is_the_first(db: Database, shop: Shop) -> None:
    assert hand_over(db, shop).id == hand_over(db, shop, reason="policy").id


def test_parallel_hand_offs_of_one_conversation_make_one_record(db: Database, shop: Shop) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(hand_over(db, shop).id)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_only_one_agent_gets_it(db: Database, shop: Shop) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        handoffs.claim(connection, shop.id, record.id, "amy", NOW)
        assert handoffs.claim(connection, shop.id, record.id, "amy", NOW).agent == "amy"
        for attempt in (
            lambda: handoffs.claim(connection, shop.id, record.id, "bob", NOW),
            lambda: handoffs.reply(connection, shop.id, record.id, "bob", "您好", NOW),
            lambda: handoffs.resolve(connection, shop.id, record.id, "bob", NOW),
            lambda: handoffs.release(connection, shop.id, record.id, "bob"),
        ):
            with pytest.raises(Conflict):
                attempt()
        assert handoffs.release(connection, shop.id, record.id, "amy").state == "pending"
        assert handoffs.claim(connection, shop.id, record.id, "bob", NOW).agent == "bob"


def test_a_resolved_one_takes_no_reply(db: Database, shop: Shop) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        handoffs.resolve(connection, shop.id, record.id, "amy", NOW)
        with pytest.raises(Conflict):
            handoffs.reply(connection, shop.id, record.id, "amy", "您好", NOW)


def test_a_reply_waits_until_a_channel_acknowledges_it(db: Database, shop: Shop) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        handoffs.claim(connection, shop.id, record.id, "amy", NOW)
        first = handoffs.reply(connection, shop.id, record.id, "amy", "您好", NOW, key="k1")
        assert handoffs.reply(connection, shop.id, record.id, "amy", "您好", NOW, key="k1") == first
        second = handoffs.reply(connection, shop.id, record.id, "amy", "在的", NOW)
        assert [m.text for m in handoffs.undelivered(connection, shop.id)] == ["您好", "在的"]
        assert [m.id for m in handoffs.undelivered(connection, shop.id, after=first.id)] == [second.id]
        assert handoffs.acknowledge(connection, shop.id, {first.id: "x1", 999: ""}, NOW) == [first.id]
        assert handoffs.acknowledge(connection, shop.id, {first.id: ""}, NOW) == [first.id]
        assert [m.id for m in handoffs.undelivered(connection, shop.id)] == [second.id]
        assert handoffs.get_handoff(connection, shop.id, record.id).first_reply_at == NOW


def test_our_own_message_coming_back_is_an_echo(db: Database, shop: Shop) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        handoffs.claim(connection, shop.id, record.id, "amy", NOW)
        message = handoffs.reply(connection, shop.id, record.id, "amy", "您好", NOW)
        assert handoffs.is_echo(connection, shop.id, "c1", " 您好 ", "", NOW)
        assert not handoffs.is_echo(connection, shop.id, "c1", "您好", "", NOW + timedelta(hours=1))
        assert not handoffs.is_echo(connection, shop.id, "c2", "您好", "", NOW)
        handoffs.acknowledge(connection, shop.id, {message.id: "ch-7"}, NOW)
        assert handoffs.is_echo(connection, shop.id, "c1", "您好", "ch-7", NOW)
        assert not handoffs.is_echo(connection, shop.id, "c1", "您好", "ch-8", NOW)  # the customer says hello back


def test_what_the_customer_says_meanwhile_is_kept_once(db: Database, shop: Shop) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        first = handoffs.hear(connection, shop.id, record, "还在吗", NOW, "m1")
        assert handoffs.hear(connection, shop.id, record, "还在吗", NOW, "m1").id == first.id
        handoffs.hear(connection, shop.id, record, "还在吗", NOW)
        assert len(handoffs.list_messages(connection, shop.id, record.id)) == 2


def test_the_queue_puts_anger_first_then_the_longest_wait(db: Database, shop: Shop) -> None:
    for conversation, reason in (
        ("a", "low_confidence"),
        ("b", "customer_request"),
        ("c", "angry_customer"),
        ("d", "policy"),
    ):
        hand_over(db, shop, conversation, reason)
    with db.read() as connection:
        order = [record.conversation_id for record in handoffs.list_handoffs(connection, shop.id, "pending")]
        newest = [record.conversation_id for record in handoffs.list_handoffs(connection, shop.id)]
    assert order == ["c", "b", "a", "d"]
    assert newest == ["d", "c", "b", "a"]


def test_another_shop_sees_and_changes_nothing(db: Database, shop: Shop) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        other = create_shop(connection, "other").id
        assert handoffs.list_handoffs(connection, other) == []
        assert handoffs.undelivered(connection, other) == []
        with pytest.raises(NotFound):
            handoffs.claim(connection, other, record.id, "eve", NOW)
        assert handoffs.live_handoff(connection, other, "c1") is None


@pytest.mark.parametrize(
    ("agent", "words"), [("", "x"), (" ", "x"), ("a" * 65, "x"), ("amy", ""), ("amy", "x" * 4_001)]
)
def test_a_reply_without_agent_or_words_is_refused(db: Database, shop: Shop, agent: str, words: str) -> None:
    record = hand_over(db, shop)
    with db.write() as connection:
        handoffs.claim(connection, shop.id, record.id, "amy", NOW)
        with pytest.raises(BadInput):
            handoffs.reply(connection, shop.id, record.id, agent, words, NOW)
