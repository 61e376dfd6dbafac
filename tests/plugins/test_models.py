"""The model plugin over the daemon's protocol, against servers that behave like real ones."""

from __future__ import annotations

import json
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from openai_server import OpenAIServer

from kefu.playground.stdio import PluginError, PluginProcess

ASK = [{"role": "system", "content": "客服"}, {"role": "user", "content": "有货吗"}]
WEATHER = {
    "name": "look_up",
    "description": "Look a product up.",
    "parameters": {"type": "object", "properties": {"product": {"type": "string"}}},
}


def _credentials(server: OpenAIServer, **more: str) -> dict[str, str]:
    return {"endpoint_url": f"{server.url}/v1", "api_key": "sk-1", "context_size": "8192", **more}


def _chunks(
    plugin: PluginProcess, server: OpenAIServer, messages: list[dict[str, Any]] | None = None, **options: Any
) -> list[dict[str, Any]]:
    extra = options.pop("credentials", {})
    return list(plugin.invoke_llm("kefu", "shop-7b", messages or ASK, _credentials(server, **extra), **options))


def _text(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["delta"]["message"]["content"] for chunk in chunks)


def _failure(plugin: PluginProcess, server: OpenAIServer, **options: Any) -> PluginError:
    with pytest.raises(PluginError) as caught:
        _chunks(plugin, server, **options)
    return caught.value


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])
@pytest.mark.parametrize("kind", ["vllm", "sglang", "ollama", "llamafactory", "old", "no_done", "kefu"])
def test_every_server_answers_with_text_usage_and_reason(
    kind: str, stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Usage comes from the server wherever it sends any, and is counted here where it does not."""
    openai_server.answers(kind=kind)
    chunks = _chunks(models_plugin, openai_server, stream=stream)
    last = chunks[-1]["delta"]
    assert _text(chunks) == "您好，有货。"
    assert last["finish_reason"] == "stop"
    assert all(chunk["delta"]["usage"] is None for chunk in chunks[:-1])
    unreported = kind in ("llamafactory", "old")
    if unreported:
        assert 0 < last["usage"]["completion_tokens"] < 20
        assert 0 < last["usage"]["prompt_tokens"] < 40
    else:
        assert (last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == (31, 8)
    assert last["usage"]["total_tokens"] == sum(last["usage"][name] for name in ("prompt_tokens", "completion_tokens"))
    assert len(chunks) == (3 if stream else 1)


def test_the_fingerprint_that_counts_llm_calls_is_passed_on(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """The playground and the evaluation count language-model calls by it."""
    openai_server.answers(kind="kefu")
    for stream in (True, False):
        chunks = _chunks(models_plugin, openai_server, stream=stream)
        assert {chunk["system_fingerprint"] for chunk in chunks} == {"kefu:llm_calls=0"}


def test_pieces_arrive_while_the_server_is_still_speaking(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Nothing is held back, chunked or not: the first piece is here before the second is sent."""
    for chunked in (True, False):
        openai_server.answers(hold=True, chunked=chunked)
        chunks = models_plugin.invoke_llm("kefu", "m", ASK, _credentials(openai_server))
        assert next(chunks)["delta"]["message"]["content"] == "您好"
        assert not openai_server.release.is_set()
        openai_server.release.set()
        assert _text(list(chunks)) == "，有货。"


@pytest.mark.parametrize("kind", ["vllm", "sglang"])
@pytest.mark.parametrize("stream", [True, False])
def test_what_a_model_thinks_reaches_nobody_whichever_field_carries_it(
    kind: str, stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """A Chatflow shows all the text that a model node has."""
    openai_server.answers(kind=kind, reasoning=("先看", "库存"))
    assert _text(_chunks(models_plugin, openai_server, stream=stream)) == "您好，有货。"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "pieces",
    [
        ("<think>先看库存</think>\n\n您好，", "有货。"),
        ("<th", "ink>\n先看", "库存</thi", "nk>", "\n\n", "您好，有", "货。"),
        tuple("<think>\n想\n</think>\n您好，有货。"),
        ("您好，", "<think>再想想</think>有货。", "<think>没说完"),
    ],
)
def test_what_a_model_thinks_in_marks_reaches_nobody_however_it_is_cut(
    pieces: tuple[str, ...], stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    openai_server.answers(pieces=tuple(pieces))
    assert _text(_chunks(models_plugin, openai_server, stream=stream)) == "您好，有货。"


def test_smaller_than_signs_are_kept(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    openai_server.answers(pieces=("尺寸 a<", "thin 5 <", " 7 <t"))
    assert _text(_chunks(models_plugin, openai_server)) == "尺寸 a<thin 5 < 7 <t"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "script",
    [
        {"pieces": ()},
        {"pieces": (" ", "\n")},
        {"pieces": ("<think>想", "不完")},
        {"kind": "sglang", "reasoning": ("想",), "pieces": (), "finish": "length"},
    ],
)
def test_an_answer_without_a_word_is_an_error(
    script: dict[str, Any], stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Else Dify's node succeeds and the customer gets an empty message."""
    openai_server.answers(**script)
    with pytest.raises(PluginError, match="wrote no answer") as caught:
        _chunks(models_plugin, openai_server, stream=stream)
    assert caught.value.error_type == "InvokeServerUnavailableError"


def test_an_answer_that_may_have_few_words_may_have_none(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Who allows 16 tokens only tries the model, and that one may still be thinking."""
    openai_server.answers(kind="sglang", reasoning=("想",), pieces=(), finish="length")
    chunks = _chunks(models_plugin, openai_server, parameters={"max_tokens": 16})
    assert (_text(chunks), chunks[-1]["delta"]["finish_reason"]) == ("", "length")


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])
@pytest.mark.parametrize("kind", ["vllm", "ollama"])
def test_parallel_tool_calls_arrive_whole(
    kind: str, stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Deltas are put together by index; Ollama's two whole calls at index 0 stay two."""
    calls = (("look_up", '{"product": "内存条"}'), ("look_up", '{"product": "硬盘"}'))
    openai_server.answers(kind=kind, calls=calls, pieces=(), finish="tool_calls")
    chunks = _chunks(models_plugin, openai_server, tools=[WEATHER], stream=stream)
    found = [call for chunk in chunks for call in chunk["delta"]["message"]["tool_calls"]]
    assert [(call["function"]["name"], call["function"]["arguments"]) for call in found] == list(calls)
    assert [call["id"] for call in found] == ["c0", "c1"]
    assert chunks[-1]["delta"]["finish_reason"] == "tool_calls"


def test_tool_calls_whose_parts_come_mixed_are_put_together(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Two calls grow side by side, one names its tool in every part, and text stands before them."""

    def part(index: int, arguments: str, **more: Any) -> dict[str, Any]:
        return {"tool_calls": [{"index": index, **more, "function": {"arguments": arguments, "name": "look_up"}}]}

    deltas = (
        part(0, '{"product"', id="a", type="function"),
        part(1, "", id="b", type="function"),
        part(0, ': "内存'),
        part(1, '{"product": '),
        {
            "tool_calls": [
                {"index": 0, "function": {"arguments": '条"}'}},
                {"index": 1, "function": {"arguments": '"硬盘"}'}},
            ]
        },
    )
    openai_server.answers(pieces=("我查一下",), deltas=deltas, finish="tool_calls")
    chunks = _chunks(models_plugin, openai_server, tools=[WEATHER])
    found = [call for chunk in chunks for call in chunk["delta"]["message"]["tool_calls"]]
    assert [(call["id"], call["function"]["name"]) for call in found] == [("a", "look_up"), ("b", "look_up")]
    assert [call["function"]["arguments"] for call in found] == ['{"product": "内存条"}', '{"product": "硬盘"}']
    assert _text(chunks) == "我查一下"


def test_slow_words_are_waited_for(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """The read time-out is the longest silence, not the whole answer."""
    openai_server.answers(pieces=tuple("慢慢地说完这句话"), pace=0.3)
    assert _text(_chunks(models_plugin, openai_server, credentials={"read_timeout": "2"})) == "慢慢地说完这句话"


def test_a_format_that_the_server_ignores_costs_no_answer(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Its text arrives as it is: what to make of it is the app's to decide."""
    openai_server.answers(kind="llamafactory")
    parameters = {"response_format": "json_object"}
    chunks = _chunks(models_plugin, openai_server, parameters=parameters, credentials={"json_output": "json_object"})
    assert _text(chunks) == "您好，有货。"


def test_tools_go_out_with_the_wanted_choice(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """auto unless the parameter says otherwise; no tools, no choice."""
    able = {"tools": "multi_tool_call"}
    for choice in (None, "required", "none"):
        parameters = {"tool_choice": choice} if choice else {}
        _chunks(models_plugin, openai_server, tools=[WEATHER], parameters=parameters, credentials=able)
    _chunks(models_plugin, openai_server)
    sent = openai_server.bodies
    assert [body.get("tool_choice") for body in sent] == ["auto", "required", "none", None]
    assert sent[0]["tools"] == [{"type": "function", "function": WEATHER}]
    assert "tools" not in sent[3]


def test_a_conversation_with_tool_results_keeps_its_shape(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """As the extractor's function-call mode sends it: the call and its result are linked by id."""
    call = {"id": "a", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "查"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "3", "tool_call_id": "a"},
    ]
    _chunks(models_plugin, openai_server, messages)
    assert openai_server.bodies[0]["messages"] == messages


def test_a_turn_that_failed_does_not_stop_a_strict_server(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Dify sends user after user then; LLaMA-Factory refuses that unless neighbours are joined."""
    messages = [
        {"role": "user", "content": "一"},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "二"},
        {"role": "system", "content": "客服"},
    ]
    openai_server.answers(kind="llamafactory")
    assert _failure(models_plugin, openai_server, messages=messages).error_type == "InvokeBadRequestError"
    joined = _chunks(models_plugin, openai_server, messages, credentials={"role_order": "alternate"})
    assert _text(joined) == "您好，有货。"
    assert openai_server.bodies[-1]["messages"] == [
        {"role": "system", "content": "客服"},
        {"role": "user", "content": "一\n\n二"},
    ]


def test_messages_go_out_byte_for_byte(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """The gateway recognises Dify's prompts by their structure; quotes, braces and fences stay."""
    messages = [
        {"role": "system", "content": '```json\n{"a": "{{#env.X#}}"}\n```'},
        {"role": "user", "content": '他说"有货"{吗}\u2028\n'},
        {"role": "user", "content": ""},
    ]
    _chunks(models_plugin, openai_server, messages)
    assert openai_server.bodies[0]["messages"] == messages


def test_images_become_parts_and_plain_text_stays_plain(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """A list only where there is a picture: some servers know no list."""
    picture = {"type": "image", "format": "png", "base64_data": "AAAA", "mime_type": "image/png", "detail": "high"}
    text = {"type": "text", "data": "这是什么"}
    _chunks(
        models_plugin,
        openai_server,
        [{"role": "user", "content": [text]}, {"role": "user", "content": [text, picture]}],
    )
    sent = [message["content"] for message in openai_server.bodies[0]["messages"]]
    image = {"url": "data:image/png;base64,AAAA", "detail": "high"}
    assert sent == ["这是什么", [{"type": "text", "text": "这是什么"}, {"type": "image_url", "image_url": image}]]


def test_parameters_reach_the_server(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Everything with a rule; a temperature of three decimals too, which stock rules refuse."""
    parameters = {
        "temperature": 0.125,
        "top_p": 0.9,
        "max_tokens": 200,
        "presence_penalty": 0.5,
        "frequency_penalty": -0.5,
        "seed": 7,
        "response_format": "json_object",
        "enable_thinking": False,
    }
    able = {"json_output": "json_object", "thinking": "template"}
    _chunks(models_plugin, openai_server, parameters=parameters, stop=["\n\n"], user_id="u1", credentials=able)
    body = openai_server.bodies[0]
    for name in ("temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty", "seed"):
        assert body[name] == parameters[name]
    assert body["response_format"] == {"type": "json_object"}
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert (body["stop"], body["user"], body["stream_options"]) == (["\n\n"], "u1", {"include_usage": True})


@pytest.mark.parametrize(
    ("switch", "value", "sent"),
    [
        ("template", True, {"chat_template_kwargs": {"enable_thinking": True}}),
        ("top_level", False, {"enable_thinking": False}),
        ("effort", False, {"reasoning_effort": "none"}),
        ("effort", True, {}),
        ("none", True, {}),
    ],
)
def test_the_thinking_switch_speaks_each_servers_way(
    switch: str, value: bool, sent: dict[str, Any], models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """And nothing is sent to a server that has none."""
    _chunks(
        models_plugin,
        openai_server,
        parameters={"enable_thinking": value},
        credentials={"thinking": switch},
    )
    body = openai_server.bodies[0]
    names = ("chat_template_kwargs", "enable_thinking", "reasoning_effort")
    assert {name: body[name] for name in names if name in body} == sent


@pytest.mark.parametrize("text", ['{"type": "object"}', '{"name": "llm_response", "schema": {"type": "object"}}'])
def test_a_json_schema_is_taken_bare_or_wrapped(
    text: str, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """People type the first, Dify's structured output sends the second."""
    able = {"json_output": "json_schema"}
    parameters = {"response_format": "json_schema", "json_schema": text}
    _chunks(models_plugin, openai_server, parameters=parameters, credentials=able)
    sent = openai_server.bodies[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"] == {"type": "object"}
    assert sent["json_schema"]["name"]


def test_a_json_schema_that_is_none_is_a_bad_request(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Said before anything is sent."""
    able = {"json_output": "json_schema"}
    error = _failure(models_plugin, openai_server, parameters={"json_schema": "not json"}, credentials=able)
    assert error.error_type == "InvokeBadRequestError"
    assert openai_server.requests == []


def test_completion_mode_sends_a_prompt(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """For base models without a chat template."""
    openai_server.answers(pieces=("好",))
    chunks = _chunks(models_plugin, openai_server, stream=False, credentials={"mode": "completion"})
    assert _text(chunks) == "好"
    path, _, body = openai_server.requests[0]
    assert path == "/v1/completions"
    assert body["prompt"] == "客服\n\n有货吗"


def test_invalid_utf8_costs_one_character_not_the_answer(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """A token cut inside a character is common with byte-level tokenizers."""
    openai_server.answers(pieces=("有", b"\xe8\xb4", "货"))
    assert _text(_chunks(models_plugin, openai_server)) == "有\ufffd货"


def test_a_server_that_ignores_stream_is_understood(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Its whole answer becomes one piece."""
    openai_server.answers(ignores_stream=True)
    chunks = _chunks(models_plugin, openai_server)
    assert _text(chunks) == "您好，有货。"
    assert chunks[-1]["delta"]["usage"]["completion_tokens"] == 8


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "blocking"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "InvokeBadRequestError"),
        (401, "InvokeAuthorizationError"),
        (403, "InvokeAuthorizationError"),
        (404, "InvokeBadRequestError"),
        (408, "InvokeServerUnavailableError"),
        (413, "InvokeBadRequestError"),
        (422, "InvokeBadRequestError"),
        (429, "InvokeRateLimitError"),
        (500, "InvokeServerUnavailableError"),
        (503, "InvokeServerUnavailableError"),
    ],
)
def test_each_status_is_one_of_difys_kinds(
    status: int, kind: str, stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """By its exact name, with what the server said."""
    openai_server.answers(status=status, headers={"Retry-After": "17"})
    error = _failure(models_plugin, openai_server, stream=stream)
    assert error.error_type == kind
    assert f"HTTP {status}: said {status}" in error.message
    assert ("17" in error.message) == (status == 429)
    assert "sk-1" not in error.message


@pytest.mark.parametrize(
    "body", ['{"detail": "loading"}', '{"error": "loading"}', '{"message": "loading"}', "loading", ""]
)
def test_error_bodies_of_all_shapes_are_read(
    body: str, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """FastAPI's, Ollama's, plain text, nothing."""
    openai_server.answers(status=503, error=body)
    assert _failure(models_plugin, openai_server).message.endswith(f"HTTP 503: {'loading' if body else ''}")


def test_a_cut_stream_is_an_error_after_the_text(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Chunked or not: half an answer never passes for a whole one."""
    for chunked in (True, False):
        openai_server.answers(cut_after=3, chunked=chunked)
        chunks = models_plugin.invoke_llm("kefu", "m", ASK, _credentials(openai_server))
        said = []
        with pytest.raises(PluginError) as caught:
            said += [next(chunks) for _ in range(5)]
        assert caught.value.error_type == "InvokeConnectionError"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "KV cache", "type": "InternalServerError", "code": 500}, "InvokeServerUnavailableError"),
        ({"message": "slow down", "type": "rate_limit_error", "code": None}, "InvokeRateLimitError"),
        ({"message": "too long", "type": "BadRequestError", "code": 400}, "InvokeBadRequestError"),
        ({"message": "too long", "type": "invalid_request_error"}, "InvokeBadRequestError"),
        ("broken", "InvokeServerUnavailableError"),
    ],
)
def test_an_error_inside_a_stream_is_typed(
    error: Any, kind: str, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """After HTTP 200, as vLLM sends it."""
    openai_server.answers(error_after=(2, error))
    assert _failure(models_plugin, openai_server).error_type == kind


@pytest.mark.parametrize("raw", [b"<html>hello</html>", b"[]", b"{", b""])
@pytest.mark.parametrize("stream", [True, False])
def test_a_page_instead_of_an_answer_is_unavailable(
    raw: bytes, stream: bool, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """A wrong path behind a proxy that answers 200."""
    openai_server.answers(raw=raw)
    assert _failure(models_plugin, openai_server, stream=stream).error_type == "InvokeServerUnavailableError"


def test_nobody_there_and_too_slow_are_connection_errors(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """The read time-out is the credential's; the connect time-out is 3 s."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(PluginError) as caught:
        list(models_plugin.invoke_llm("kefu", "m", ASK, {"endpoint_url": closed}))
    assert caught.value.error_type == "InvokeConnectionError"
    for stream in (True, False):
        openai_server.answers(hold=True)
        error = _failure(models_plugin, openai_server, stream=stream, credentials={"read_timeout": "0.3"})
        openai_server.release.set()
        assert error.error_type == "InvokeConnectionError"


def test_a_server_that_takes_no_connection_is_given_three_seconds(unconnected: Future[PluginError]) -> None:
    """The call began when the suite did, so that its wait costs nothing here."""
    error = unconnected.result(timeout=60)
    assert error.error_type == "InvokeConnectionError"
    assert error.message.startswith("3 秒内没有连上")


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x/v1", "http://"])
def test_a_wrong_address_says_how_it_should_look(url: str, models_plugin: PluginProcess) -> None:
    """Typed as a bad request."""
    with pytest.raises(PluginError, match="http://host:port/v1") as caught:
        list(models_plugin.invoke_llm("kefu", "m", ASK, {"endpoint_url": url}))
    assert caught.value.error_type == "InvokeBadRequestError"


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_a_pasted_address_is_understood(suffix: str, models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Host alone, with slash, or the whole call."""
    credentials = {"endpoint_url": openai_server.url + suffix}
    list(models_plugin.invoke_llm("kefu", "m", ASK, credentials))
    path, headers, _ = openai_server.requests[0]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers


def test_calls_share_connections_and_run_side_by_side(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Sixteen held streams at once; twenty calls in a row open no connection more."""
    openai_server.answers(hold=True)
    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(_chunks, models_plugin, openai_server) for _ in range(16)]
        openai_server.await_requests(16)
        openai_server.release.set()
        assert {_text(call.result()) for call in calls} == {"您好，有货。"}
    openai_server.answers()
    before = openai_server.connections
    for _ in range(20):
        _chunks(models_plugin, openai_server)
    assert openai_server.connections - before <= 1


def test_a_schema_follows_the_form(models_plugin: PluginProcess) -> None:
    """Context size, abilities and parameter rules come from credentials; no polling, which old APIs choke on."""
    form = {"endpoint_url": "http://x/v1", "context_size": "16384", "vision": "yes", "max_output_tokens": "512"}
    able = {**form, "tools": "multi_tool_call", "json_output": "json_schema", "thinking": "template"}
    plain = models_plugin.model_schemas("kefu", "m", {**form, "vision": "no"})
    full = models_plugin.model_schemas("kefu", "m", able)
    assert plain is not None
    assert full is not None
    assert plain["model_properties"] == {"mode": "chat", "context_size": 16384}
    assert plain["features"] == []
    assert set(full["features"]) == {"multi-tool-call", "tool-call", "stream-tool-call", "vision"}
    rules = [[rule["name"] for rule in schema["parameter_rules"]] for schema in (plain, full)]
    common = ["temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty", "seed"]
    assert rules[0] == common
    assert rules[1] == [*common, "response_format", "json_schema", "tool_choice", "enable_thinking"]
    assert next(rule for rule in full["parameter_rules"] if rule["name"] == "max_tokens")["max"] == 512


@pytest.mark.parametrize("size", ["", "abc", "-1", "0", None])
def test_a_context_size_that_is_no_number_is_the_default(size: Any, models_plugin: PluginProcess) -> None:
    """The form is text; a model must still have a schema."""
    schema = models_plugin.model_schemas("kefu", "m", {"endpoint_url": "http://x/v1", "context_size": size})
    assert schema is not None
    assert schema["model_properties"]["context_size"] == 4096


@pytest.mark.parametrize("model", ["kefu-router", "kefu-local", "kefu"])
def test_the_built_in_models_have_schemas(model: str, models_plugin: PluginProcess) -> None:
    """Their names are in people's apps: frozen. Every parameter the issue names has a rule."""
    schema = models_plugin.model_schemas("kefu", model, {"endpoint_url": "http://x/v1", "api_key": "k"})
    assert schema is not None
    names = {rule["name"] for rule in schema["parameter_rules"]}
    assert {"temperature", "max_tokens", "seed", "response_format", "json_schema"} <= names
    assert ("enable_thinking" in names) == (model == "kefu")


def test_tokens_are_counted_without_a_download(models_plugin: PluginProcess) -> None:
    """An estimate near what Qwen's tokenizer counts; no network is touched."""
    text = "您好，您购买的商品已经发货，预计明天下午送达杭州市西湖区。"
    counted = models_plugin.count_tokens("kefu", "m", [{"role": "user", "content": text}], {})
    assert 15 <= counted <= 30
    assert models_plugin.count_tokens("kefu", "m", [], {}) == 0


def _invalid(plugin: PluginProcess, credentials: dict[str, str], model_type: str = "llm") -> str:
    with pytest.raises(PluginError) as caught:
        plugin.validate_model_credentials("kefu", "shop-7b", credentials, model_type=model_type)
    assert caught.value.error_type == "CredentialsValidateFailedError"
    return caught.value.message


def test_good_credentials_are_probed_for_all_they_claim(
    models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Chat, JSON and tools: three calls, and only the first when nothing is claimed."""
    openai_server.answers(calls=(("report_city", '{"city": "杭州"}'),))
    able = {"tools": "tool_call", "json_output": "json_schema"}
    models_plugin.validate_model_credentials("kefu", "shop-7b", _credentials(openai_server, **able))
    assert len(openai_server.requests) == 3
    models_plugin.validate_model_credentials("kefu", "shop-7b", _credentials(openai_server))
    assert len(openai_server.requests) == 4
    models_plugin.validate_model_credentials("kefu", "m", _credentials(openai_server, mode="completion"))
    assert openai_server.requests[-1][0] == "/v1/completions"


def test_what_is_missing_is_named(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """JSON that is ignored, tools that are ignored, a wrong key, no chat at all."""
    openai_server.answers(kind="llamafactory")
    json_ = _invalid(models_plugin, _credentials(openai_server, json_output="json_object"))
    tools = _invalid(models_plugin, _credentials(openai_server, tools="tool_call"))
    assert "response_format=json_object" in json_
    assert "no tool call" in tools
    openai_server.answers(status=401)
    assert "refused the key" in _invalid(models_plugin, _credentials(openai_server))
    openai_server.answers(status=404)
    assert "[chat]" in _invalid(models_plugin, _credentials(openai_server))
    openai_server.answers(raw=b'{"hello": 1}')
    assert "no choices" in _invalid(models_plugin, _credentials(openai_server))


def test_the_providers_address_must_be_a_kefu_server(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """It lists kefu-router and kefu-local, or the missing ones are named."""
    models_plugin.validate_provider_credentials("kefu", _credentials(openai_server))
    openai_server.answers(models=("qwen", "kefu-local"))
    with pytest.raises(PluginError, match="kefu-router not offered"):
        models_plugin.validate_provider_credentials("kefu", _credentials(openai_server))


def test_embeddings_come_in_batches_and_in_order(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Forty texts are three calls; the server answers backwards."""
    texts = ["字" * (number % 9 + 1) for number in range(40)]
    answer = models_plugin.embed("kefu", "bge", texts, _credentials(openai_server))
    assert [row[0] for row in answer["embeddings"]] == [float(len(text)) for text in texts]
    assert [len(body["input"]) for body in openai_server.bodies] == [16, 16, 8]
    assert answer["usage"]["total_tokens"] == 7 * 40
    models_plugin.validate_model_credentials("kefu", "bge", _credentials(openai_server), model_type="text-embedding")


def test_a_wrong_number_of_vectors_is_an_error(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Else a document would get its neighbour's vector."""
    openai_server.answers(vectors=[{"index": 0, "embedding": [1.0]}])
    with pytest.raises(PluginError) as caught:
        models_plugin.embed("kefu", "bge", ["a", "b"], _credentials(openai_server))
    assert caught.value.error_type == "InvokeServerUnavailableError"
    openai_server.answers(status=429)
    with pytest.raises(PluginError) as caught:
        models_plugin.embed("kefu", "bge", ["a"], _credentials(openai_server))
    assert caught.value.error_type == "InvokeRateLimitError"
    openai_server.answers(vectors=[])
    assert "no embedding model" in _invalid(models_plugin, _credentials(openai_server), "text-embedding")


def test_the_daemons_own_requests_are_answered(models_plugin: PluginProcess, openai_server: OpenAIServer) -> None:
    """Fields as recorded from a running Dify: null tools and stop, empty names, null tool_calls."""
    recorded = {
        "action": "invoke_llm",
        "credentials": _credentials(openai_server),
        "json_schema": None,
        "model": "shop-7b",
        "model_parameters": {"max_tokens": 500, "temperature": 1},
        "model_type": "llm",
        "prompt_messages": [{"role": "user", "content": "x", "name": "", "tool_calls": None, "tool_call_id": ""}],
        "provider": "kefu",
        "stop": None,
        "stream": False,
        "tools": None,
        "type": "model",
        "user_id": "",
    }
    chunks = list(models_plugin.request(json.loads(json.dumps(recorded))))
    assert _text(chunks) == "您好，有货。"
    assert openai_server.bodies[0]["messages"] == [{"role": "user", "content": "x"}]


STRANGE: tuple[Any, ...] = (None, 1, "x", [], {}, [1], [None], {"a": 1}, True, [{"index": "x", "function": "y"}])


@pytest.mark.parametrize("field", ["choices", "usage", "system_fingerprint", "delta", "tool_calls", "content"])
def test_answers_of_any_shape_are_answers_or_typed_errors(
    field: str, models_plugin: PluginProcess, openai_server: OpenAIServer
) -> None:
    """Strange values in each field, streamed and whole: never a bare AttributeError."""
    kinds: list[str] = []
    for value in STRANGE:
        delta: dict[str, Any] = {"content": "好"}
        choice: dict[str, Any] = {"index": 0, "finish_reason": "stop", "delta": delta}
        body: dict[str, Any] = {"model": "m", "choices": [choice]}
        holder = {"delta": choice, "tool_calls": delta, "content": delta}.get(field, body)
        holder[field] = value
        openai_server.answers(raw=json.dumps(body).encode())
        for stream in (True, False):
            try:
                _chunks(models_plugin, openai_server, stream=stream)
            except PluginError as error:
                kinds.append(error.error_type)
    assert {kind for kind in kinds if not kind.startswith("Invoke")} == set()
