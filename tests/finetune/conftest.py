"""The sample shop's rows, read once: nothing here needs a trained model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kefu.finetune.shop_rows import ShopRows, read_shop
from kefu.store.db import Database
from kefu.store.shops import find_shop


@pytest.fixture(scope="session")
def rows(imported_file: Path) -> ShopRows:
    """What the sample shop has to learn from; a value that no test can change."""
    database = Database(f"sqlite:///{imported_file}")
    with database.read() as connection:
        found = read_shop(connection, find_shop(connection, "demo").id)
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
