"""The door to models over HTTP: names, switching, secrets."""

from __future__ import annotations

import json

import pytest

from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.settings import load_settings
from kefu.store.shops import create_token
from kefu.web.app import create_app

MODEL = {"kind": "vllm", "url": "http://127.0.0.1:9/v1", "model": "qwen", "key": "sk-very-secret"}
HELLO = [{"role": "user", "content": "你好"}]


@pytest.fixture
def client(db, shop, tmp_path):
    settings = load_settings({}, data_dir=str(tmp_path), now="2026-11-20T10:00:00+08:00")
    with db.write() as connection:
        token = create_token(connection, shop.id)
    engine = Engine(db, settings, make_clock(settings))
    client = create_app(engine).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    yield client
    engine.models.close()
    engine.snapshots.close()


def test_the_built_in_models_are_always_there_and_say_what_they_are(client):
    rows = {row["id"]: row for row in client.get("/v1/models").json["data"]}
    assert list(rows) == ["kefu-router", "kefu-local", "kefu"]
    assert "不是大语言模型" in rows["kefu-local"]["description"]
    assert rows["kefu"]["target"] == "kefu-local"


def test_no_token_is_refused_in_openai_s_shape(client):
    response = client.get("/v1/models", headers={"Authorization": "Bearer nope"})
    assert (response.status_code, response.json["error"]["type"]) == (401, "authentication_error")


def test_a_key_goes_in_and_never_comes_out(client):
    shown = client.put("/upstreams/tuned", json=MODEL)
    listed = client.get("/upstreams")
    assert shown.json["has_key"] is True
    for response in (shown, listed, client.get("/v1/models"), client.post("/upstreams/tuned/test")):
        assert "sk-very-secret" not in response.get_data(as_text=True)


def test_a_change_without_the_key_keeps_the_key(client):
    client.put("/upstreams/tuned", json=MODEL)
    assert client.put("/upstreams/tuned", json={"thinking": "off"}).json["has_key"] is True


def test_kefu_is_switched_and_switched_back_by_name(client):
    client.put("/upstreams/tuned", json=MODEL)
    assert client.put("/aliases/kefu", json={"target": "tuned"}).status_code == 200
    failed = client.post("/v1/chat/completions", json={"model": "kefu", "messages": HELLO})
    assert (failed.status_code, failed.json["error"]["code"]) == (503, "upstream_unreachable")
    assert client.post("/aliases/kefu/rollback").json == {"alias": None}
    answer = client.post("/v1/chat/completions", json={"model": "kefu", "messages": HELLO}).json
    assert answer["system_fingerprint"] == "kefu:llm_calls=0"


def test_a_local_answer_streams_with_usage(client):
    body = {"model": "kefu-local", "stream": True, "messages": HELLO}
    lines = client.post("/v1/chat/completions", json=body).get_data(as_text=True).strip().split("\n\n")
    assert lines[-1] == "data: [DONE]"
    assert json.loads(lines[-2][6:])["usage"]["total_tokens"] > 0


@pytest.mark.parametrize(
    "body", [{}, [], {**MODEL, "x": 1}, {**MODEL, "guard": "yes"}, {**MODEL, "fallback": "a"}, {**MODEL, "url": 3}]
)
def test_a_wrong_upstream_is_refused_with_the_field(client, body):
    response = client.put("/upstreams/tuned", json=body)
    assert response.status_code == 400
    assert response.json["error"]["hint"]


def test_a_removed_upstream_is_gone(client):
    client.put("/upstreams/tuned", json=MODEL)
    assert client.delete("/upstreams/tuned").status_code == 200
    assert client.delete("/upstreams/tuned").status_code == 404


def test_the_test_of_an_upstream_says_what_is_wrong(client):
    client.put("/upstreams/tuned", json=MODEL)
    answer = client.post("/upstreams/tuned/test").json
    assert answer["ok"] is False
    assert "cannot be reached" in answer["checks"][0]["detail"]
