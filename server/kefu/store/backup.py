"""The whole store as one compressed file, and back: the same for SQLite and PostgreSQL, so it also moves a shop."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import batched
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select
from sqlalchemy.types import Date, DateTime, LargeBinary

from kefu.errors import BadInput, Conflict
from kefu.store.db import Database, newest_revisions

FORMAT = 1
_BATCH = 1_000
_SKIPPED = {"alembic_version"}

Say = Callable[[str, int], None]
"""Told each table with its rows."""


def write_backup(db: Database, path: Path, say: Say = lambda table, rows: None) -> int:
    """Write every row of one moment to ``path``; how many. The file appears whole or not at all, for its owner only.

    It holds upstream keys and webhook secrets. Raises BadInput if it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    total = 0
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(handle, "wb") as raw,
            gzip.open(raw, "wt", encoding="utf-8") as file,
            db.read_one_moment() as connection,
        ):
            head = {
                "kefu_backup": FORMAT,
                "schema": sorted(newest_revisions()),
                "made_at": datetime.now(UTC).isoformat(),
            }
            file.write(json.dumps(head) + "\n")
            for table in _tables(connection):
                rows = _dump(connection, table, file)
                say(table.name, rows)
                total += rows
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error
    return total


def restore_backup(db: Database, path: Path, *, replace: bool = False, say: Say = lambda table, rows: None) -> int:
    """Put a backup's rows in place of all present ones, in one transaction; how many.

    Raises BadInput for a file that is no backup, is cut off, or has another schema, and Conflict if the store holds
    shops and ``replace`` is not set; then nothing is changed.
    """
    total = 0
    with db.write() as connection:
        tables = {table.name: table for table in _tables(connection)}
        if not replace and connection.execute(select(func.count()).select_from(tables["shops"])).scalar_one():
            raise Conflict("The store holds shops already.", "Add --replace to put the backup in their place.")
        for table in reversed(list(tables.values())):
            connection.execute(table.delete())
        for name, rows in _parts(path):
            if name not in tables:
                raise BadInput(f"{path} has rows of {name!r}, which this store lacks.", "Use the kefu that made it.")
            table = tables[name]
            values = [{column.name: _decoded(column, row[column.name]) for column in table.columns} for row in rows]
            connection.execute(insert(table), values)
            say(name, len(values))
            total += len(values)
        _set_sequences(connection, tables.values())
    return total


def _tables(connection: Connection) -> list[Table]:
    """What the database really has, each after those it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in _SKIPPED]


def _dump(connection: Connection, table: Table, file: TextIO) -> int:
    count = 0
    result = connection.execution_options(yield_per=_BATCH).execute(select(table).order_by(*table.primary_key.columns))
    for row in result.mappings():
        values = {column.name: _encoded(row[column.name]) for column in table.columns}
        file.write(json.dumps([table.name, values], ensure_ascii=False) + "\n")
        count += 1
    return count


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _decoded(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


def _parts(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table at a time, at most `_BATCH`."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            _check_head(path, file.readline())
            for lines in batched(file, _BATCH):
                yield from _by_table(map(json.loads, lines))
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.", "Name one that `./kefu backup` wrote.") from error
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise BadInput(f"{path} is damaged or no backup: {error}.", "Nothing was changed. Use another one.") from error


def _by_table(rows: Iterator[Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    name, held = "", list[dict[str, Any]]()
    for table, values in rows:
        if table != name and held:
            yield name, held
            held = []
        name = table
        held.append(values)
    if held:
        yield name, held


def _check_head(path: Path, line: str) -> None:
    head = json.loads(line)
    if not isinstance(head, dict) or head.get("kefu_backup") != FORMAT:
        raise BadInput(f"{path} is no backup of kefu.", "Name a file that `./kefu backup` wrote.")
    if head["schema"] != sorted(newest_revisions()):
        raise BadInput(
            f"{path} has schema {', '.join(head['schema'])}, this kefu {', '.join(sorted(newest_revisions()))}.",
            "Restore it with the kefu that made it, then upgrade: the data move along.",
        )


def _set_sequences(connection: Connection, tables: Any) -> None:
    """PostgreSQL hands out ids by a counter that rows with given ids do not move."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        key = next((column for column in table.primary_key if column.name == "id"), None)
        if key is not None and "nextval" in str(key.server_default.arg if key.server_default is not None else ""):
            highest = select(func.coalesce(func.max(key), 0) + 1)
            name = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(name, highest.scalar_subquery(), False)))
