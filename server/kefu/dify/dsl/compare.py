"""Tells whether two files are the same app to Dify: an export differs from its import in what does not matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_GONE = frozenset({"selected", "positionAbsolute", "sourcePosition", "targetPosition", "zIndex", "height", "width"})
_OF_FILE = frozenset({"dependencies", "version", "kind"})
_OF_WORKFLOW = frozenset({"rag_pipeline_variables"})


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, datasets: bool = False) -> list[str]:
    """Paths at which the apps differ in a way that matters.

    Ignored: dependencies and version (Dify fills them in), selection, geometry other than positions, empty values, and
    the dataset ids unless ``datasets`` (an export encrypts them).
    """
    return list(_differ(_essence(before, datasets), _essence(after, datasets), ""))


def _essence(document: Mapping[str, Any], datasets: bool) -> Any:
    workflow = {name: part for name, part in document["workflow"].items() if name not in _OF_WORKFLOW}
    kept = {name: part for name, part in document.items() if name not in _OF_FILE}
    return _clean({**kept, "workflow": workflow}, datasets)


def _clean(value: Any, datasets: bool) -> Any:
    if isinstance(value, Mapping):
        cleaned = {
            name: _clean(part, datasets)
            for name, part in value.items()
            if name not in _GONE and (datasets or name != "dataset_ids")
        }
        return {name: part for name, part in cleaned.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        rows = [_clean(part, datasets) for part in value]
        return (
            {row["id"]: row for row in rows} if rows and all(isinstance(r, dict) and "id" in r for r in rows) else rows
        )
    return value


def _differ(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}, key=str):
            yield from _differ(before.get(name), after.get(name), f"{path}/{name}")
    elif before != after:
        yield path
