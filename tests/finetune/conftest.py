"""The sample shop's rows, read once: nothing here needs a trained model."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kefu.finetune.shop_rows import ShopRows, read_shop
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.db import Database
from kefu.store.shops import create_shop, find_shop

CLOTHES = Path(__file__).parents[1] / "cases" / "clothes"


@pytest.fixture(scope="session")
def rows(imported_file: Path) -> ShopRows:
    """What the sample shop has to learn from; a value that no test can change."""
    database = Database(f"sqlite:///{imported_file}")
    with database.read() as connection:
        found = read_shop(connection, find_shop(connection, "demo").id)
    database.close()
    return found


@pytest.fixture(scope="session")
def clothes(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> ShopRows:
    """A shop made of imported files only, with intents of its own."""
    path = tmp_path_factory.mktemp("clothes") / "kefu.sqlite"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as connection:
        shop = create_shop(connection, "clothes")
    for file in sorted(CLOTHES.glob("*.csv"), key=lambda file: file.stem != "products"):
        assert run_import(database, shop.id, KINDS[file.stem], file).count("error") == 0
    with database.read() as connection:
        found = read_shop(connection, shop.id)
    database.close()
    return found


@pytest.fixture(scope="session")
def bare(rows: ShopRows) -> ShopRows:
    """The shop without what takes long: three sentences of each intent, no products, two answers."""
    taken: dict[str, int] = {}
    few = []
    for row in rows.labelled:
        taken[row.intent] = taken.get(row.intent, 0) + 1
        few += [row] if taken[row.intent] <= 3 else []
    return replace(rows, labelled=tuple(few), goods=(), talk=rows.talk[:2])
