"""Files of sentences: JSON Lines, one object with “text” (and “label”) a line; CSV, Excel and YAML tables as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from kefu.core.intents import Example
from kefu.errors import BadInput, NotFound
from kefu.jobs.tables import read_table


def read_examples(path: Path, column: str = "label") -> list[Example]:
    """The labelled sentences of ``path``; null text or label is empty. Raises BadInput naming the line."""
    return [Example(text, label) for text, label in _rows(path, ("text", column))]


def read_texts(path: Path) -> list[str]:
    """The sentences of ``path`` as they stand there, in order, one for each row."""
    return [text for (text,) in _rows(path, ("text",))]


def _rows(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if path.suffix.lower() not in (".jsonl", ".ndjson", ".json", ""):
        for row in read_table(path):
            yield tuple(_cell(row.values, name, f"{path.name} row {row.number}") for name in wanted)
        return
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                where = f"{path.name} line {number}"
                yield tuple(_cell(_parsed(line, where), name, where) for name in wanted)


def _parsed(line: str, where: str) -> dict:
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{where} is no JSON.", 'Write one object a line, like {"text": "…", "label": "…"}.') from error
    if not isinstance(found, dict):
        raise BadInput(f"{where} is no object.", 'Write one object a line, like {"text": "…", "label": "…"}.')
    return found


def _cell(values: dict, name: str, where: str) -> str:
    if name not in values:
        raise BadInput(f"{where} has no “{name}”.", 'Write one object a line, like {"text": "…", "label": "…"}.')
    value = values[name]
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
