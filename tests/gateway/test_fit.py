"""What a model cannot take is refused before it is sent: its abilities, the length of its context."""

from __future__ import annotations

import pytest

ASK = {"model": "tuned", "messages": [{"role": "user", "content": "羽绒服怎么洗"}]}
PICTURE = [
    {"type": "text", "text": "这是什么"},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
]
NEEDS = {
    "vision": {"messages": [{"role": "user", "content": PICTURE}]},
    "tools": {"tools": [{"type": "function", "function": {"name": "look_up", "parameters": {}}}]},
    "json": {"response_format": {"type": "json_object"}},
}


@pytest.mark.parametrize("ability", NEEDS)
def test_an_ability_that_the_model_lacks_is_named_and_nothing_is_sent(client, server, add, ability):
    add(abilities=("chat",))
    response = client.post("/v1/chat/completions", json=ASK | NEEDS[ability])
    error = response.json["error"]
    assert (response.status_code, error["code"], error["type"]) == (400, "ability_missing", "invalid_request_error")
    assert f"--abilities chat,{ability}" in error["message"]
    assert server.requests == []
    add(abilities=("chat", ability))
    assert client.post("/v1/chat/completions", json=ASK | NEEDS[ability]).status_code == 200


@pytest.mark.parametrize("model", ["kefu-local", "kefu-router", "kefu"])
def test_a_built_in_model_writes_no_json(client, model):
    """Dify's LLM node with structured output would fail on its text."""
    response = client.post("/v1/chat/completions", json=ASK | NEEDS["json"] | {"model": model})
    assert (response.status_code, response.json["error"]["code"]) == (400, "ability_missing")
    assert client.post("/v1/chat/completions", json=ASK | {"model": model}).status_code == 200


def test_plain_text_needs_no_ability_but_chat(client, add):
    add(abilities=("chat",))
    plain = ASK | {"response_format": {"type": "text"}, "tools": [], "tool_choice": "none"}
    assert client.post("/v1/chat/completions", json=plain).status_code == 200


def test_a_model_for_vectors_does_not_chat_and_a_model_for_chat_makes_no_vectors(client, server, add):
    add("vectors", abilities=("embeddings",))
    add("tuned")
    assert (
        client.post("/v1/chat/completions", json=ASK | {"model": "vectors"}).json["error"]["code"] == "ability_missing"
    )
    answer = client.post("/v1/embeddings", json={"model": "tuned", "input": "你好"})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "ability_missing")
    assert server.requests == []


def test_a_fallback_that_cannot_take_the_request_is_passed_over(client, server, add):
    add("blind", abilities=("chat",))
    add("sighted", abilities=("chat", "vision"))
    add("tuned", url="http://127.0.0.1:9/v1", abilities=("chat", "vision"), fallback=("blind", "sighted"))
    for _ in range(2):  # the second time the first model rests and would be tried last
        answer = client.post("/v1/chat/completions", json=ASK | NEEDS["vision"])
        assert (answer.status_code, answer.json["model"]) == (200, "sighted")


@pytest.mark.parametrize("text", ["退货要多久？" * 200, "how long does a refund take? " * 100])
def test_a_prompt_longer_than_the_context_is_refused_as_openai_does(client, server, add, text):
    add(context_size=256)
    messages = [{"role": "system", "content": "客服"}, {"role": "user", "content": text}]
    response = client.post("/v1/chat/completions", json=ASK | {"messages": messages})
    assert (response.status_code, response.json["error"]["code"]) == (400, "context_length_exceeded")
    assert "256 tokens" in response.json["error"]["message"]
    assert server.requests == []


def test_a_text_to_embed_may_fill_the_context_but_not_more(client, add):
    add("vectors", abilities=("embeddings",), context_size=256)
    fits = client.post("/v1/embeddings", json={"model": "vectors", "input": ["退货" * 150] * 9})
    long = client.post("/v1/embeddings", json={"model": "vectors", "input": ["退货", "退货" * 300]})
    assert fits.status_code == 200
    assert long.json["error"]["code"] == "context_length_exceeded"


def test_a_picture_does_not_count_as_text(client, add):
    add(context_size=256, abilities=("chat", "vision"))
    picture = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}]
    assert client.post("/v1/chat/completions", json=ASK | {"messages": [{"role": "user", "content": picture}]}).json[
        "choices"
    ]


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "Requested token count exceeds the model's maximum context length of 4096 tokens.",
        "the request exceeds the available context size, try increasing it",
    ],
)
def test_a_server_that_finds_it_too_long_itself_is_typed_alike(client, server, add, said):
    add(fallback=("kefu-local",))
    server.answers(status=400, error={"object": "error", "message": said, "code": 400})
    response = client.post("/v1/chat/completions", json=ASK)
    assert (response.status_code, response.json["error"]["code"]) == (400, "context_length_exceeded")
