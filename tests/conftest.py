"""Every test has a fresh home, a clean environment and a database of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("KEFU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database in a real file."""
    database = Database(f"sqlite:///{tmp_path / 'kefu.sqlite'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def shop(db: Database) -> Shop:
    with db.write() as connection:
        return create_shop(connection, "demo")
