"""The frozen set: sentences with their intent, and dialogues with their slots, that every means is measured on.

JSON Lines, or CSV, Excel and YAML tables: columns text, label, slots, before. ``slots`` is an object of names and
values ("" = not said), ``before`` a list of [customer, shop] pairs; in a table both are JSON in a cell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from kefu.errors import BadInput
from kefu.jobs.output import write_whole
from kefu.jobs.tables import decode, read_table

OUTSIDE = ("oos", "other", "unknown")
"""Labels that mean: none of the shop's intents."""
_FORM = 'One row like {"text": "还有货吗", "label": "stock_query"} or {"text": "…", "slots": {"product": "…"}}.'


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """``label``: an intent, "" for none of them, None where the row says nothing; ``slots`` likewise."""

    text: str
    label: str | None = None
    slots: Mapping[str, str] | None = None
    before: tuple[tuple[str, str], ...] = ()

    @property
    def spoken(self) -> str:
        """Everything that was said, both sides: a value may come from any of it."""
        return "\n".join((*(part for turn in self.before for part in turn), self.text))

    @property
    def shown(self) -> str:
        """The question with what was said before, in one line."""
        return " / ".join((*(said for said, _ in self.before), self.text))


@dataclass(frozen=True, slots=True)
class FrozenSet:
    """Rows that ask for an intent, rows that ask for slots."""

    intents: tuple[FrozenRow, ...] = ()
    slots: tuple[FrozenRow, ...] = field(default=())

    @property
    def digest(self) -> str:
        """The same for the same rows: two runs can be compared only if theirs are equal."""
        return hashlib.blake2b(b"".join(map(_line, (*self.intents, *self.slots))), digest_size=8).hexdigest()


def read_frozen(path: Path, known: Sequence[str]) -> FrozenSet:
    """Raises BadInput with file and line: broken JSON, no text, an intent that is not among ``known``."""
    rows = []
    for where, values in _json_lines(path) if path.suffix.lower() in (".jsonl", ".ndjson", ".json") else _cells(path):
        row = _row(where, values)
        if row.label and row.label not in known:
            raise BadInput(f"{where}: unknown label “{row.label}”.", f"One of {', '.join(known)}, or other.")
        rows.append(row)
    found = FrozenSet(
        tuple(row for row in rows if row.label is not None), tuple(row for row in rows if row.slots is not None)
    )
    if not found.intents and not found.slots:
        raise BadInput(f"{path.name} has neither labels nor slots.", _FORM)
    return found


def write_frozen(path: Path, frozen: FrozenSet) -> None:
    """As JSON Lines. Raises BadInput if it cannot be written."""
    both = [row for row in frozen.intents if row.slots is not None]
    write_whole(path, b"".join(map(_line, (*frozen.intents, *(row for row in frozen.slots if row not in both)))))


def _line(row: FrozenRow) -> bytes:
    values: dict[str, Any] = {"text": row.text}
    values |= {"label": row.label or "other"} if row.label is not None else {}
    values |= {"slots": dict(row.slots)} if row.slots is not None else {}
    values |= {"before": row.before} if row.before else {}
    return orjson.dumps(values) + b"\n"


def _json_lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Check the path.")
    for number, line in enumerate(decode(path).split("\n"), start=1):
        if line.strip():
            where = f"{path.name} line {number}"
            yield where, _parsed(line, where)


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where}: not JSON ({error}).", _FORM) from error


def _cells(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for row in read_table(path):
        where = f"{path.name} row {row.number}"
        values: dict[str, Any] = {name: text for name, text in row.values.items() if name in ("text", "label")}
        for name in ("slots", "before"):
            if row.values.get(name, "").strip():
                values[name] = _parsed(row.values[name], where)
        yield where, values


def _row(where: str, values: Any) -> FrozenRow:
    if not isinstance(values, dict) or not isinstance(values.get("text"), str) or not values["text"].strip():
        raise BadInput(f"{where} has no text.", _FORM)
    label, slots = values.get("label"), values.get("slots")
    if label is not None and not isinstance(label, str):
        raise BadInput(f"{where}: the label is no text.", _FORM)
    if slots is not None and not (isinstance(slots, dict) and all(isinstance(v, str) for v in slots.values())):
        raise BadInput(f"{where}: slots are no object of texts.", _FORM)
    try:
        before = tuple((str(said), str(reply)) for said, reply in values.get("before") or ())
    except (TypeError, ValueError) as error:
        raise BadInput(f"{where}: before is no list of [customer, shop] pairs.", _FORM) from error
    return FrozenRow(values["text"], "" if label in OUTSIDE else label, slots, before)
