"""Rules in the store: order, revisions, deletions, hits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from kefu.core.rules import Pattern, Rule, load_plans
from kefu.core.text import normalise
from kefu.errors import NotFound
from kefu.store import rules as store
from kefu.store.rule_sets import RuleSets


def rule(name: str, sentence: str = "请发货", **more) -> Rule:
    return Rule(name, (Pattern("sentence", sentence),), ("谢谢",), **more)


def test_rules_come_back_in_the_order_in_which_they_were_added(db, shop):
    with db.write() as connection:
        store.save_rules(connection, shop.id, [rule("b"), rule("a")])
        store.save_rules(connection, shop.id, [rule("c"), rule("b", "已下单", priority=5)])
        listed = store.list_rules(connection, shop.id)
    assert [(r.id, r.position) for r in listed] == [("b", 1), ("a", 2), ("c", 3)]
    assert listed[0] == rule("b", "已下单", priority=5)


def test_a_worker_reads_only_what_changed_since_its_revision(db, shop):
    with db.write() as connection:
        first = store.save_rules(connection, shop.id, [rule("a"), rule("b"), rule("c")])
        store.save_rule(connection, shop.id, rule("b", "催一下"))
        assert store.delete_rules(connection, shop.id, ["c", "unknown"]) == 1
    with db.read() as connection:
        changes = store.changes_since(connection, shop.id, first)
        assert [r.id for r in changes.saved] == ["b"]
        assert changes.removed == ("c",)
        assert store.changes_since(connection, shop.id, changes.revision).saved == ()


def test_a_deleted_rule_is_gone_and_can_be_added_again_at_the_end(db, shop):
    with db.write() as connection:
        store.save_rules(connection, shop.id, [rule("a"), rule("b")])
        store.delete_rules(connection, shop.id, ["a"])
        with pytest.raises(NotFound):
            store.get_rule(connection, shop.id, "a")
        store.save_rule(connection, shop.id, rule("a"))
        assert [r.id for r in store.list_rules(connection, shop.id)] == ["b", "a"]


def test_hits_are_counted_without_a_new_revision(db, shop):
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with db.write() as connection:
        revision = store.save_rules(connection, shop.id, [rule("a")])
        store.record_hit(connection, shop.id, "a", at)
        store.record_hit(connection, shop.id, "a", at)
        assert store.list_hits(connection, shop.id)["a"].count == 2
        assert store.current_revision(connection, shop.id) == revision


def test_what_many_workers_write_for_the_first_time_at_once_all_counts(db, shop):
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    together = Barrier(6)

    def write(worker: int) -> None:
        together.wait()
        with db.write() as connection:
            store.record_hit(connection, shop.id, "a", at)
        with db.write() as connection:
            store.save_rule(connection, shop.id, rule(f"r{worker}"))
        with db.write() as connection:
            store.save_plans(connection, shop.id, worker, b"plans")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    with db.read() as connection:
        assert store.list_hits(connection, shop.id)["a"].count == 6
        assert store.current_revision(connection, shop.id) == 6
        assert sorted(r.position for r in store.list_rules(connection, shop.id)) == [1, 2, 3, 4, 5, 6]


def test_plans_are_kept_once_for_a_shop(db, shop):
    with db.write() as connection:
        assert store.kept_plans(connection, shop.id) == b""
        store.save_plans(connection, shop.id, 1, b"one")
        store.save_plans(connection, shop.id, 2, b"two")
        assert store.kept_plans(connection, shop.id) == b"two"


def fired(sets: RuleSets, shop_id: int, text: str) -> str:
    found = sets.current(shop_id).match(normalise(text))
    return found.rule_id if found else ""


def test_a_committed_edit_is_answered_at_once_in_every_process(db, shop):
    """Two RuleSets stand for two workers."""
    with db.write() as connection:
        store.save_rules(connection, shop.id, [rule("a"), rule("b", "在吗")])
    one, two = RuleSets(db), RuleSets(db)
    assert fired(one, shop.id, "请发货") == fired(two, shop.id, "请发货") == "a"
    with db.write() as connection:
        store.save_rule(connection, shop.id, rule("a", "快发货"))
        store.delete_rules(connection, shop.id, ["b"])
    for sets in (one, two):
        assert [fired(sets, shop.id, text) for text in ("请发货", "快发货", "在吗")] == ["", "a", ""]
        assert sets.current(shop.id).overlay_size > 0
        sets.close()


def test_an_uncommitted_edit_is_not_seen(db, shop):
    with db.write() as connection:
        store.save_rules(connection, shop.id, [rule("a")])
    sets = RuleSets(db)
    with db.engine.connect() as connection:
        store.save_rule(connection, shop.id, rule("a", "快发货"))
        connection.rollback()
    assert fired(sets, shop.id, "请发货") == "a"
    sets.close()


def test_many_edits_are_compiled_behind_and_the_answers_stay(db, shop):
    with db.write() as connection:
        store.save_rules(connection, shop.id, [rule(f"r{i}", f"第{i}句") for i in range(50)])
    sets = RuleSets(db, overlay_limit=3)
    sets.current(shop.id)
    for i in range(10):
        with db.write() as connection:
            store.save_rule(connection, shop.id, rule(f"r{i}", f"新的第{i}句"))
        assert fired(sets, shop.id, f"新的第{i}句") == f"r{i}"
    for _ in range(2):  # the last edits may have come while the thread was ending
        sets.settle()
        sets.current(shop.id)
    sets.settle()
    assert sets.current(shop.id).overlay_size <= 3
    assert fired(sets, shop.id, "新的第9句") == "r9"
    assert fired(sets, shop.id, "第49句") == "r49"
    sets.close()


def test_analysed_patterns_are_kept_for_the_next_start(db, shop):
    with db.write() as connection:
        store.save_rules(connection, shop.id, [Rule("a", (Pattern("regex", "没收到.*卡密"),), ("好",))])
    sets = RuleSets(db)
    sets.current(shop.id)
    sets.close()
    with db.read() as connection:
        assert "没收到.*卡密" in load_plans(store.kept_plans(connection, shop.id))
    assert fired(RuleSets(db), shop.id, "没收到你的卡密") == "a"


def test_threads_ask_while_others_edit(db, shop):
    with db.write() as connection:
        store.save_rules(connection, shop.id, [rule("a"), *(rule(f"r{i}", f"第{i}句") for i in range(20))])
    sets = RuleSets(db, overlay_limit=4)

    def ask(_: int) -> set[str]:
        return {fired(sets, shop.id, "请发货") for _ in range(30)}

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, i) for i in range(4)]
        for i in range(20):
            with db.write() as connection:
                store.save_rule(connection, shop.id, rule(f"r{i}", f"新的第{i}句"))
        assert all(answer.result() == {"a"} for answer in answers)
    assert fired(sets, shop.id, "新的第19句") == "r19"
    sets.close()
