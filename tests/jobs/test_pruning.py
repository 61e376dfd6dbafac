"""`import --prune`: what the file has no more goes, whatever kind it is; nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import BadInput
from kefu.jobs.documents import About, import_document
from kefu.jobs.exports import write_table
from kefu.jobs.imports import ImportKind, run_import
from kefu.jobs.kinds import KINDS
from kefu.store.db import Database
from kefu.store.shops import Shop

PRUNED = [kind for kind in KINDS.values() if kind.remove]


def held(db: Database, shop: Shop, kind: ImportKind) -> dict:
    with db.read() as connection:
        return kind.load(connection, shop.id)


def file_of(kind: ImportKind, items: list, folder: Path) -> Path:
    path = folder / f"{kind.name}.csv"
    path.write_bytes(write_table(kind, items, "csv"))
    return path


@pytest.mark.parametrize("kind", PRUNED, ids=lambda kind: kind.name)
def test_what_the_file_has_no_more_is_taken_away(kind: ImportKind, db, shop, tmp_path) -> None:
    run_import(db, shop.id, KINDS["products"], KINDS["products"].sample)
    assert run_import(db, shop.id, kind, kind.sample).written
    before = held(db, shop, kind)
    gone = next(reversed(before))
    path = file_of(kind, [item for key, item in before.items() if key != gone], tmp_path)

    tried = run_import(db, shop.id, kind, path, preview=True, prune=True)
    assert ([row.key for row in tried.rows if row.status == "removed"], tried.written) == ([gone], False)
    assert held(db, shop, kind).keys() == before.keys()

    done = run_import(db, shop.id, kind, path, prune=True)
    assert (done.count("removed"), done.written) == (1, True)
    assert "1 removed" in done.summary()
    assert held(db, shop, kind).keys() == before.keys() - {gone}
    assert run_import(db, shop.id, kind, path, prune=True).count("removed") == 0


def test_kinds_that_grow_take_nothing_away(db, shop) -> None:
    assert {kind.name for kind in KINDS.values()} - {kind.name for kind in PRUNED} == {
        "identity", "voice", "orders", "intents",
    }  # fmt: skip
    with pytest.raises(BadInput, match="takes nothing away"):
        run_import(db, shop.id, KINDS["orders"], KINDS["orders"].sample, prune=True)


def test_a_wrong_or_empty_file_takes_nothing_away(db, shop, tmp_path) -> None:
    jargon = KINDS["jargon"]
    run_import(db, shop.id, jargon, jargon.sample)
    before = held(db, shop, jargon)
    empty, wrong = tmp_path / "empty.csv", tmp_path / "wrong.csv"
    empty.write_text("术语,含义\n", encoding="utf-8")
    wrong.write_text("术语,含义\n大水,\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no rows"):
        run_import(db, shop.id, jargon, empty, prune=True)
    report = run_import(db, shop.id, jargon, wrong, prune=True)
    assert (report.count("error"), report.count("removed"), report.written) == (1, 0, False)
    with pytest.raises(BadInput, match="wrong row"):
        run_import(db, shop.id, jargon, wrong, prune=True, keep_going=True)
    assert held(db, shop, jargon) == before


def test_entries_of_documents_and_of_other_parts_stay(db, shop, tmp_path) -> None:
    knowledge = KINDS["knowledge"]
    document = tmp_path / "手册.md"
    document.write_text("# 泡茶\n\n水温80度，三分钟出汤。\n", encoding="utf-8")
    import_document(db, shop.id, document, About())
    head = "知识库,标题,问题,内容\n"
    path = tmp_path / "k.csv"
    path.write_text(
        head + "说明,保存,怎么保存,密封避光。\n说明,冲泡,泡几次,可泡五次。\n售后,退货,能退吗,七天可退。\n",
        encoding="utf-8",
    )
    run_import(db, shop.id, knowledge, path)
    assert len(held(db, shop, knowledge)) == 4
    path.write_text(head + "说明,存放,怎么保存,密封避光。\n", encoding="utf-8")
    report = run_import(db, shop.id, knowledge, path, prune=True)
    assert (report.count("new"), report.count("removed")) == (1, 2)
    assert next(row.message for row in report.rows if row.status == "removed").startswith("manuals · 保存")
    assert {entry.title for entry in held(db, shop, knowledge).values()} >= {"存放", "退货"}
    assert len(held(db, shop, knowledge)) == 3
