"""Write what a shop has as a table that `import` reads: CSV, Excel, YAML, JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import yaml
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError

from kefu.errors import BadInput
from kefu.jobs.imports import ImportKind

Rows = Iterable[Mapping[str, str]]


def write_table(kind: ImportKind, items: Iterable[Any], form: str) -> bytes:
    """``items`` in the columns of ``kind``; ``form`` is one of WRITERS. Raises BadInput."""
    if kind.dump is None:
        raise BadInput(f"{kind.name} cannot be exported.", "Keep the file that you imported.")
    writer = WRITERS.get(form.lower().lstrip("."))
    if writer is None:
        raise BadInput(f"“{form}” is no form of a table.", f"Use one of {', '.join(WRITERS)}.")
    return writer([column.name for column in kind.columns], map(kind.dump, items))


def _csv(names: Sequence[str], rows: Rows) -> bytes:
    """UTF-8 with a byte order mark, by which Excel knows that it is UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _excel(names: Sequence[str], rows: Rows) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("kefu")
    sheet.append(list(names))
    for row in rows:
        sheet.append([_text_cell(sheet, row.get(name, "")) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    """A cell that stays text, also where it begins like a formula."""
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError as error:
        raise BadInput(f"Excel cannot hold “{text[:40]!r}”.", "Export as CSV or YAML.") from error
    cell.data_type = "s"
    return cell


def _yaml(names: Sequence[str], rows: Rows) -> bytes:
    table = [_filled(names, row) for row in rows]
    return yaml.safe_dump(table, allow_unicode=True, sort_keys=False, width=120).encode()


def _json_lines(names: Sequence[str], rows: Rows) -> bytes:
    return "".join(json.dumps(_filled(names, row), ensure_ascii=False) + "\n" for row in rows).encode()


def _filled(names: Sequence[str], row: Mapping[str, str]) -> dict[str, str]:
    return {name: row[name] for name in names if row.get(name)}


WRITERS: dict[str, Callable[[Sequence[str], Rows], bytes]] = {
    "csv": _csv,
    "xlsx": _excel,
    "yaml": _yaml,
    "jsonl": _json_lines,
}
"""Ending of the file → how it is written."""
