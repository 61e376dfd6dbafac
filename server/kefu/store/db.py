"""The database: one engine, short transactions, SQLite and PostgreSQL alike."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect
from sqlalchemy.exc import OperationalError

from kefu.errors import Unavailable

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """Opens connections. ``read`` gives a connection for queries, each of which sees what is committed by then;
    ``read_one_moment`` one whose queries all see the same moment; ``write`` one transaction that commits at its end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _create_engine(url)
        self._writer = self.engine.execution_options(kefu_write=True)
        # PostgreSQL's default lets every query see new commits anyway: BEGIN and ROLLBACK would only be two waits more.
        postgres = self.engine.dialect.name == "postgresql"
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT") if postgres else self.engine
        self._moment = self.engine.execution_options(isolation_level="REPEATABLE READ") if postgres else self.engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def read_one_moment(self) -> Iterator[Connection]:
        with self._moment.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._writer.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest revision; repeatable, safe when two processes start at once."""
        try:
            with self._writer.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                if _applied(connection) != newest_revisions():
                    _upgrade(connection)
        except OperationalError as error:
            raise Unavailable(
                f"The database {self.engine.url.render_as_string()} cannot be opened: {error.orig}.",
                "Check KEFU_DATABASE_URL, or that the data folder exists and is writable.",
            ) from error

    def is_migrated(self) -> bool:
        return inspect(self.engine).has_table("shops")

    def close(self) -> None:
        self.engine.dispose()


MIGRATION_LOCK = 0x6B656675
"""Any number that nobody else locks: two servers that start at once migrate one after the other."""


def newest_revisions() -> set[str]:
    """Revisions that no other migration builds on, read from the files: Alembic takes a quarter second to import."""
    texts = [path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("*.py")]
    joined = "\n".join(texts)
    built_on = set(re.findall(r'^down_revision = "([^"]+)"', joined, re.MULTILINE))
    return set(re.findall(r'^revision = "([^"]+)"', joined, re.MULTILINE)) - built_on


def _applied(connection: Connection) -> set[str]:
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())


def _upgrade(connection: Connection) -> None:
    config = importlib.import_module("alembic.config").Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    importlib.import_module("alembic.command").upgrade(config, "head")


def _create_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def on_connect(connection, _record) -> None:
        connection.isolation_level = None  # SQLAlchemy's `begin` event below opens the transaction itself
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A writer takes the lock at once: a deferred transaction that upgrades later fails with "database is locked".
        if connection.get_execution_options().get("kefu_write"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        # Takes no lock and cannot fail: by way of SQLAlchemy it would cost a third of a short read.
        dbapi: Any = connection.connection.dbapi_connection
        dbapi.execute("BEGIN")

    return engine
