"""What our tools plugin offers, read from its own YAML files: labels, parameters, outputs. Nothing is written twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kefu.dify.dsl.places import REPOSITORY

TOOL_PROVIDER = "kefu/kefu-tools/kefu"
MODEL_PROVIDER = "kefu/kefu-models/kefu"


@dataclass(frozen=True, slots=True)
class ToolParameter:
    """``type`` is Dify's; ``required`` is only a mark on the canvas: Dify does not check it at run time."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool of the plugin; ``outputs`` are its named variables besides text, json and files."""

    name: str
    label: str
    parameters: tuple[ToolParameter, ...]
    outputs: frozenset[str]


@cache
def plugin_tools(root: Path = REPOSITORY) -> dict[str, Tool]:
    """Every tool of the plugin at ``root`` by name, in the provider's order."""
    tools: dict[str, Tool] = {}
    for provider_file in sorted((root / "provider").glob("*.yaml")):
        provider = yaml.safe_load(provider_file.read_text(encoding="utf-8"))
        for path in provider.get("tools", ()):
            tool = _tool(yaml.safe_load((root / path).read_text(encoding="utf-8")))
            tools[tool.name] = tool
    return tools


def _tool(raw: dict[str, Any]) -> Tool:
    identity = raw["identity"]
    return Tool(
        identity["name"],
        identity["label"].get("zh_Hans") or identity["label"]["en_US"],
        tuple(ToolParameter(row["name"], row["type"], bool(row.get("required"))) for row in raw.get("parameters", ())),
        frozenset((raw.get("output_schema") or {}).get("properties", {})),
    )
