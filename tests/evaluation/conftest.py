"""A small shop, and model servers that answer as they are told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))

from openai_server import OpenAIServer

from kefu.core.upstreams import Upstream
from kefu.evaluation.asking import Ask
from kefu.gateway.http import Pool


@pytest.fixture(scope="session")
def _model_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def server(_model_server: OpenAIServer) -> OpenAIServer:
    _model_server.answers()
    return _model_server


@pytest.fixture
def upstream(server: OpenAIServer) -> Upstream:
    return Upstream("base", "vllm", f"{server.url}/v1", "base-7b")


@pytest.fixture
def asks() -> Iterator[Callable[..., Ask]]:
    """Makes an `Ask` over a pool that is closed afterwards."""
    pools: list[Pool] = []

    def make(**values) -> Ask:
        pools.append(Pool())
        return Ask(pools[-1], **values)

    yield make
    for pool in pools:
        pool.close()
