"""Unanswered → known: clusters from turns, and one approval that makes everything or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kefu.core.rules import RuleSet
from kefu.core.text import normalise
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import cases, examples, knowledge, rules, unanswered
from kefu.store.conversations import TurnRecord, record_turn
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop
from kefu.store.unanswered import Approval, Cluster

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def ask(db: Database, shop: Shop, questions: Sequence[str], **more) -> list[Cluster]:
    with db.write() as connection:
        for n, question in enumerate(questions):
            at = NOW + timedelta(minutes=n)
            turn = TurnRecord(
                f"c{n}", at, "human", question, handoff_reason="unknown_question", unanswered=True, **more
            )
            record_turn(connection, shop.id, turn)
        unanswered.refresh(connection, shop.id)
        return unanswered.list_clusters(connection, shop.id)


def test_the_same_question_is_counted_with_examples_and_last_seen(db: Database, shop: Shop) -> None:
    clusters = ask(db, shop, ["可以货到付款吗", "防水吗", "支持货到付款不", "可以货到付款吗"])
    assert [(c.count, c.title) for c in clusters] == [(3, "可以货到付款吗"), (1, "防水吗")]
    assert clusters[0].examples == ("可以货到付款吗", "支持货到付款不")
    assert (clusters[0].first_seen, clusters[0].last_seen) == (NOW, NOW + timedelta(minutes=3))


def test_refreshing_again_counts_nothing_twice(db: Database, shop: Shop) -> None:
    ask(db, shop, ["防水吗"])
    with db.write() as connection:
        assert unanswered.refresh(connection, shop.id) == 0
    assert [c.count for c in ask(db, shop, ["这个防水吗"])] == [2]


def test_answered_turns_do_not_count(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        record_turn(connection, shop.id, TurnRecord("c1", NOW, "rule", "防水吗", "防水的"))
        assert unanswered.refresh(connection, shop.id) == 0


def test_personal_data_do_not_reach_a_cluster(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["订单TB20261122001234能合并吗，电话13812345678"])
    assert "138" not in str(cluster)
    assert "2026112200" not in cluster.title


def test_turns_without_words_share_one_cluster_that_cannot_be_approved(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["？？？", "😀", "。"])
    assert (cluster.count, cluster.examples) == (3, ())
    with db.write() as connection, pytest.raises(BadInput):
        unanswered.approve(connection, shop.id, cluster.id, Approval("嗯"), NOW)


def test_approving_as_a_rule_answers_every_example_from_now_on(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["可以货到付款吗", "支持货到付款不"], intent="payment", confidence=0.6)
    with db.write() as connection:
        approval = Approval("支持货到付款的", patterns=("能到了再付钱吗",))
        made = unanswered.approve(connection, shop.id, cluster.id, approval, NOW)
        ruleset = RuleSet.build(rules.list_rules(connection, shop.id))
        for question in ("可以货到付款吗", "支持货到付款不？", "能到了再付钱吗"):
            match = ruleset.match(normalise(question))
            assert match is not None
            assert match.rule.replies == ("支持货到付款的",)
        [case] = cases.list_cases(connection, shop.id)
        learnt = examples.list_examples(connection, shop.id)
    assert made.status == "approved"
    assert made.made["rule_id"] == f"unanswered-{cluster.id}"
    assert dict(case.turns[0])["route"] == "rule"
    assert dict(case.turns[0])["reply_contains"] == ["支持货到付款的"]
    assert {(e.text, e.intent, e.source) for e in learnt} == {
        (text, "payment", "unanswered") for text in ("可以货到付款吗", "支持货到付款不", "能到了再付钱吗")
    }


def test_a_masked_order_number_matches_every_order_number(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["订单6680012345678能合并吗"])
    with db.write() as connection:
        unanswered.approve(connection, shop.id, cluster.id, Approval("可以合并"), NOW)
        ruleset = RuleSet.build(rules.list_rules(connection, shop.id))
    assert ruleset.match(normalise("订单1234567890123能合并吗")) is not None


def test_approving_as_knowledge_makes_an_entry(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["充电要多久"])
    with db.write() as connection:
        approval = Approval("充满约2小时", "knowledge", intent="product_usage", title="充电时间")
        made = unanswered.approve(connection, shop.id, cluster.id, approval, NOW)
        entry = knowledge.list_entries(connection, shop.id)[made.made["entry_id"]]
        assert (entry.title, entry.content, entry.question) == ("充电时间", "充满约2小时", "充电要多久")
        assert examples.list_examples(connection, shop.id)[0].intent == "product_usage"
        assert rules.list_rules(connection, shop.id) == []


def refuse_examples(db: Database) -> None:
    """Let the database itself refuse the last row of an approval."""
    with db.write() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER no_examples BEFORE INSERT ON intent_examples BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
            return
        connection.exec_driver_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER no_examples BEFORE INSERT ON intent_examples FOR EACH ROW EXECUTE FUNCTION refuse()"
        )


def test_approval_is_all_or_nothing(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["充电要多久"])
    refuse_examples(db)
    with pytest.raises(Exception, match="full"), db.write() as connection:
        unanswered.approve(connection, shop.id, cluster.id, Approval("2小时"), NOW)
    with db.read() as connection:
        assert rules.list_rules(connection, shop.id) == []
        assert cases.list_cases(connection, shop.id) == []
        assert unanswered.get_cluster(connection, shop.id, cluster.id).status == "open"


def test_a_bad_knowledge_id_makes_nothing(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["充电要多久"])
    with pytest.raises(BadInput), db.write() as connection:
        unanswered.approve(connection, shop.id, cluster.id, Approval("x", "knowledge", knowledge_id="nope"), NOW)
    with db.read() as connection:
        assert cases.list_cases(connection, shop.id) == []


def test_a_cluster_is_decided_once(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["充电要多久"])
    with db.write() as connection:
        unanswered.approve(connection, shop.id, cluster.id, Approval("2小时"), NOW)
        with pytest.raises(Conflict):
            unanswered.approve(connection, shop.id, cluster.id, Approval("3小时"), NOW)
        with pytest.raises(Conflict):
            unanswered.dismiss(connection, shop.id, cluster.id, NOW)
        assert unanswered.reopen(connection, shop.id, cluster.id).status == "open"
        unanswered.approve(connection, shop.id, cluster.id, Approval("3小时"), NOW)
        [rule] = rules.list_rules(connection, shop.id)
    assert rule.replies == ("3小时",)


def test_a_dismissed_cluster_hides_later_questions_like_it(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["今天天气怎么样"])
    with db.write() as connection:
        unanswered.dismiss(connection, shop.id, cluster.id, NOW)
    assert ask(db, shop, ["今天天气怎么样啊"]) == []
    with db.read() as connection:
        [hidden] = unanswered.list_clusters(connection, shop.id, "dismissed")
    assert hidden.count == 2


def test_an_approved_question_that_is_asked_in_vain_again_shows(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["充电要多久"])
    with db.write() as connection:
        unanswered.approve(connection, shop.id, cluster.id, Approval("2小时"), NOW)
    ask(db, shop, ["请问充电要多久"])
    with db.read() as connection:
        assert unanswered.get_cluster(connection, shop.id, cluster.id).count == 2


def test_another_shops_cluster_is_not_there(db: Database, shop: Shop) -> None:
    [cluster] = ask(db, shop, ["充电要多久"])
    with db.write() as connection:
        other = create_shop(connection, "other").id
        assert unanswered.list_clusters(connection, other) == []
        with pytest.raises(NotFound):
            unanswered.dismiss(connection, other, cluster.id, NOW)


@pytest.mark.parametrize(
    "fields",
    [{"answer": " "}, {"answer": "x" * 2_001}, {"kind": "poem"}, {"patterns": ("x",) * 31}, {"patterns": ("",)}],
)
def test_a_wrong_approval_is_refused(fields: dict) -> None:
    with pytest.raises(BadInput):
        Approval(**({"answer": "好"} | fields))
