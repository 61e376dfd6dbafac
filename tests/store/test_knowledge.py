"""Knowledge entries in the store: whole, versioned, one shop's own."""

from __future__ import annotations

from kefu.core.knowledge import Entry
from kefu.store import knowledge, revisions
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop

ENTRY = Entry(
    "e1", "manuals", "安装", "先关机。\n再拆盖。", "怎么装", "手册", "ram-1", ("内存", "安装"), metadata={"part": "1"}
)


def test_an_entry_comes_back_as_it_was(db: Database, shop: Shop) -> None:
    """Every field, and an edit counts its version up."""
    with db.write() as connection:
        knowledge.save_entries(connection, shop.id, [ENTRY])
    with db.read() as connection:
        assert knowledge.list_entries(connection, shop.id) == {"e1": ENTRY}
    with db.write() as connection:
        knowledge.save_entries(connection, shop.id, [ENTRY])
        assert knowledge.list_entries(connection, shop.id)["e1"].version == 2


def test_every_write_moves_the_revision_and_nothing_written_does_not(db: Database, shop: Shop) -> None:
    """Workers rebuild their index exactly when something changed."""
    with db.write() as connection:
        knowledge.save_entries(connection, shop.id, [])
        knowledge.delete_entries(connection, shop.id, ["nope"])
        assert "knowledge" not in revisions.current(connection, shop.id)
        knowledge.save_entries(connection, shop.id, [ENTRY])
        first = revisions.current(connection, shop.id)["knowledge"]
        assert knowledge.delete_entries(connection, shop.id, ["e1"]) == 1
        assert revisions.current(connection, shop.id)["knowledge"] > first


def test_a_shop_sees_its_own_entries_only(db: Database, shop: Shop) -> None:
    """The same id in two shops is two entries."""
    with db.write() as connection:
        other = create_shop(connection, "other")
        knowledge.save_entries(connection, shop.id, [ENTRY])
        assert knowledge.list_entries(connection, other.id) == {}
        assert knowledge.delete_entries(connection, other.id, ["e1"]) == 0
