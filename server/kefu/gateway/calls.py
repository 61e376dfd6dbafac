"""Single requests to one upstream."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from kefu.core.guard import Guard
from kefu.core.upstreams import Upstream
from kefu.gateway.body import dumped, outgoing, short_body, with_model
from kefu.gateway.completion import ChatAnswer, usage_of
from kefu.gateway.errors import ClientGone, Refusal, UpstreamError, refused
from kefu.gateway.http import Call, Pool, Reply
from kefu.gateway.nodes import text_of
from kefu.gateway.relay import DONE, Relayed, frame, parse_completion, stream_answer, whole_answer


def _ignore(_name: str, **_labels: str) -> None: ...


def _nobody_asks(_request: Mapping[str, Any], _requests: int, _said: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits. ``key`` keeps a conversation on one side of a share; ``client`` is its socket, watched for hanging up;
    ``count(metric, **labels)`` notes what happened, ``answered(request, requests, said)`` what a language model said to
    a request that passed through, ``""`` if none answered."""

    key: str = ""
    client: socket.socket | None = None
    count: Callable[..., None] = _ignore
    answered: Callable[[Mapping[str, Any], int, str], None] = _nobody_asks


NOBODY = Caller()
"""Nobody in particular: no watching, no counting."""


def call_of(upstream: Upstream, path: str, body: bytes | None, caller: Caller) -> Call:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if upstream.key:
        headers["Authorization"] = f"Bearer {upstream.key}"
    return Call(
        upstream.name,
        upstream.url.rstrip("/") + path,
        headers,
        body,
        upstream.connect_timeout,
        upstream.read_timeout,
        caller.client,
    )


def send(pool: Pool, upstream: Upstream, path: str, body: bytes | None, caller: Caller) -> Reply:
    """An answer with status 200. Raises UpstreamError for any other."""
    reply = pool.send(call_of(upstream, path, body, caller))
    if reply.status == 200:
        return reply
    raise refused(upstream.name, Refusal(reply.status, reply.read(), reply.header("Retry-After")), upstream.key)


def relay(
    pool: Pool,
    upstream: Upstream,
    raw: bytes,
    body: Mapping[str, Any],
    caller: Caller,
    guard: Guard | None,
    calls_before: int,
) -> ChatAnswer:
    """The caller's own request, passed through; its first event is there when this returns."""
    reply = send(pool, upstream, "/chat/completions", outgoing(raw, body, upstream), caller)
    calls = calls_before + 1

    def replaced(name: str, kind: str) -> None:
        caller.count("kefu_guard_replaced_total", model=name, kind=kind)

    relayed = Relayed(upstream.name, calls, body, guard, replaced, partial(caller.answered, body, calls))
    if not body.get("stream"):
        return ChatAnswer(upstream.name, calls, body=whole_answer(reply, relayed))
    if reply.header("Content-Type").startswith("application/json"):
        return ChatAnswer(upstream.name, calls, stream=_as_stream(whole_answer(reply, relayed)))
    events = stream_answer(reply, relayed)
    first = next(events)
    return ChatAnswer(upstream.name, calls, stream=_resume(first, events, caller))


def _resume(first: bytes, events: Generator[bytes, None, None], caller: Caller) -> Iterator[bytes]:
    try:
        yield first
        yield from events
    except ClientGone:
        caller.count("kefu_chat_errors_total", code="client_gone")
    finally:
        events.close()


def _as_stream(answer: dict[str, Any]) -> Iterator[bytes]:
    """A server that does not stream still answers a caller who wanted a stream."""
    choice = answer["choices"][0]
    last = {**answer, "object": "chat.completion.chunk"}
    last["choices"] = [{"index": 0, "delta": {}, "finish_reason": choice.get("finish_reason") or "stop"}]
    first = {name: value for name, value in last.items() if name != "usage"}
    first["choices"] = [{"index": 0, "delta": choice.get("message") or {}, "finish_reason": None}]
    return itertools.chain((frame(first) + frame(last) + DONE,))


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered to a short question; ``whole``: it was not cut at the token limit.

    ``usage``: tokens of prompt and answer as the server counted them, None if it did not.
    """

    text: str
    whole: bool
    requests: int
    usage: tuple[int, int] | None = None


LIMITS = {True: 16, False: 1024}
"""Tokens for a class: by whether the server can be made to write nothing else. Others may think first."""


def ask(
    pool: Pool, upstream: Upstream, messages: Sequence[Mapping[str, str]], extra: Mapping[str, Any], limit: int,
    caller: Caller,
) -> Said:  # fmt: skip
    """One short question. A server too old for ``extra`` refuses it and is asked again without."""
    requests = 1
    try:
        reply = send(pool, upstream, "/chat/completions", short_body(upstream, messages, extra, limit), caller)
    except UpstreamError as error:
        if error.status not in (400, 422) or not extra:
            raise
        requests = 2
        freely = min(LIMITS[False], upstream.context_size // 4)
        reply = send(pool, upstream, "/chat/completions", short_body(upstream, messages, {}, freely), caller)
    return _said(reply, upstream, requests)


def ask_as_it_came(pool: Pool, upstream: Upstream, body: Mapping[str, Any], caller: Caller) -> Said:
    """The caller's own messages and parameters, answered in one piece. A tool call's arguments are what was said."""
    whole = {name: value for name, value in body.items() if name != "stream_options"} | {"stream": False}
    return _said(send(pool, upstream, "/chat/completions", outgoing(dumped(whole), whole, upstream), caller), upstream)


def _said(reply: Reply, upstream: Upstream, requests: int = 1) -> Said:
    answer = parse_completion(reply.read(), upstream.name)
    choice = answer["choices"][0] if isinstance(answer["choices"][0], dict) else {}
    message = choice.get("message")
    texts = (*_arguments(message), text_of(message.get("content"))) if isinstance(message, dict) else ()
    return Said("\n".join(texts), choice.get("finish_reason") != "length", requests, _counted(answer.get("usage")))


def _arguments(message: Mapping[str, Any]) -> list[str]:
    """Of every tool call, those of the extractor's own tool first."""
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    known = [function for function in functions if isinstance(function, dict)]
    known.sort(key=lambda function: function.get("name") != "extract_parameters")
    arguments = [function.get("arguments") for function in known]
    return [text if isinstance(text, str) else dumped(text).decode() for text in arguments]


def _counted(usage: Any) -> tuple[int, int] | None:
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return (prompt, completion) if isinstance(prompt, int) and isinstance(completion, int) else None


def embed(pool: Pool, upstream: Upstream, raw: bytes, body: Mapping[str, Any], caller: Caller) -> bytes:
    """Embeddings as the server makes them, with usage. Raises UpstreamError."""
    reply = send(pool, upstream, "/embeddings", with_model(raw, upstream.model), caller)
    answer = reply.read()
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise UpstreamError(
            f"The upstream “{upstream.name}” sent no embeddings.",
            "Is this an embedding model?",
            code="upstream_malformed",
        )
    if isinstance(value.get("usage"), dict):
        return answer
    said = body.get("input")
    messages = [{"content": text} for text in (said if isinstance(said, list) else [said]) if isinstance(text, str)]
    counted = usage_of({"messages": messages}, "")
    return orjson.dumps(
        {**value, "usage": {"prompt_tokens": counted["prompt_tokens"], "total_tokens": counted["prompt_tokens"]}}
    )
