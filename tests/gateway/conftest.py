"""A shop with an engine, and a server of the shop's that behaves like any kind it is told to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))

from openai_server import OpenAIServer

from kefu.clock import make_clock
from kefu.core.upstreams import Upstream
from kefu.engine import Engine
from kefu.settings import load_settings
from kefu.store.shops import create_token
from kefu.store.upstreams import save_upstream
from kefu.web.app import create_app

KEY = "sk-secret-of-the-shop-1234"


@pytest.fixture(scope="session")
def _server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def server(_server: OpenAIServer) -> OpenAIServer:
    _server.answers()
    return _server


@pytest.fixture
def engine(db, tmp_path) -> Iterator[Engine]:
    settings = load_settings({}, data_dir=str(tmp_path), now="2026-11-20T10:00:00+08:00")
    engine = Engine(db, settings, make_clock(settings))
    yield engine
    engine.models.close()
    engine.snapshots.close()


@pytest.fixture
def add(db, shop, server):
    """Add an upstream at the server."""

    def add(name: str = "tuned", **values) -> Upstream:
        values = {"kind": "vllm", "url": f"{server.url}/v1", "model": "qwen-shop", "key": KEY} | values
        upstream = Upstream(name, **values)
        with db.write() as connection:
            save_upstream(connection, shop.id, upstream)
        return upstream

    return add


@pytest.fixture
def client(engine, db, shop):
    """Flask's client with the shop's token."""
    with db.write() as connection:
        token = create_token(connection, shop.id)
    client = create_app(engine).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
