"""Insert rows, replace or delete those of the same primary key, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, and_, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

BATCH = 5_000


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], counts: str = "") -> None:
    """Write ``rows`` (all with the same columns). ``counts`` names a column that a replaced row counts up instead."""
    if not rows:
        return
    statement = _statement(table, connection.dialect.name, tuple(rows[0]), counts)
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, [dict(row) for row in rows[start : start + BATCH]])


def delete_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Delete what has the primary keys of ``rows``."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = table.delete().where(and_(*(table.c[key] == bindparam(f"the_{key}") for key in keys)))
    connection.execute(statement, [{f"the_{key}": row[key] for key in keys} for row in rows])


@lru_cache
def _statement(table: Table, dialect: str, columns: tuple[str, ...], counts: str) -> Insert:
    """Built once: building costs more than running it for one row."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    changes: dict[str, Any] = {name: statement.excluded[name] for name in columns if name not in keys}
    if counts:
        changes[counts] = table.c[counts] + 1
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)


def insert_or_skip(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert ``row`` unless one of its keys is there; says whether it was inserted."""
    return connection.execute(_skipping(table, connection.dialect.name), dict(row)).first() is not None


@lru_cache
def _skipping(table: Table, dialect: str) -> ReturningInsert[Any]:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table).on_conflict_do_nothing()
    return statement.returning(next(iter(table.primary_key)))
