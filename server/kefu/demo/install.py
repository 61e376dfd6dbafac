"""Put the sample shop into a store, with the importer that every user has."""

from __future__ import annotations

from collections.abc import Callable

from kefu.demo.load import sample_files
from kefu.errors import BadInput
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop, list_shops

NAME = "demo"


def ensure_sample_shop(db: Database, say: Callable[[str], None] = lambda _: None) -> Shop:
    """The sample shop; it is made and filled if the store has none of its name."""
    with db.read() as connection:
        present = [shop for shop in list_shops(connection) if shop.name == NAME]
    if present:
        return present[0]
    with db.write() as connection:
        shop = create_shop(connection, NAME)
    for kind, path in sample_files():
        report = run_import(db, shop.id, KINDS[kind], path)
        if report.count("error"):
            first = next(row for row in report.rows if row.status == "error")
            raise BadInput(f"{path.name} row {first.number}: {first.message}", "The sample files are damaged.")
        say(report.summary())
    return shop
