"""Which model answers: shares, roll-back by name, and who steps in when the first cannot answer."""

from __future__ import annotations

import json

import pytest
from asking import ASK, frames, text_of
from dify_asks import classifier
from openai_server import OpenAIServer

from kefu.clock import make_clock
from kefu.core.upstreams import Alias
from kefu.engine import Engine
from kefu.settings import load_settings
from kefu.store.upstreams import roll_back_alias, save_alias, share_alias


@pytest.fixture
def backup(add):
    """A second server; the model “backup” is there."""
    with OpenAIServer() as server:
        server.answers(pieces=("我来", "回答"))
        add("backup", url=f"{server.url}/v1")
        yield server


@pytest.fixture
def two(backup, add):
    """“tuned” with “backup” behind it."""
    add("tuned", fallback=("backup",), read_timeout=0.3)


TROUBLE = [
    pytest.param({"status": 429}, id="429"),
    pytest.param({"status": 500}, id="500"),
    pytest.param({"status": 502}, id="502"),
    pytest.param({"status": 503}, id="503"),
    pytest.param({"status": 408}, id="408"),
    pytest.param({"status": 401}, id="401"),
    pytest.param({"status": 404}, id="404"),
    pytest.param({"raw": b"<html>"}, id="page"),
    pytest.param({"raw": b'{"error": {"message": "out of memory"}}'}, id="error-in-200"),
    pytest.param({"waits_at": 0}, id="silent"),
]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("trouble", TROUBLE)
def test_the_next_model_answers_before_the_first_word(client, server, backup, two, trouble, stream):
    server.answers(**trouble)
    response = client.post("/v1/chat/completions", json=ASK | {"stream": stream})
    assert response.status_code == 200
    if stream:
        chunks = frames(response)
        assert (text_of(chunks), chunks[-1]) == ("我来回答", "[DONE]")
        marks = {(chunk["model"], chunk["system_fingerprint"]) for chunk in chunks[:-1]}
        assert marks == {("backup", "kefu:llm_calls=2")}
    else:
        answer = response.json
        assert answer["choices"][0]["message"]["content"] == "我来回答"
        assert (answer["model"], answer["system_fingerprint"]) == ("backup", "kefu:llm_calls=2")
    assert len(backup.requests) == 1


@pytest.mark.parametrize("trouble", [{"cut_after": 0}, {"error_after": (0, {"message": "KV cache", "code": 500})}])
def test_a_stream_that_fails_at_its_first_event_is_asked_elsewhere(client, server, backup, two, trouble):
    server.answers(**trouble)
    assert text_of(frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))) == "我来回答"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"cut_after": 3}, "upstream_cut"),
        ({"cut_after": 3, "chunked": False}, "upstream_cut"),
        ({"waits_at": 3}, "upstream_timeout"),
        ({"error_after": (3, {"message": "KV cache", "code": 500})}, "upstream_failed"),
    ],
)
def test_after_the_first_word_nobody_else_goes_on_and_the_error_is_typed(client, server, backup, two, trouble, code):
    """Two models' halves would make one wrong answer."""
    server.answers(**trouble)
    response = client.post("/v1/chat/completions", json=ASK | {"stream": True})
    chunks = frames(response)
    assert (response.status_code, text_of(chunks)) == (200, "您好")
    assert chunks[-1]["error"]["code"] == code
    assert "[DONE]" not in chunks
    assert backup.requests == []


def test_when_nobody_answers_the_error_is_the_first_model_s(client, server, backup, two):
    server.answers(status=429, headers={"Retry-After": "9"})
    backup.answers(status=503)
    response = client.post("/v1/chat/completions", json=ASK)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "9")


def test_the_error_is_the_first_model_s_also_while_it_rests(client, backup, add):
    add("tuned", url="http://127.0.0.1:9/v1", fallback=("backup",))
    backup.answers(status=500)
    for _ in range(2):
        response = client.post("/v1/chat/completions", json=ASK)
        assert (response.status_code, response.json["error"]["code"]) == (503, "upstream_unreachable")


def test_a_server_that_cannot_be_reached_is_tried_last_for_a_while(client, backup, add):
    """It costs the connect time-out once, not with every question."""
    add("tuned", url="http://127.0.0.1:9/v1", fallback=("backup",))
    for _ in range(3):
        assert client.post("/v1/chat/completions", json=ASK).json["model"] == "backup"
    assert len(backup.requests) == 3


def test_nodes_use_the_chain_too(engine, shop, server, backup, two):
    """A classifier's question goes on to the next model when the first has no room."""
    server.answers(status=429)
    backup.answers(kind="llamafactory", pieces=("1",))
    body, read = classifier("坏了")
    answer = engine.chat(shop, json.dumps(body).encode())
    assert read(answer.body) == "c1"
    assert answer.llm_calls == 2


@pytest.fixture
def share(db, shop, engine, add):
    """Point `kefu` at “old” and a share of it at “new”."""
    add("old", model="old-model")
    add("new", model="new-model")

    def set_share(percent: float) -> None:
        with db.write() as connection:
            share_alias(connection, shop.id, "kefu", "new", percent, engine.clock())

    with db.write() as connection:
        save_alias(connection, shop.id, Alias("kefu", "old"), engine.clock())
    return set_share


def asked(client, user: str, model: str = "kefu") -> str:
    return client.post("/v1/chat/completions", json=ASK | {"model": model, "user": user}).json["model"]


def test_ten_percent_of_conversations_reach_the_new_model_and_stay_there(client, share):
    """1,000 users: 10 % ± 3 standard deviations (0.95 %); the second turn goes where the first went."""
    share(10)
    first = {f"user-{number}": asked(client, f"user-{number}") for number in range(1000)}
    new = [user for user, model in first.items() if model == "new"]
    assert 71 <= len(new) <= 129
    assert all(asked(client, user) == "new" for user in new)
    share(50)
    assert all(asked(client, user) == "new" for user in new), "who is in stays in when the share grows"


def test_a_node_without_a_user_is_shared_by_how_its_conversation_began(client, server, share):
    """Its first message is Dify's example, the same for everybody."""
    share(50)
    server.answers(pieces=("1",))

    def model(query: str, history: tuple = ()) -> str:
        client.post("/v1/chat/completions", json=classifier(query, history)[0] | {"model": "kefu"})
        return str(server.bodies[-1]["model"])

    first = {query: model(query) for query in (f"随便说点什么{number}" for number in range(24))}
    assert set(first.values()) == {"old-model", "new-model"}
    assert all(model("那呢", ((query, "嗯"), ("好", "嗯"))) == first[query] for query in list(first)[:6])


def test_rolling_back_by_name_takes_the_next_request_in_every_worker(client, share, db, shop, tmp_path):
    """No restart: a second engine, as another worker process has it, follows as well."""
    settings = load_settings({}, data_dir=str(tmp_path))
    other = Engine(db, settings, make_clock(settings))

    def elsewhere() -> str:
        return other.chat(shop, json.dumps(ASK | {"model": "kefu", "user": "u"}).encode()).model

    share(100)
    assert (asked(client, "u"), elsewhere()) == ("new", "new")
    with db.write() as connection:
        roll_back_alias(connection, shop.id, "kefu")
    assert (asked(client, "u"), elsewhere()) == ("old", "old")
    share(0)
    assert (asked(client, "u"), elsewhere()) == ("old", "old")
    other.models.close()
    other.snapshots.close()
