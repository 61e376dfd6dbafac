"""Pull a table from where the shop keeps it (an HTTP endpoint, any SQL database) into an import kind."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from kefu.errors import BadInput, Unavailable
from kefu.jobs.imports import ImportKind, ImportReport, run_import
from kefu.jobs.tables import SEPARATOR, TableRow
from kefu.store.db import Database

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
MOST_BYTES = 200_000_000
"""A larger answer is refused: page it, or export a file."""


@dataclass(frozen=True, slots=True)
class PullSource:
    """``place``: an http(s) address or an SQLAlchemy URL. ``query``: SQL for a database.

    ``rows_at``: dotted path to the list in a JSON answer (``data.items``); ``rename``: their column → ours.
    """

    place: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    rows_at: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_http(self) -> bool:
        return self.place.startswith(("http://", "https://"))

    @property
    def shown(self) -> str:
        """The place without user name and password."""
        parts = urlsplit(self.place)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def pull(
    db: Database,
    shop_id: int,
    kind: ImportKind,
    source: PullSource,
    *,
    preview: bool = False,
    keep_going: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import what ``source`` gives now, with the same checks and per-row results as a file.

    Raises Unavailable (cannot be reached, says no) and BadInput (what it gives is no table).
    """
    rows = read_http(source) if source.is_http else read_sql(source)
    filled = replace(kind, reader=lambda _path: _fill(kind, source, rows))
    return run_import(
        db, shop_id, filled, Path(source.shown), preview=preview, keep_going=keep_going, progress=progress
    )


def _fill(kind: ImportKind, source: PullSource, rows: Iterator[Mapping[str, Any]]) -> Iterator[TableRow]:
    """Rows as a file's reader gives them."""
    for number, row in enumerate(rows, start=1):
        yield TableRow(
            number, {source.rename.get(name, name).strip().lower(): _cell(value) for name, value in row.items()}
        )


def read_sql(source: PullSource) -> Iterator[Mapping[str, Any]]:
    """Rows of the query, streamed."""
    if not source.query.strip():
        raise BadInput("A database needs a query.", "Give a SELECT whose columns are named like the kind's.")
    try:
        engine = create_engine(source.place)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise BadInput(
            f"{source.shown} is no database we can open.", "Give an SQLAlchemy URL like postgresql+psycopg://…"
        ) from error
    try:
        with engine.connect().execution_options(stream_results=True) as connection:
            for row in connection.execute(text(source.query)).mappings():
                yield {str(name): value for name, value in row.items()}
    except SQLAlchemyError as error:
        raise Unavailable(
            f"{source.shown} did not answer the query: {getattr(error, 'orig', None) or type(error).__name__}.",
            "Check the query and that the database can be reached.",
        ) from error
    finally:
        engine.dispose()


def read_http(source: PullSource) -> Iterator[Mapping[str, Any]]:
    """Rows of a JSON answer (a list, or at ``rows_at``), of JSON Lines, or of CSV."""
    response = _get(source)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "csv" in kind or urlsplit(source.place).path.endswith(".csv"):
        yield from _csv(response.text, source)
        return
    try:
        if "ndjson" in kind or "jsonl" in kind:
            rows = [json.loads(line) for line in response.text.splitlines() if line.strip()]
        else:
            rows = _at(response.json(), source)
    except ValueError as error:
        raise BadInput(f"{source.shown} answered no JSON.", "It should answer JSON, JSON Lines or CSV.") from error
    for row in rows:
        if not isinstance(row, dict):
            raise BadInput(f"{source.shown} answered a list of {type(row).__name__}.", "Each row is an object.")
        yield row


def _get(source: PullSource) -> httpx.Response:
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream("GET", source.place, headers=dict(source.headers)) as response,
        ):
            if response.status_code != 200:
                raise Unavailable(
                    f"{source.shown} answered {response.status_code}.", "Check the address and its token."
                )
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise BadInput(f"{source.shown} answers over {MOST_BYTES} bytes.", "Page it, or import a file.")
    except httpx.HTTPError as error:
        raise Unavailable(f"{source.shown} cannot be read: {error or type(error).__name__}.", "Is it up?") from error
    return httpx.Response(200, headers={"content-type": response.headers.get("content-type", "")}, content=bytes(body))


def _at(answer: Any, source: PullSource) -> list[Any]:
    for name in filter(None, source.rows_at.split(".")):
        answer = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(answer, list):
        where = f" at {source.rows_at}" if source.rows_at else ""
        raise BadInput(f"{source.shown} answered no list{where}.", "Say where it is with --rows-at, like data.items.")
    return answer


def _csv(body: str, source: PullSource) -> Iterator[Mapping[str, str]]:
    reader = csv.DictReader(io.StringIO(body.removeprefix("\ufeff"), newline=""), restkey="")
    try:
        for row in reader:
            if "" in row:
                raise BadInput(f"{source.shown} line {reader.line_num}: more cells than columns.", "Quote commas.")
            yield row
    except csv.Error as error:
        raise BadInput(f"{source.shown} line {reader.line_num}: {error}.", "It should be CSV UTF-8.") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return SEPARATOR.join(_cell(one) for one in value)
    if isinstance(value, dict):
        return SEPARATOR.join(f"{name}={_cell(one)}" for name, one in value.items())
    return str(value).strip()
