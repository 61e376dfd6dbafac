"""Which Dify takes which DSL: ``dify_apps/versions.yaml``, and the steps that an older Dify needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from kefu.dify.dsl.places import APPS
from kefu.errors import BadInput

Graph = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DifyVersion:
    """``dify`` is the first Dify of the row, ``dsl`` the format's version, ``steps`` names of STEPS."""

    dify: str
    dsl: str
    steps: tuple[str, ...] = ()


@cache
def versions() -> tuple[DifyVersion, ...]:
    raw = yaml.safe_load((APPS / "versions.yaml").read_text(encoding="utf-8"))
    return tuple(DifyVersion(row["dify"], row["dsl"], tuple(row["steps"])) for row in raw["versions"])


@cache
def default_version() -> DifyVersion:
    raw = yaml.safe_load((APPS / "versions.yaml").read_text(encoding="utf-8"))
    return version_for(raw["default"])


def version_for(dify: str) -> DifyVersion:
    """The row for a Dify version such as ``1.14`` or ``1.14.2``: the newest that is not above it. Raises BadInput."""
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", dify):
        raise BadInput(f"“{dify}” is no Dify version.", "Write it like 1.14.")
    fitting = [row for row in versions() if _key(row.dify) <= _key(dify)]
    if not fitting:
        raise BadInput(
            f"Dify {dify} is older than our apps support.", f"The oldest is {versions()[0].dify}; upgrade Dify."
        )
    return fitting[-1]


def _key(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def boolean_as_number(graph: Graph) -> None:
    """Before 1.8 there is no boolean: a tool's or Code node's is kept as 0 or 1, a condition's value must be text."""
    for node in graph["nodes"]:
        for output in node["data"].get("outputs", ()) if node["data"]["type"] == "code" else ():
            if node["data"]["outputs"][output]["type"] == "boolean":
                node["data"]["outputs"][output]["type"] = "number"
        for case in node["data"].get("cases", ()):
            for condition in case["conditions"]:
                if isinstance(condition.get("value"), bool):
                    number = "1" if condition["value"] else "0"
                    condition.update(varType="number", comparison_operator="=", value=number)


STEPS: Mapping[str, Callable[[Graph], None]] = {"boolean_as_number": boolean_as_number}
"""Changes the finished graph in place, for a Dify whose format differs."""
