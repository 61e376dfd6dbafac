"""A watched file: imported when it has changed and kept still, its errors told, the shop left as it was."""

from __future__ import annotations

import os
from functools import partial
from threading import Event

from kefu.errors import KefuError
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.stock import STOCK
from kefu.jobs.watch import Stamp, Watch, watch
from kefu.store.stock import load_stock


def test_a_file_is_due_once_it_keeps_still() -> None:
    due, one, two = Watch(), Stamp(1, 1, 1), Stamp(2, 2, 1)
    looks = [None, one, one, one, two, one, two, two, None, two, two]
    assert [due.is_due(stamp) for stamp in looks] == [
        *(False, False, True, False, False, False, False, True, False, False, False)
    ]


def test_a_file_that_is_not_there_has_no_stamp(tmp_path) -> None:
    assert Stamp.of(tmp_path / "x") is None
    (tmp_path / "x").write_text("a")
    assert Stamp.of(tmp_path / "x").size == 1


def test_each_version_of_the_file_is_imported_and_a_broken_one_is_told(db, shop, tmp_path) -> None:
    path, stop, told = tmp_path / "stock.csv", Event(), []
    versions = iter(
        ["sku,warehouse,quantity\nS,甲,many\n", "what,is,this\n1,2,3\n", "sku,warehouse,quantity\nS,甲,9\n", None]
    )

    def write_next() -> None:
        text = next(versions)
        if text is None:
            stop.set()
            return
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        os.replace(path.with_suffix(".new"), path)

    def tell(outcome) -> None:
        told.append(outcome)
        write_next()

    path.write_text("sku,warehouse,quantity\nS,甲,5\n", encoding="utf-8")
    watch(path, partial(run_import, db, shop.id, STOCK), tell, stop, every=0.001)
    assert [isinstance(outcome, KefuError) or outcome.written for outcome in told] == [True, False, True, True]
    assert isinstance(told[2], KefuError)
    with db.read() as connection:
        assert load_stock(connection, shop.id)[("S", "甲")].quantity == 9
