"""A backup holds everything, restores everything or nothing, and moves between SQLite and PostgreSQL."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from kefu.errors import BadInput, Conflict
from kefu.store.backup import restore_backup, write_backup
from kefu.store.db import Database
from kefu.store.shops import create_shop, list_shops


@pytest.fixture
def sample(tmp_path: Path, sample_file: Path) -> Iterator[Database]:
    path = tmp_path / "sample.sqlite"
    shutil.copy(sample_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def everything(db: Database) -> dict[str, list[Any]]:
    """All rows, with times as UTC without a zone: SQLite keeps none."""
    found = MetaData()
    with db.read() as connection:
        found.reflect(connection)
        return {
            table.name: [
                tuple(value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value for value in row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in found.sorted_tables
        }


def test_a_restored_store_holds_the_same_rows(sample: Database, db: Database, tmp_path: Path) -> None:
    file = tmp_path / "b.gz"
    rows = write_backup(sample, file)
    assert restore_backup(db, file) == rows > 4_000
    assert everything(db) == everything(sample)
    assert file.stat().st_mode & 0o077 == 0, "it holds secrets"


@pytest.mark.postgres
def test_it_moves_a_shop_to_postgresql_and_back(
    sample: Database, postgres_database: Database, sqlite_database: Database, tmp_path: Path
) -> None:
    write_backup(sample, tmp_path / "a.gz")
    restore_backup(postgres_database, tmp_path / "a.gz")
    with postgres_database.write() as connection:
        new = create_shop(connection, "second")
        assert new.id > 1, "ids go on after the restored ones"
    write_backup(postgres_database, tmp_path / "b.gz")
    restore_backup(sqlite_database, tmp_path / "b.gz")
    with sqlite_database.read() as connection:
        assert [shop.name for shop in list_shops(connection)] == ["demo", "second"]
    kept, first = everything(sqlite_database), everything(sample)
    assert {name: rows for name, rows in kept.items() if name != "shops"} == {
        name: rows for name, rows in first.items() if name != "shops"
    }


def test_a_store_with_shops_is_replaced_only_when_asked(sample: Database, db: Database, tmp_path: Path) -> None:
    file = tmp_path / "b.gz"
    write_backup(sample, file)
    with db.write() as connection:
        create_shop(connection, "own")
    with pytest.raises(Conflict, match="--replace"):
        restore_backup(db, file)
    restore_backup(db, file, replace=True)
    with db.read() as connection:
        assert [shop.name for shop in list_shops(connection)] == ["demo"]


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.0])
def test_a_cut_file_changes_nothing(sample: Database, db: Database, tmp_path: Path, kept: float) -> None:
    file = tmp_path / "b.gz"
    write_backup(sample, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * kept)])
    with db.write() as connection:
        create_shop(connection, "own")
    with pytest.raises(BadInput):
        restore_backup(db, file, replace=True)
    with db.read() as connection:
        assert [shop.name for shop in list_shops(connection)] == ["own"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a backup", "damaged or no backup"),
        (gzip.compress(b'{"a": 1}\n'), "no backup of kefu"),
        (gzip.compress(b'{"kefu_backup": 1, "schema": ["0001_first"]}\n'), "schema 0001_first"),
    ],
    ids=["text", "other-json", "older-schema"],  # a zip holds the second it was made in: no name that two workers share
)
def test_another_file_is_refused(db: Database, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "b.gz"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        restore_backup(db, file)


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left(db: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        write_backup(db, tmp_path / "no" / "b.gz")
    assert list(tmp_path.glob("**/*.partial")) == []
