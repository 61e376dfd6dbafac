"""Both real plugins against the real kefu server: what they say to each other is what both declare."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from openai_server import OpenAIServer
from werkzeug.serving import make_server

from kefu.clock import make_clock
from kefu.core.upstreams import Alias, Upstream
from kefu.engine import Engine
from kefu.engine.tools import TOOLS
from kefu.playground.stdio import PluginError, PluginProcess
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import Shop, create_token
from kefu.store.upstreams import save_alias, save_upstream
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


@pytest.fixture
def tuned(db: Database, shop: Shop, openai_server: OpenAIServer) -> None:
    """Point `kefu` at a model on the scriptable server."""
    url, able = f"{openai_server.url}/v1", ("chat", "tools", "json", "vision")
    with db.write() as connection:
        save_upstream(
            connection, shop.id, Upstream("my-7b", "vllm", url, "qwen-shop", abilities=able, read_timeout=1.5)
        )
        save_upstream(connection, shop.id, Upstream("bge", "vllm", url, "bge", abilities=("embeddings",)))
        save_alias(connection, shop.id, Alias("kefu", "my-7b"), datetime.now(UTC))


ASK = [{"role": "user", "content": "有货吗"}]
TOOL = {"name": "look_up", "description": "", "parameters": {"type": "object", "properties": {}}}


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])
def test_the_tuned_model_answers_through_the_gateway(
    stream: bool, credentials: dict[str, str], tuned: None, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Text, two tool calls and usage pass both, what the model thinks does not; the call is counted."""
    calls = (("look_up", '{"product": "内存条"}'), ("look_up", '{"product": "硬盘"}'))
    openai_server.answers(reasoning=("先看",), calls=calls, finish="tool_calls")
    chunks = list(models_plugin.invoke_llm("kefu", "kefu", ASK, credentials, tools=[TOOL], stream=stream))
    assert "".join(chunk["delta"]["message"]["content"] for chunk in chunks) == "您好，有货。"
    found = [call["function"] for call in chunks[-1]["delta"]["message"]["tool_calls"]]
    assert [(call["name"], call["arguments"]) for call in found] == list(calls)
    assert chunks[-1]["delta"]["usage"]["total_tokens"] == 39
    assert {chunk["system_fingerprint"] for chunk in chunks} == {"kefu:llm_calls=1"}


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        ({"status": 401}, "InvokeAuthorizationError", "said 401"),
        ({"status": 403}, "InvokeAuthorizationError", "said 403"),
        ({"status": 404}, "InvokeBadRequestError", "said 404"),
        ({"status": 408}, "InvokeServerUnavailableError", "said 408"),
        ({"status": 503}, "InvokeServerUnavailableError", "said 503"),
        ({"waits_at": 0}, "InvokeServerUnavailableError", "was silent for 1.5 s"),
        ({"status": 429, "headers": {"Retry-After": "17"}}, "InvokeRateLimitError", "17"),
        ({"status": 500}, "InvokeServerUnavailableError", "said 500"),
        ({"status": 400}, "InvokeBadRequestError", "said 400"),
        ({"raw": b"<html>"}, "InvokeServerUnavailableError", "no chat completion"),
        ({"cut_after": 3}, "InvokeServerUnavailableError", "broke off"),
    ],
)
def test_an_upstream_s_trouble_reaches_dify_typed(
    script: dict[str, Any], kind: str, said: str,
    credentials: dict[str, str], tuned: None, models_plugin: PluginProcess, openai_server: OpenAIServer,
) -> None:  # fmt: skip
    """Dify's own kind, with the reason, through the gateway and the plugin."""
    openai_server.answers(**script)
    with pytest.raises(PluginError) as caught:
        list(models_plugin.invoke_llm("kefu", "kefu", ASK, credentials))
    assert caught.value.error_type == kind
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("vllm", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("sglang", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("ollama", {"reasoning_effort": "none"}),
        ("openai", {}),
        ("llamafactory", {}),
    ],
)
def test_thinking_is_switched_off_in_the_words_of_whatever_server_kefu_leads_to(
    kind: str, sent: dict[str, Any], credentials: dict[str, str], tuned: None, db: Database, shop: Shop,
    models_plugin: PluginProcess, openai_server: OpenAIServer,
) -> None:  # fmt: skip
    """The app does not know where the name leads: a server without the switch would refuse another's."""
    with db.write() as connection:
        save_upstream(connection, shop.id, Upstream("my-7b", kind, f"{openai_server.url}/v1", "qwen-shop"))
    list(models_plugin.invoke_llm("kefu", "kefu", ASK, credentials, parameters={"enable_thinking": False}))
    body = openai_server.bodies[0]
    switches = ("chat_template_kwargs", "enable_thinking", "reasoning_effort")
    assert {name: body[name] for name in switches if name in body} == sent


def test_vectors_come_through_the_gateway(
    credentials: dict[str, str], tuned: None, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """By the name the shop gave, in order."""
    answer = models_plugin.embed("kefu", "bge", ["有货", "好"], credentials)
    assert [row[0] for row in answer["embeddings"]] == [2.0, 1.0]
    assert openai_server.bodies[0]["model"] == "bge"


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
