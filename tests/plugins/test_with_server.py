"""Both real plugins against the real kefu server: what they say to each other is what both declare."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.serving import make_server

from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.engine.tools import TOOLS
from kefu.playground.stdio import PluginError, PluginProcess
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import Shop, create_token
from kefu.web.app import create_app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def credentials(db: Database, shop: Shop, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An empty shop on a real server; address and token as each plugin names them."""
    settings = load_settings({}, data_dir=str(tmp_path))
    engine = Engine(db, settings, make_clock(settings))
    with db.write() as connection:
        token = create_token(connection, shop.id)
    http = make_server("127.0.0.1", 0, create_app(engine), threaded=True)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{http.port}"
    yield {"server_url": url, "token": token, "endpoint_url": f"{url}/v1", "api_key": token}
    http.shutdown()
    thread.join()
    http.server_close()
    engine.close()


def _schema(tool: str) -> set[str]:
    return set(yaml.safe_load((ROOT / "tools" / f"{tool}.yaml").read_text())["output_schema"]["properties"])


def test_the_plugin_has_a_tool_for_each_of_the_servers() -> None:
    """Seven on both sides, by the same names."""
    assert sorted(TOOLS) == sorted(path.stem for path in (ROOT / "tools").glob("*.yaml"))


def test_the_server_answers_exactly_what_each_tool_declares(
    credentials: dict[str, str], tools_plugin: PluginProcess, db: Database, shop: Shop
) -> None:
    """No key more, none less, every type as declared (the plugin raises on a wrong one)."""
    engine_free = {name: credentials[name] for name in ("server_url", "token")}
    tools_plugin.validate_tool_credentials("kefu", engine_free)
    for tool in TOOLS:
        messages: list[dict[str, Any]] = list(
            tools_plugin.invoke_tool("kefu", tool, {"query": "在吗"}, engine_free, conversation_id=f"c-{tool}")
        )
        assert [one["type"] for one in messages[:2]] == ["text", "json"]
        names = {one["message"]["variable_name"] for one in messages[2:]}
        assert names == _schema(tool), tool


def test_the_server_sends_each_key_itself(credentials: dict[str, str], db: Database, shop: Shop) -> None:
    """The plugin would fill a missing key with an empty value; here nothing is missing."""
    import requests

    headers = {"Authorization": f"Bearer {credentials['token']}"}
    for tool in TOOLS:
        url = f"{credentials['server_url']}/tools/{tool}"
        with requests.post(url, json={"query": "在吗"}, headers=headers, timeout=10) as response:
            assert set(response.json()) == _schema(tool), tool


def test_the_servers_refusal_of_a_token_reaches_the_form(
    credentials: dict[str, str], tools_plugin: PluginProcess, models_plugin: PluginProcess
) -> None:
    """Its 401 in the protocol of each side."""
    with pytest.raises(PluginError, match="wrong or revoked"):
        tools_plugin.validate_tool_credentials("kefu", {**credentials, "token": "wrong"})
    with pytest.raises(PluginError, match="refused the key"):
        models_plugin.validate_provider_credentials("kefu", {**credentials, "api_key": "wrong"})


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])
def test_the_built_in_models_answer_without_a_language_model(
    stream: bool, credentials: dict[str, str], models_plugin: PluginProcess
) -> None:
    """Validated by listing them; each reports usage and zero upstream calls."""
    models_plugin.validate_provider_credentials("kefu", credentials)
    for model in ("kefu-local", "kefu-router"):
        chunks = list(
            models_plugin.invoke_llm("kefu", model, [{"role": "user", "content": "你好"}], credentials, stream=stream)
        )
        assert chunks[-1]["system_fingerprint"] == "kefu:llm_calls=0"
        assert chunks[-1]["delta"]["usage"]["total_tokens"] >= 0
        assert chunks[-1]["delta"]["finish_reason"] == "stop"
