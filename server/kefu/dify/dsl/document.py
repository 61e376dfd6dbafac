"""A rendered or exported app as the checks see it: nodes and edges by name, references found in texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REFERENCE = re.compile(r"\{\{#([^#{}]+)#\}\}")


@dataclass(frozen=True, slots=True)
class Link:
    """One edge; ``handle`` is the exit of its source."""

    source: str
    handle: str
    target: str


@dataclass(frozen=True, slots=True)
class AppDocument:
    """The parts of the file that decide whether it runs. ``nodes`` maps id → data, in file order, without notes."""

    raw: Mapping[str, Any]
    mode: str
    nodes: Mapping[str, Mapping[str, Any]]
    links: tuple[Link, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> AppDocument:
        """Raises KeyError, TypeError or AttributeError where the file lacks what every app has."""
        graph = raw["workflow"]["graph"]
        nodes = {row["id"]: row["data"] for row in graph["nodes"] if row.get("type") != "custom-note"}
        links = tuple(Link(row["source"], row.get("sourceHandle", "source"), row["target"]) for row in graph["edges"])
        return cls(raw, raw["app"]["mode"], nodes, links)

    @property
    def version(self) -> tuple[int, ...]:
        """``0.6.0`` → (0, 6, 0); a part that is no number counts as 0."""
        return tuple(int(part) if part.isdigit() else 0 for part in str(self.raw.get("version")).split("."))

    def doubled_ids(self) -> frozenset[str]:
        """Ids that more than one node of the file has; ``nodes`` keeps the last."""
        ids = [row["id"] for row in self.raw["workflow"]["graph"]["nodes"]]
        return frozenset(name for name in ids if ids.count(name) > 1)

    def of_type(self, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((node_id, data) for node_id, data in self.nodes.items() if data.get("type") in types)

    def exits(self, node_id: str) -> frozenset[str]:
        """The handles that this node has."""
        data = self.nodes[node_id]
        kind = data.get("type")
        if kind == "if-else":
            handles = {case["case_id"] for case in data.get("cases") or ()} | {"false"}
        elif kind == "question-classifier":
            handles = {row["id"] for row in data.get("classes") or ()}
        else:
            handles = set() if kind == "end" else {"source"}
        return frozenset(handles | ({"fail-branch"} if data.get("error_strategy") == "fail-branch" else set()))


def references(value: Any, key: str = "") -> Iterator[tuple[str, ...]]:
    """Every variable that a node's data names: ``{{#a.b#}}`` in texts and selector lists."""
    if isinstance(value, str):
        yield from (tuple(found.split(".")) for found in REFERENCE.findall(value) if found != "context")
    elif isinstance(value, Mapping):
        if value.get("type") == "variable" and isinstance(value.get("value"), list):
            yield tuple(value["value"])
        if value.get("input_type") == "variable" and isinstance(value.get("value"), list):
            yield tuple(value["value"])
        for name, part in value.items():
            yield from references(part, name)
    elif isinstance(value, list):
        is_selector = key.endswith("selector") or key == "query"
        if is_selector and value and all(isinstance(part, str) for part in value):
            yield tuple(value)
        else:
            for part in value:
                yield from references(part, "selector" if key == "variables" and isinstance(part, list) else "")
