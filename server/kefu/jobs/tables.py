"""Read a table of text from what people have: CSV (UTF-8, BOM, GBK), Excel, JSON Lines, YAML."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from kefu.errors import BadInput, NotFound

SEPARATOR = "|"
"""Joins several values in one cell; a list in JSON or YAML is joined with it."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """``number`` is the line or row a person finds in the file; header names are trimmed and lower-case."""

    number: int
    values: dict[str, str]


def read_table(path: Path) -> Iterator[TableRow]:
    """The rows of ``path``, streamed where the format allows. Raises NotFound, BadInput (file, line, what to do)."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name}: unknown kind of file.", f"Use one of {', '.join(READERS)}.")
    yield from reader(path)


def decode(path: Path) -> str:
    """The text of ``path``: UTF-8 with or without BOM, else GB 18030 (which covers GBK), else BadInput."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path.name} is neither UTF-8 nor GBK text.", "Save it as CSV UTF-8 and try again.")


def _read_csv(path: Path) -> Iterator[TableRow]:
    text = decode(path)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if header is None:
                header = _header(cells, path.name)
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(header):
                    raise BadInput(
                        f"{path.name} line {reader.line_num}: {len(cells)} cells, the header has {len(header)}.",
                        "Put text that holds a comma in double quotes.",
                    )
                yield TableRow(reader.line_num, _row(header, cells))
    except csv.Error as error:
        raise BadInput(f"{path.name} line {reader.line_num}: {error}.", "Save the file as CSV UTF-8 again.") from error


def _read_excel(path: Path) -> Iterator[TableRow]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        raise BadInput(f"{path.name} cannot be read as Excel.", "Save it as .xlsx (not .xls) and try again.") from error
    try:
        sheet = book.worksheets[0]
        header: list[str] | None = None
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            texts = ["" if cell is None else _plain(cell) for cell in cells]
            if header is None:
                header = _header(texts, path.name)
            elif any(text.strip() for text in texts):
                yield TableRow(number, _row(header, texts[: len(header)]))
    finally:
        book.close()


def _read_json_lines(path: Path) -> Iterator[TableRow]:
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            try:
                row = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
            except (UnicodeDecodeError, json.JSONDecodeError) as error:
                raise BadInput(
                    f"{path.name} line {number}: not JSON ({error}).", "One JSON object a line, UTF-8."
                ) from error
            yield TableRow(number, _mapping(row, path.name, number))


def _read_yaml(path: Path) -> Iterator[TableRow]:
    try:
        rows = yaml.safe_load(decode(path))
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name}: not YAML ({error}).", "Check indentation and quotes.") from error
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list):
        raise BadInput(f"{path.name}: expected a list of rows.", "Begin each row with “- ”.")
    for number, row in enumerate(rows, start=1):
        yield TableRow(number, _mapping(row, path.name, number))


READERS: dict[str, Callable[[Path], Iterator[TableRow]]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".xlsx": _read_excel,
    ".jsonl": _read_json_lines,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    doubled = {cell for cell in header if cell and header.count(cell) > 1}
    if doubled:
        raise BadInput(f"{name}: the header names {', '.join(sorted(doubled))} twice.", "Name each column once.")
    if not any(header):
        raise BadInput(f"{name}: the first line is empty.", "The first line must name the columns.")
    return header


def _row(header: list[str], cells: list[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}


def _mapping(row: object, name: str, number: int) -> dict[str, str]:
    if not isinstance(row, dict):
        raise BadInput(f"{name} row {number}: expected names and values.", "Write each row as a mapping.")
    return {str(key).strip().lower(): _plain(value) for key, value in row.items()}


def _plain(value: object) -> str:
    """Text of a cell: lists joined with ``|``, mappings as JSON, whole floats without ``.0``, nothing as ``""``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return SEPARATOR.join(_plain(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()
