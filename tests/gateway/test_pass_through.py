"""Requests that are no node's: passed through byte for byte, answered with usage, errors typed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from asking import ASK, frames, text_of
from serving import DeafAddress


def test_a_whole_answer_carries_usage_our_name_and_the_number_of_calls(client, server, add):
    add()
    answer = client.post("/v1/chat/completions", json=ASK).json
    assert answer["choices"][0]["message"]["content"] == "您好，有货。"
    assert (answer["model"], answer["system_fingerprint"]) == ("tuned", "kefu:llm_calls=1")
    assert answer["usage"]["total_tokens"] == 39


@pytest.fixture
def received(server) -> Iterator[list[bytes]]:
    """Bodies as bytes, in the order in which they came."""
    seen = []
    server_post = server.handler.read_json

    def read(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen.append(body)
        return json.loads(body)

    server.handler.read_json = read
    yield seen
    server.handler.read_json = server_post


def test_the_body_reaches_the_upstream_byte_for_byte_except_for_the_model(engine, shop, add, received):
    add()
    raw = (
        '{ "top_k": 3,"messages":[{"role":"user","content":"\\u4f60好 {\\"model\\": \\"x\\"}", "model":"y"}],'
        '\n "model" : "tuned", "seed":1e2 , "x":{"model":"z"}}'
    ).encode()
    engine.chat(shop, raw)
    assert received == [raw.replace(b'"model" : "tuned"', b'"model" : "qwen-shop"')]


@pytest.mark.parametrize("kind", ["vllm", "ollama", "llamafactory"])
def test_texts_to_embed_reach_the_upstream_byte_for_byte_whatever_its_chat_needs(client, add, received, kind):
    add("vectors", kind=kind, abilities=("embeddings",), thinking="off")
    raw = '{"model" : "vectors","input":["\\u4f60好"] , "dimensions":1e2}'.encode()
    assert client.post("/v1/embeddings", data=raw).status_code == 200
    assert received == [raw.replace(b'"vectors"', b'"qwen-shop"')]


@pytest.mark.parametrize("kind", ["vllm", "sglang", "ollama", "llamafactory", "old", "no_done"])
@pytest.mark.parametrize("asked", [True, False])
def test_a_stream_of_any_server_ends_with_usage(client, server, add, kind, asked):
    add(kind=kind if kind in ("vllm", "sglang", "ollama", "llamafactory") else "openai")
    server.answers(kind=kind)
    body = ASK | {"stream": True} | ({"stream_options": {"include_usage": True}} if asked and kind != "old" else {})
    chunks = frames(client.post("/v1/chat/completions", json=body))
    assert chunks[-1] == "[DONE]"
    assert text_of(chunks) == "您好，有货。"
    assert sum(isinstance(c.get("usage"), dict) for c in chunks[:-1]) == 1
    assert {c["system_fingerprint"] for c in chunks[:-1]} == {"kefu:llm_calls=1"}
    assert chunks[-2].get("usage")


def test_connections_are_kept(client, server, add):
    add()
    before = server.connections
    for stream in (False, True, True, False):
        client.post("/v1/chat/completions", json=ASK | {"stream": stream}).get_data()
    assert server.connections - before <= 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(client, server, add):
    add()
    client.post("/v1/chat/completions", json=ASK)
    server._http.drop_connections()
    assert client.post("/v1/chat/completions", json=ASK).status_code == 200


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", "upstream_refused"),
        (401, "authentication_error", "upstream_unauthorized"),
        (403, "permission_error", "upstream_forbidden"),
        (404, "not_found_error", "model_not_found"),
        (408, "timeout_error", "upstream_timeout"),
        (429, "rate_limit_error", "rate_limited"),
        (500, "api_error", "upstream_failed"),
        (503, "api_error", "upstream_failed"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_errors_keep_their_status_and_are_typed(client, server, add, status, kind, code, stream):
    key = add().key
    server.answers(status=status, error={"error": {"message": f"bad {key} here"}}, headers={"Retry-After": "7"})
    response = client.post("/v1/chat/completions", json=ASK | {"stream": stream})
    error = response.json["error"]
    assert (response.status_code, error["type"], error["code"]) == (status, kind, code)
    assert response.headers["Retry-After"] == "7"
    assert key not in response.get_data(as_text=True)


def test_an_unknown_model_lists_those_there_are(client, add):
    add()
    response = client.post("/v1/chat/completions", json=ASK | {"model": "nope"})
    assert response.status_code == 404
    assert response.json["error"]["code"] == "model_not_found"
    assert "kefu-router, kefu-local, kefu, tuned" in response.json["error"]["message"]


@pytest.mark.parametrize(
    "script",
    [{"raw": b"<html>hello</html>"}, {"raw": b'{"ok":true}'}, {"raw": b"[]"}, {"raw": b'{"error":{"message":"x"}}'}],
)
@pytest.mark.parametrize("stream", [True, False])
def test_what_is_no_completion_is_a_bad_gateway(client, server, add, script, stream):
    add()
    server.answers(**script)
    response = client.post("/v1/chat/completions", json=ASK | {"stream": stream})
    assert response.status_code == 502
    assert response.json["error"]["code"] == (
        "upstream_failed" if b"error" in script["raw"] and not stream else "upstream_malformed"
    )


def test_a_stream_cut_in_the_middle_ends_with_a_typed_error_and_no_done(client, server, add):
    add()
    server.answers(cut_after=3)
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert chunks[-1]["error"]["code"] == "upstream_cut"
    assert text_of(chunks[:-1]) == "您好"


def test_a_stream_cut_before_its_first_event_is_an_error_status(client, server, add):
    add()
    server.answers(cut_after=0)
    response = client.post("/v1/chat/completions", json=ASK | {"stream": True})
    assert (response.status_code, response.json["error"]["code"]) == (502, "upstream_cut")


def test_an_error_event_in_mid_stream_is_passed_on_typed(client, server, add):
    add()
    server.answers(error_after=(3, {"message": "out of memory", "code": 500}))
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert "out of memory" in chunks[-1]["error"]["message"]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "pieces",
    [("<think>先看库存</think>\n\n您好，", "有货。"), ("<th", "ink>先看", "</thi", "nk>", "\n", "您好，有", "货。")],
)
@pytest.mark.parametrize("brand", [True, False])
def test_what_a_model_thinks_in_its_answer_is_left_out(client, server, add, pieces, stream, brand):
    add(guard=brand)
    server.answers(pieces=pieces)
    response = client.post("/v1/chat/completions", json=ASK | {"stream": stream})
    said = text_of(frames(response)) if stream else response.json["choices"][0]["message"]["content"]
    assert said == "您好，有货。"


NOTHING = (
    {"pieces": ()},
    {"pieces": (" ", "\n")},
    {"pieces": ("<think>想", "不完")},
    {"kind": "vllm", "reasoning": ("想",), "pieces": (), "finish": "length"},
)


@pytest.mark.parametrize("script", NOTHING)
@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_without_a_word_is_an_error(client, server, add, script, stream):
    add()
    server.answers(**script)
    response = client.post("/v1/chat/completions", json=ASK | {"stream": stream})
    told = frames(response)[-1]["error"] if response.status_code == 200 else response.json["error"]
    assert told["code"] == "upstream_empty"
    assert response.status_code == 502 or (stream and (script.get("reasoning") or " " in script["pieces"]))


@pytest.mark.parametrize("stream", [True, False])
def test_a_fallback_is_asked_after_an_answer_without_a_word(client, server, add, stream):
    add(fallback=("kefu-local",))
    server.answers(pieces=())
    response = client.post("/v1/chat/completions", json=ASK | {"stream": stream})
    said = text_of(frames(response)) if stream else response.json["choices"][0]["message"]["content"]
    assert "暂不确定" in said


def test_who_allows_few_tokens_may_get_no_word(client, server, add):
    add()
    server.answers(kind="vllm", reasoning=("想",), pieces=(), finish="length")
    for stream in (True, False):
        response = client.post("/v1/chat/completions", json=ASK | {"max_tokens": 16, "stream": stream})
        assert response.status_code == 200
        assert b'"error"' not in response.get_data()


def test_invalid_utf8_becomes_replacement_characters(client, server, add):
    add()
    server.answers(pieces=(b"\xe6\x82", "好"))
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert text_of(chunks).endswith("好")
    assert "\ufffd" in text_of(chunks)


def test_a_server_that_does_not_stream_still_answers_a_stream(client, server, add):
    add()
    server.answers(ignores_stream=True)
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert text_of(chunks) == "您好，有货。"
    assert chunks[-2]["usage"]["total_tokens"] == 39


def test_a_silent_upstream_is_a_timeout(client, server, add):
    add(read_timeout=0.05)
    server.answers(hold=True)
    response = client.post("/v1/chat/completions", json=ASK)
    server.release.set()
    assert (response.status_code, response.json["error"]["code"]) == (504, "upstream_timeout")


def test_a_server_that_takes_no_connection_costs_the_connect_time_out(client, add):
    with DeafAddress() as url:
        add(url=url, connect_timeout=0.1)
        response = client.post("/v1/chat/completions", json=ASK)
    assert (response.status_code, response.json["error"]["code"]) == (503, "upstream_unreachable")
    assert "did not accept a connection in time" in response.json["error"]["message"]


def test_an_upstream_that_is_not_there_is_unavailable_and_counts_no_call(client, add):
    add(url="http://127.0.0.1:9/v1")
    response = client.post("/v1/chat/completions", json=ASK)
    assert (response.status_code, response.json["error"]["code"]) == (503, "upstream_unreachable")


def test_the_fallback_answers_when_the_first_cannot_and_calls_are_counted(client, server, add):
    add("backup")
    add("tuned", url="http://127.0.0.1:9/v1", fallback=("backup",))
    answer = client.post("/v1/chat/completions", json=ASK).json
    assert (answer["model"], answer["system_fingerprint"]) == ("backup", "kefu:llm_calls=1")
    add("tuned", fallback=("kefu-local",))
    server.answers(status=500)
    answer = client.post("/v1/chat/completions", json=ASK).json
    assert (answer["model"], answer["system_fingerprint"]) == ("tuned", "kefu:llm_calls=1")
    assert "暂不确定" in answer["choices"][0]["message"]["content"]


def test_a_request_that_is_itself_wrong_is_not_asked_of_the_fallback(client, server, add):
    add("backup")
    add("tuned", fallback=("backup",))
    server.answers(status=400)
    client.post("/v1/chat/completions", json=ASK)
    assert len(server.requests) == 1


def test_strict_servers_get_roles_in_turn(client, server, add):
    add(kind="llamafactory")
    server.answers(kind="llamafactory")
    roles = [("user", "在吗"), ("user", "有货吗"), ("assistant", "有"), ("system", "客服"), ("user", "多少钱")]
    messages = [{"role": role, "content": text} for role, text in roles]
    assert client.post("/v1/chat/completions", json=ASK | {"messages": messages}).status_code == 200
    sent = server.bodies[0]["messages"]
    assert [m["role"] for m in sent] == ["system", "user", "assistant", "user"]
    assert sent[1]["content"] == "在吗\n\n有货吗"


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("vllm", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("sglang", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("ollama", {"reasoning_effort": "none"}),
    ],
)
def test_thinking_is_switched_as_the_server_understands_it(client, server, add, kind, extra):
    add(kind=kind, thinking="off")
    client.post("/v1/chat/completions", json=ASK)
    add(kind=kind)
    client.post("/v1/chat/completions", json=ASK | {"enable_thinking": False})
    for body in server.bodies:
        assert extra.items() <= body.items()
        assert "enable_thinking" not in body


def test_embeddings_pass_through(client, server, add):
    add("vectors", abilities=("embeddings",))
    response = client.post("/v1/embeddings", json={"model": "vectors", "input": ["你好", "在"]})
    assert len(response.json["data"]) == 2
    assert response.json["usage"]["total_tokens"] == 14
    assert server.bodies[0]["model"] == "qwen-shop"
    assert client.post("/v1/embeddings", json={"model": "kefu-local", "input": "x"}).status_code == 404


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"model":"tuned"}', b'{"messages":[{"role":"user"}]}'])
def test_a_malformed_body_is_refused(client, add, raw):
    add()
    response = client.post("/v1/chat/completions", data=raw)
    assert response.status_code == 400
    assert response.json["error"]["type"] == "invalid_request_error"


def test_a_caller_that_goes_ends_the_upstream_call(engine, shop, server, add):
    """Closing the stream closes the upstream's connection, so that the model stops."""
    add()
    server.answers(pieces=tuple("很长的回答" * 20), hold=True)
    before = server.connections
    stream = engine.chat(shop, json.dumps(ASK | {"stream": True}).encode()).stream
    next(stream)
    stream.close()
    server.release.set()
    server.answers()
    engine.chat(shop, json.dumps(ASK).encode())
    assert server.connections - before == 2
