"""Both plugins as real child processes, driven over stdio as the daemon does. A pytest process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from kefu_server import TOKEN, KefuServer
from openai_server import OpenAIServer
from serving import DeafAddress

from kefu.playground.stdio import PluginError, PluginProcess

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tools_plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as process:
        yield process


@pytest.fixture(scope="session")
def models_plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT / "models") as process:
        yield process


@pytest.fixture(scope="session")
def _kefu_server() -> Iterator[KefuServer]:
    with KefuServer() as server:
        yield server


@pytest.fixture
def kefu_server(_kefu_server: KefuServer) -> KefuServer:
    _kefu_server.answers()
    return _kefu_server


@pytest.fixture(scope="session", autouse=True)
def silent_server(tools_plugin: PluginProcess) -> Iterator[tuple[Future[str], ...]]:
    """What the plugin says of a server that takes two calls and stays silent; the calls run beside the tests."""
    with KefuServer() as server, ThreadPoolExecutor(1) as pool:
        server.hang = True
        own = {"server_url": server.url, "token": TOKEN}
        yield tuple(pool.submit(_refusal, tools_plugin, own) for _ in range(2))
        server.release.set()


@pytest.fixture(scope="session", autouse=True)
def unconnected(models_plugin: PluginProcess) -> Iterator[Future[PluginError]]:
    """How a model's call to a server that takes no connection fails; it waits beside the tests."""
    with DeafAddress() as url, ThreadPoolExecutor(1) as pool:
        yield pool.submit(_failure, models_plugin, url)


def _failure(plugin: PluginProcess, url: str) -> PluginError:
    with pytest.raises(PluginError) as caught:
        list(plugin.invoke_llm("kefu", "m", [{"role": "user", "content": "x"}], {"endpoint_url": url}))
    return caught.value


def _refusal(plugin: PluginProcess, credentials: dict[str, str]) -> str:
    try:
        plugin.validate_tool_credentials("kefu", credentials)
    except PluginError as error:
        return error.message
    return "accepted"


@pytest.fixture(scope="session")
def _openai_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def openai_server(_openai_server: OpenAIServer) -> OpenAIServer:
    _openai_server.answers()
    return _openai_server
