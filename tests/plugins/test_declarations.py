"""Every YAML of both plugins, loaded by the SDK's own classes: its packer would not notice a mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

LOAD = """
import json, sys
from dify_plugin.core.entities.plugin.setup import PluginConfiguration
from dify_plugin.core.utils.yaml_loader import load_yaml_file
from dify_plugin.entities.model.provider import ModelProviderConfiguration
from dify_plugin.entities.tool import ToolProviderConfiguration
manifest = PluginConfiguration(**load_yaml_file("manifest.yaml"))
tools = [ToolProviderConfiguration(**load_yaml_file(path)) for path in manifest.plugins.tools]
models = [ModelProviderConfiguration(**load_yaml_file(path)) for path in manifest.plugins.models]
dump = lambda value: json.loads(value.model_dump_json())
print(json.dumps({"manifest": dump(manifest), "tools": [dump(t) for t in tools], "models": [dump(m) for m in models]}))
"""


def _load(folder: Path) -> dict[str, Any]:
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD], cwd=folder, capture_output=True, text=True, check=True
    )
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


@pytest.fixture(scope="module")
def tools() -> dict[str, Any]:
    return _load(ROOT)


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return _load(ROOT / "models")


def _labels(value: Any) -> list[dict[str, str]]:
    """Every text with languages, wherever it stands."""
    if isinstance(value, list):
        return [label for item in value for label in _labels(item)]
    if not isinstance(value, dict):
        return []
    if "en_US" in value or "en_us" in value:
        return [value]
    return [label for item in value.values() for label in _labels(item)]


def test_the_tools_plugin_loads_with_seven_tools(tools: dict[str, Any]) -> None:
    """And gives each query, conversation, user and channel as parameters on the canvas."""
    assert len(tools["tools"][0]["tools"]) == 7
    for tool in tools["tools"][0]["tools"]:
        names = [parameter["name"] for parameter in tool["parameters"]]
        assert {"query", "conversation_id", "user_id", "channel"} <= set(names)
        assert tool["output_schema"]["properties"]["reply"]["type"] == "string"
        assert all(parameter["form"] == "llm" for parameter in tool["parameters"])


def test_the_model_plugin_loads_with_its_built_in_models(models: dict[str, Any]) -> None:
    """In the order of _position.yaml, both ways to configure, two model types."""
    provider = models["models"][0]
    assert provider["configurate_methods"] == ["predefined-model", "customizable-model"]
    assert provider["supported_model_types"] == ["llm", "text-embedding"]
    assert provider["position"]["llm"] == ["kefu-local", "kefu-router", "kefu"]
    assert sorted(model["model"] for model in provider["models"]) == ["kefu", "kefu-local", "kefu-router"]
    assert not [model for model in provider["models"] if "polling" in (model["features"] or [])]


def test_every_label_is_in_chinese_and_english(tools: dict[str, Any], models: dict[str, Any]) -> None:
    """A missing language shows an English word in a Chinese Dify."""
    labels = _labels(tools) + _labels(models)
    assert len(labels) > 100
    keys = [{key.lower() for key, text in label.items() if text} for label in labels]
    assert not [label for label, have in zip(labels, keys, strict=True) if not {"en_us", "zh_hans"} <= have]


def test_every_credential_used_in_code_is_in_the_form(models: dict[str, Any]) -> None:
    """Dify drops credentials that the form does not declare."""
    provider = models["models"][0]
    form = {row["variable"] for row in provider["model_credential_schema"]["credential_form_schemas"]}
    code = "".join(path.read_text() for path in (ROOT / "models").rglob("*.py"))
    used = {name.split('"')[0] for name in code.split('credentials.get("')[1:]}
    assert used == form


def test_both_plugins_say_the_same_of_themselves(tools: dict[str, Any], models: dict[str, Any]) -> None:
    """Version, runner, lowest Dify and SDK range are one decision."""
    for field in ("version", "author", "meta", "created_at"):
        assert tools["manifest"][field] == models["manifest"][field]
    assert tools["manifest"]["meta"]["minimum_dify_version"] == "1.4.2"
    assert (ROOT / "requirements.txt").read_text() == (ROOT / "models" / "requirements.txt").read_text()
