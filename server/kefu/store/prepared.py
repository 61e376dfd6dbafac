"""Statements that every request runs, without what SQLAlchemy does anew for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError


class Prepared:
    """A statement that every request runs: compiled once a dialect, put to the driver itself: a third of the time.

    Values are converted as the columns' types say. An insert or update names its values with `bindparam`: the columns'
    own defaults are not filled in.
    """

    def __init__(self, statement: Select[Any] | Insert | Update) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query, in the connection's transaction if there is one, beginning none; raises what SQLAlchemy
        would."""
        compiled, found = self._run(connection, parameters, lambda cursor: cursor.fetchall())
        return [compiled.converted(row) for row in found] if any(compiled.results) else list(found)

    def change(self, connection: Connection, **parameters: Any) -> int:
        """Run an insert or update in the caller's transaction; how many rows it changed."""
        return int(self._run(connection, parameters, lambda cursor: cursor.rowcount)[1])

    def _run(
        self, connection: Connection, parameters: Mapping[str, Any], take: Callable[[Any], Any]
    ) -> tuple[_Compiled, Any]:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled.of(self._statement, dialect)
        failure: type[Exception] = dialect.loaded_dbapi.Error
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, compiled.bound(parameters))
            return compiled, take(cursor)
        except failure as error:
            raise DBAPIError.instance(compiled.sql, parameters, error, failure, dialect=dialect) from error
        finally:
            cursor.close()


Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """``order`` are the parameters' names for a driver that wants them in order; ``binds`` and ``results`` convert."""

    sql: str
    order: tuple[str, ...] | None
    binds: Mapping[str, Convert]
    results: tuple[Convert, ...]

    @classmethod
    def of(cls, statement: Select[Any] | Insert | Update, dialect: Dialect) -> _Compiled:
        compiled = statement.compile(dialect=dialect)
        order = compiled.positiontup
        binds = {name: b.type.dialect_impl(dialect).bind_processor(dialect) for name, b in compiled.binds.items()}
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        results = tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
        return cls(str(compiled), tuple(order) if order else None, binds, results)

    def bound(self, parameters: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        values = {
            name: convert(parameters[name]) if convert else parameters[name] for name, convert in self.binds.items()
        }
        return tuple(values[name] for name in self.order) if self.order else values

    def converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(convert(value) if convert else value for convert, value in zip(self.results, row, strict=True))
