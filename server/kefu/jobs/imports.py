"""Import a table into a shop: preview, per-row result, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import Connection

from kefu.core.text import first_few
from kefu.errors import BadInput, KefuError
from kefu.jobs.tables import TableRow, read_table
from kefu.store.db import Database

Status = Literal["new", "changed", "same", "skipped", "removed", "error"]

STATUSES: tuple[Status, ...] = get_args(Status)

SHOWN_CELLS = 3
"""Cells that are shown of an item that is taken away."""

Numbered = tuple[int, Any]
"""An item with the number of the row that gave it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an import file. ``aliases`` are other headers that people use for it, e.g. Chinese ones.

    ``default`` fills its cells where the file has no such column; an empty cell of the column stays empty.
    """

    name: str
    help: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    default: str = ""


class BadCells(BadInput):
    """Several cells of a row may be wrong: ``wrong`` has each one's error by its column. Each is a line of the message
    with its own hint."""

    def __init__(self, wrong: Mapping[str, KefuError]) -> None:
        super().__init__("\n".join(map(str, wrong.values())))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How one kind of file becomes rows of the store.

    ``parse`` turns one row's cells (all columns present, ``""`` = empty) into items, or raises KefuError; a row may
    give several. ``settle`` completes the items by what other rows and the shop's present items say, before anything
    else looks at them. ``key`` names an item within its kind. A row that gives an item again counts once; a later row
    of the same key replaces an earlier one unless ``merge`` combines both or ``unique`` makes it an error. ``load``
    gives the shop's present items by key; ``save`` stores new and changed items and bumps the revision, ``remove``
    takes items away (None: a file of this kind never does), those of each ``part`` of which a file has some. ``warn``
    looks at items with their row numbers before they are saved, gives sentences about what is no error but may be a
    slip, and raises BadInput for what no row alone can tell.
    ``reader`` reads files that are no plain table. ``advice`` tells an owner how to write what the columns do not say.
    """

    name: str
    help: str
    columns: tuple[Column, ...]
    parse: Callable[[Mapping[str, str]], Iterable[Any]]
    key: Callable[[Any], str]
    load: Callable[[Connection, int], dict[str, Any]]
    save: Callable[[Connection, int, list[Any]], None]
    remove: Callable[[Connection, int, list[Any]], object] | None = None
    part: Callable[[Any], str] = lambda _: ""
    dump: Callable[[Any], Mapping[str, str]] | None = None
    settle: Callable[[Connection, int, Mapping[str, Any], list[Numbered]], list[Numbered]] | None = None
    merge: Callable[[Any, Any], Any] | None = None
    unique: bool = False
    warn: Callable[[Connection, int, Sequence[Numbered]], Iterable[str]] | None = None
    reader: Callable[[Path], Iterable[TableRow]] = read_table
    advice: str = ""

    @property
    def sample(self) -> Path:
        """A small file of this kind, with Chinese headers, of a shop that is invented: to copy and fill in."""
        return Path(__file__).parent / "samples" / f"{self.name}.csv"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What one row did, or would do in a preview; ``number`` 0 is of what the shop had and the file has not.
    ``message`` says why for errors, a line for each cell."""

    number: int
    status: Status
    key: str
    message: str = ""

    def told(self) -> str:
        """The row as a person reads it."""
        row = f"row {self.number}: " if self.number else ""
        return " ".join(filter(None, (f"{row}{self.status}", self.key, self.message))).replace("\n", "\n  ")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of one file; nothing was written if ``preview`` or if an error stopped it (``written`` tells).

    ``warnings`` are sentences about what was taken but may be a slip; files may come in any order.
    """

    kind: str
    rows: tuple[RowResult, ...]
    written: bool
    warnings: tuple[str, ...] = ()

    def count(self, status: Status) -> int:
        return sum(row.status == status for row in self.rows)

    def summary(self) -> str:
        parts = [f"{self.count(s)} {s}" for s in STATUSES if self.count(s)]
        return f"{self.kind}: {', '.join(parts) or 'no rows'}{'' if self.written else ' (nothing written)'}"


def run_import(
    db: Database,
    shop_id: int,
    kind: ImportKind,
    path: Path,
    *,
    preview: bool = False,
    overwrite: bool = True,
    keep_going: bool = False,
    prune: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import ``path`` in one transaction; with errors nothing is written unless ``keep_going``. ``prune`` takes away
    what the shop has of this kind and the file has not; raises BadInput where that cannot be meant.

    ``progress`` gets the number of rows read, every 1,000.
    """
    if prune and kind.remove is None:
        raise BadInput(f"A file of {kind.name} takes nothing away.", "Import it without --prune.")
    if prune and keep_going:
        raise BadInput("A wrong row would take away what it stands for.", "Use --prune without --keep-going.")
    items, results, unused = parse_rows(kind, path, progress)
    warnings = [f"Columns not used: {', '.join(unused)}."] if unused else []
    with db.write() as connection:
        present = kind.load(connection, shop_id)
        items = kind.settle(connection, shop_id, present, items) if kind.settle else items
        if not kind.merge:
            items, doubled, replaced = _once(kind, items)
            results += doubled
            warnings += [f"Given more than once, the last counts: {listed(replaced)}."] if replaced else []
        warnings += kind.warn(connection, shop_id, items) if kind.warn else ()
        wanted: dict[str, Any] = {}
        for number, item in items:
            key = kind.key(item)
            if key in wanted and kind.merge:
                wanted[key] = kind.merge(wanted[key], item)
                continue
            wanted[key] = item
            results.append(RowResult(number, _status(present, key, item, overwrite), key))
        if kind.merge:  # a merged item is known only now
            results = [
                row
                if row.status == "error"
                else RowResult(row.number, _status(present, row.key, wanted[row.key], overwrite), row.key)
                for row in results
            ]
        results.sort(key=lambda row: row.number)
        failed = any(row.status == "error" for row in results)
        gone = _gone(kind, present, wanted) if prune and not failed else {}
        results += [RowResult(0, "removed", key, _in_short(kind, item)) for key, item in gone.items()]
        written = not preview and (keep_going or not failed)
        if written:
            change = {row.key for row in results if row.status in ("new", "changed")}
            kind.save(connection, shop_id, [item for key, item in wanted.items() if key in change])
            if gone and kind.remove:
                kind.remove(connection, shop_id, list(gone.values()))
    return ImportReport(kind.name, tuple(results), written, tuple(warnings))


def _gone(kind: ImportKind, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the shop has and the file has not. Raises BadInput for a file without rows."""
    if not wanted:
        raise BadInput("The file has no rows: nothing would be left.", "Import it without --prune.")
    parts = {kind.part(item) for item in wanted.values()}
    return {key: item for key, item in present.items() if key not in wanted and kind.part(item) in parts}


def _in_short(kind: ImportKind, item: Any) -> str:
    """The first cells of an item as a person knows it."""
    cells = kind.dump(item).values() if kind.dump else ()
    return " · ".join([" ".join(cell.split())[:40] for cell in cells if cell][:SHOWN_CELLS])


def listed(rows_of: Mapping[str, Sequence[int]], most: int = 10) -> str:
    """Values with the rows they are in, as a person reads them: ``X1 (row 3), X2 (rows 4, 7) and 12 more``; without
    rows the values alone."""
    parts = [
        f"{value} (row{'s' if len(rows) > 1 else ''} {first_few([*map(str, rows)], most)})" if rows else value
        for value, rows in list(rows_of.items())[:most]
    ]
    return ", ".join(parts) + (f" and {len(rows_of) - most} more" if len(rows_of) > most else "")


def parse_rows(
    kind: ImportKind, path: Path, progress: Callable[[int], None] | None = None
) -> tuple[list[Numbered], list[RowResult], list[str]]:
    """Items with their row numbers, one error result for each row that is wrong, and the headers that nobody knows."""
    items: list[Numbered] = []
    errors: list[RowResult] = []
    known = _known_headers(kind)
    names: dict[str, str] = {}
    unused: dict[str, None] = {}
    for count, row in enumerate(kind.reader(path), start=1):
        if count == 1:
            _check_columns(kind, known, row.values, path.name)
        names.update({header: known[header] for header in row.values if header in known})
        unused.update(dict.fromkeys(header for header in row.values if header not in known))
        cells = {column.name: column.default for column in kind.columns}
        cells.update({names[header]: value for header, value in row.values.items() if header in names})
        try:
            items.extend((row.number, item) for item in _parse_row(kind, cells))
        except KefuError as error:
            errors.append(RowResult(row.number, "error", "", str(error)))
        if progress and count % 1000 == 0:
            progress(count)
    return items, errors, list(unused)


def _once(kind: ImportKind, items: Iterable[Numbered]) -> tuple[list[Numbered], list[RowResult], dict[str, list[int]]]:
    """The items to import; a result for each row that says the same again or, where ``unique``, contradicts; the rows
    of each key whose last row replaces the others."""
    rows_of: dict[str, list[Numbered]] = {}
    for number, item in items:
        rows_of.setdefault(kind.key(item), []).append((number, item))
    kept: list[Numbered] = []
    told: list[RowResult] = []
    replaced: dict[str, list[int]] = {}
    for key, rows in rows_of.items():
        first = rows[0]
        if all(item == first[1] for _, item in rows):
            kept.append(first)
            told += [RowResult(number, "same", key, f"as row {first[0]}") for number, _ in rows[1:]]
        elif kind.unique:
            numbers = " and ".join(str(number) for number, _ in rows)
            said = f"Rows {numbers} all say what {key} is, but not the same. Keep one of them, or correct its id."
            told += [RowResult(number, "error", key, said) for number, _ in rows]
        else:
            kept += rows
            replaced[key] = [number for number, _ in rows]
    return kept, told, replaced


def _parse_row(kind: ImportKind, cells: Mapping[str, str]) -> Iterable[Any]:
    """The row's items. Raises KefuError that tells all its cells that are empty or wrong."""
    empty = [column.name for column in kind.columns if column.required and not cells[column.name]]
    if not empty:
        return kind.parse(cells)
    missing = BadInput(f"{', '.join(empty)} is empty.", "Fill it in.")
    try:
        kind.parse(cells)
    except BadCells as error:
        others = {column: one for column, one in error.wrong.items() if column not in empty}
        raise BadCells({"": missing, **others}) from error
    except KefuError:
        pass  # it may only say again that the cell is empty
    raise missing


def _known_headers(kind: ImportKind) -> dict[str, str]:
    """Header as people may write it → column name."""
    return {alias.lower(): column.name for column in kind.columns for alias in (column.name, *column.aliases)}


def _check_columns(kind: ImportKind, known: Mapping[str, str], values: Mapping[str, str], file: str) -> None:
    """Raises BadInput if a required column is not there at all. Rows of YAML and JSON Lines may add others later."""
    present = {known[header] for header in values if header in known}
    needed = [column for column in kind.columns if column.required and not column.default]
    absent = [column for column in needed if column.name not in present]
    if absent:
        wanted = ", ".join(f"{one.name} ({'/'.join(one.aliases)})" if one.aliases else one.name for one in absent)
        unknown = ", ".join(header for header in values if header not in known)
        raise BadInput(
            f"{file} has no column {wanted}." + (f" Not known in it: {unknown}." if unknown else ""),
            f"`./kefu import --help {kind.name}` shows the columns of a {kind.name} file.",
        )


def _status(present: Mapping[str, Any], key: str, item: Any, overwrite: bool) -> Status:
    if key not in present:
        return "new"
    if present[key] == item:
        return "same"
    return "changed" if overwrite else "skipped"
