"""What a language model says through an app is noted on the turn whose material it was given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))

from openai_server import OpenAIServer
from shop_server import running

from kefu.core.upstreams import Alias, Upstream
from kefu.engine import Engine
from kefu.evaluation.own_questions import were_asked
from kefu.playground.play import Playground
from kefu.playground.plugins import Plugins
from kefu.playground.server import free_port
from kefu.store.conversations import list_turns
from kefu.store.handoffs import get_handoff, list_handoffs
from kefu.store.shops import Shop, create_token
from kefu.store.upstreams import save_alias, save_upstream
from kefu.web.app import create_app

MODEL = {"answer": "kefu"}


@pytest.fixture
def model() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def url(sample_engine: Engine, sample_shop: Shop, model: OpenAIServer) -> Iterator[str]:
    with sample_engine.db.write() as connection:
        save_upstream(connection, sample_shop.id, Upstream("my-7b", "vllm", f"{model.url}/v1", "qwen-shop"))
        save_alias(connection, sample_shop.id, Alias("kefu", "my-7b"), datetime.now(UTC))
    port = free_port()
    with running(create_app(sample_engine), port):
        yield f"http://127.0.0.1:{port}"
    sample_engine.models.close()


@pytest.fixture
def playground(sample_engine: Engine, sample_shop: Shop, url: str, plugins: Plugins) -> Playground:
    with sample_engine.db.write() as connection:
        token = create_token(connection, sample_shop.id)
    return Playground("kefu-fast", url, token, plugins=plugins, models=MODEL)


def test_a_model_that_answers_is_counted_on_the_turn_with_what_it_said(
    playground: Playground, sample_engine: Engine, sample_shop: Shop, model: OpenAIServer
) -> None:
    _, conversation = playground.turn("请发货")
    trace, _ = playground.turn("内存条怎么装", conversation)
    assert (trace.reply, trace.llm_calls) == ("您好，有货。", 1)
    with sample_engine.db.read() as connection:
        rows = list_turns(connection, sample_shop.id)
    assert [(row.query, row.llm_calls) for row in rows] == [("请发货", 0), ("内存条怎么装", 1)]
    assert rows[1].reply == "您好，有货。"
    assert [(cost.calls, cost.stood_in) for cost in were_asked(rows)] == [(0, False), (1, False)]


def test_a_person_who_takes_over_reads_what_the_model_said(
    playground: Playground, sample_engine: Engine, sample_shop: Shop, model: OpenAIServer
) -> None:
    _, conversation = playground.turn("内存条怎么装")
    playground.turn("转人工", conversation)
    with sample_engine.db.read() as connection:
        queue = list_handoffs(connection, sample_shop.id)
        told = get_handoff(connection, sample_shop.id, queue[0].id).transcript
    assert [(line.who, line.text) for line in told][:2] == [("customer", "内存条怎么装"), ("bot", "您好，有货。")]


def test_a_model_that_fails_is_counted_as_often_as_it_was_asked(
    playground: Playground, sample_engine: Engine, sample_shop: Shop, model: OpenAIServer
) -> None:
    model.answers(status=500)
    trace, _ = playground.turn("内存条怎么装")
    assert trace.handoff_reason == "tool_failure"
    with sample_engine.db.read() as connection:
        asked = list_turns(connection, sample_shop.id)[0]
    assert (asked.query, asked.llm_calls) == ("内存条怎么装", 3)
    assert "您好，有货" not in asked.reply
