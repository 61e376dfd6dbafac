"""The packages as Dify unpacks them: the allow-list forgot nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kefu.dify import archive, package
from kefu.playground.stdio import PluginError, PluginProcess

ROOT = Path(__file__).resolve().parents[2]

CHECKS: dict[str, Callable[[PluginProcess], None]] = {
    "kefu-tools": lambda plugin: plugin.validate_tool_credentials("kefu", {"server_url": "", "token": "x"}),
    "kefu-models": lambda plugin: plugin.validate_model_credentials("kefu", "m", {"endpoint_url": ""}),
}


@pytest.mark.parametrize("source", package.PLUGINS, ids=lambda source: source.name)
def test_an_unpacked_package_starts_and_answers(source: package.PluginSource, tmp_path: Path) -> None:
    """In a folder that holds nothing else."""
    built = next(one for one in package.build(ROOT) if one.name == source.name)
    for path, body in archive.read(built.data, limit=2**26).files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    with PluginProcess(tmp_path) as plugin:
        assert plugin.manifest["name"] == source.name
        with pytest.raises(PluginError, match="http://host:port"):
            CHECKS[source.name](plugin)
