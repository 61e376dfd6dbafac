"""The schema: one line of migrations, equal to the tables in the code, from the oldest on with rows in it."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import kefu.store
from kefu.store.catalogue import load_products
from kefu.store.db import MIGRATIONS, Database, metadata, newest_revisions
from kefu.store.shops import create_token, find_shop, shop_of_token

for module in pkgutil.iter_modules(kefu.store.__path__):
    importlib.import_module(f"kefu.store.{module.name}")  # every table registers itself


def config_for(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def test_the_migrations_are_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    heads = ScriptDirectory.from_config(config).get_heads()
    assert len(heads) == 1
    assert set(heads) == newest_revisions()


def test_the_migrated_schema_is_the_one_in_the_code(db: Database) -> None:
    with db.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [d for d in differences if not _is_index(d)] == []


def _is_index(difference: object) -> bool:
    return isinstance(difference, tuple) and str(difference[0]).endswith("index")


def test_a_shop_of_the_first_schema_lives_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with database.write() as connection:
        command.upgrade(config_for(connection), "0001")
        shops = sa.table("shops", sa.column("id"), sa.column("name"), sa.column("created_at"))
        row = {"id": 7, "name": "old", "created_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(" ")}
        connection.execute(shops.insert().values(**row))
        token = create_token(connection, 7)
    database.migrate()
    with database.read() as connection:
        assert find_shop(connection, "old").id == 7
        assert shop_of_token(connection, token).name == "old"
    database.close()


def test_products_of_before_lead_times_leave_at_once(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with database.write() as connection:
        command.upgrade(config_for(connection), "0009_vectors")
        for row in (
            "INSERT INTO shops (id, name, created_at) VALUES (7, 'old', '2026-01-01 00:00:00+00:00')",
            "INSERT INTO products VALUES (7, 'bag', '电脑包', '[]', '包', '', '个', 0, '', 1)",
            "INSERT INTO variants VALUES (7, 'BAG', 'bag', '[]', '[]', '[]', 12900, 1)",
        ):
            connection.exec_driver_sql(row)
    database.migrate()
    with database.read() as connection:
        (bag,) = load_products(connection, 7)
    assert (bag.variants[0].price, bag.variants[0].lead_time) == (12900, None)
    database.close()


def test_migrating_again_changes_nothing(db: Database) -> None:
    db.migrate()
    with db.read() as connection:
        versions = set(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())
    assert versions == newest_revisions()
