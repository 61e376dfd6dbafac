"""Dify's metadata conditions (its knowledge-retrieval node, manual filtering), applied to an entry's metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kefu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; ``name`` is a metadata field."""

    name: str
    operator: str
    value: str


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda have, want: want in have,
    "not contains": lambda have, want: want not in have,
    "start with": lambda have, want: have.startswith(want),
    "end with": lambda have, want: have.endswith(want),
    "is": lambda have, want: have == want,
    "is not": lambda have, want: have != want,
    "empty": lambda have, want: have == "",
    "not empty": lambda have, want: have != "",
    "in": lambda have, want: have in [part.strip() for part in want.split(",")],
    "not in": lambda have, want: have not in [part.strip() for part in want.split(",")],
    "=": lambda have, want: have == want or _number(have) == _number(want),
    "≠": lambda have, want: have != want and _number(have) != _number(want),
    ">": lambda have, want: _number(have) > _number(want),
    "<": lambda have, want: _number(have) < _number(want),
    "≥": lambda have, want: _number(have) >= _number(want),
    "≤": lambda have, want: _number(have) <= _number(want),
    "before": lambda have, want: bool(have) and have < want,
    "after": lambda have, want: bool(have) and have > want,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """All (``and``) or any (``or``) of ``rows``; no rows means everything passes."""

    rows: tuple[Condition, ...] = ()
    any_of: bool = False

    def accept(self, metadata: Mapping[str, str]) -> bool:
        if not self.rows:
            return True
        results = (OPERATORS[row.operator](metadata.get(row.name, ""), row.value) for row in self.rows)
        return any(results) if self.any_of else all(results)


def parse_conditions(raw: Any) -> Conditions:
    """Dify's ``metadata_condition`` object, null included. Raises BadInput for an operator that we do not know."""
    if not isinstance(raw, Mapping):
        return Conditions()
    rows: list[Condition] = []
    given = raw.get("conditions") or []
    if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
        raise BadInput("“conditions” is no list of objects.", "Each has name, comparison_operator and value.")
    for item in given:
        names = item.get("name")
        operator = str(item.get("comparison_operator", "")).strip()
        if operator not in OPERATORS:
            raise BadInput(f"Unknown comparison operator “{operator}”.", f"Known: {', '.join(OPERATORS)}.")
        value = item.get("value")
        text = ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
        rows.extend(Condition(str(name), operator, text) for name in (names if isinstance(names, list) else [names]))
    return Conditions(tuple(rows), str(raw.get("logical_operator", "and")).lower() == "or")
