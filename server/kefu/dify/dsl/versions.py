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
    """``dify`` is the first Dify of the row, ``dsl`` the format's version, ``steps`` names of STEPS.

    ``encrypted_datasets``: an import takes dataset ids only encrypted (``dataset_ids.encrypted``).
    """

    dify: str
    dsl: str
    steps: tuple[str, ...] = ()
    encrypted_datasets: bool = False


@cache
def versions() -> tuple[DifyVersion, ...]:
    raw = yaml.safe_load((APPS / "versions.yaml").read_text(encoding="utf-8"))
    return tuple(
        DifyVersion(row["dify"], row["dsl"], tuple(row["steps"]), row.get("dataset_ids") == "encrypted")
        for row in raw["versions"]
    )


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


def no_error_branch_on_classifiers(graph: Graph) -> None:
    """Before 1.9 only tool, LLM, code and HTTP nodes may fail into a branch.

    A classifier or extractor that asks for it loses all its other edges: the run succeeds with an empty answer (seen
    on 1.4.2). Without it a failing model fails the run, which its caller sees. What only that branch reached goes too.
    """
    unable = {
        node["id"] for node in graph["nodes"] if node["data"]["type"] in ("question-classifier", "parameter-extractor")
    }
    for node in graph["nodes"]:
        if node["id"] in unable:
            node["data"].pop("error_strategy", None)
    edges = [
        edge for edge in graph["edges"] if not (edge["source"] in unable and edge["sourceHandle"] == "fail-branch")
    ]
    reached = {node["id"] for node in graph["nodes"] if node["data"]["type"] == "start"}
    while fresh := {edge["target"] for edge in edges if edge["source"] in reached} - reached:
        reached |= fresh
    graph["edges"] = [edge for edge in edges if edge["source"] in reached]
    graph["nodes"] = [node for node in graph["nodes"] if node["id"].removeprefix("note_") in reached]


STEPS: Mapping[str, Callable[[Graph], None]] = {
    "boolean_as_number": boolean_as_number,
    "no_error_branch_on_classifiers": no_error_branch_on_classifiers,
}
"""Changes the finished graph in place, for a Dify whose format differs."""
