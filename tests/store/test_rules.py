"""Rules in the store: order, revisions, deletions, hits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kefu.core.rules import Pattern, Rule
from kefu.errors import NotFound
from kefu.store import rules as store


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


def test_plans_are_kept_once_for_a_shop(db, shop):
    with db.write() as connection:
        assert store.kept_plans(connection, shop.id) == b""
        store.save_plans(connection, shop.id, 1, b"one")
        store.save_plans(connection, shop.id, 2, b"two")
        assert store.kept_plans(connection, shop.id) == b"two"
