"""Chat-completion objects of OpenAI's API, for answers that we make ourselves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kefu.core.text import tokenise
from kefu.gateway.nodes import text_of


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """Either ``body`` (whole) or ``stream`` (chunks). ``llm_calls`` counts requests that reached a language model."""

    model: str
    llm_calls: int
    body: Mapping[str, Any] | None = None
    stream: Iterator[bytes] | None = None
    """Server-sent events, ready to send."""


def fingerprint(llm_calls: int) -> str:
    """`system_fingerprint` of every completion: how many requests reached a language model."""
    return f"kefu:llm_calls={llm_calls}"


def local_answer(
    model: str, body: Mapping[str, Any], content: str, created: int, *, arguments: str = "", llm_calls: int = 0,
    counted: tuple[int, int] | None = None,
) -> ChatAnswer:  # fmt: skip
    """``content`` (or a call of ``extract_parameters`` with ``arguments``) as the answer to ``body``.

    ``counted``: tokens that a language model read and wrote for it, where one was asked and said so.
    """
    content, arguments = _sendable(content), _sendable(arguments)
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if arguments:
        function = {"name": "extract_parameters", "arguments": arguments}
        message["tool_calls"] = [
            {"index": 0, "id": f"call_{uuid.uuid4().hex[:24]}", "type": "function", "function": function}
        ]
    head = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "created": created,
        "model": model,
        "system_fingerprint": fingerprint(llm_calls),
    }
    usage = _usage(*counted) if counted else usage_of(body, content or arguments)
    finish = "tool_calls" if arguments else "stop"
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": finish}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return ChatAnswer(model, llm_calls, body=whole)
    return ChatAnswer(model, llm_calls, stream=_chunks(head, message, finish, usage))


def _chunks(head: dict[str, Any], message: dict[str, Any], finish: str, usage: dict[str, int]) -> Iterator[bytes]:
    head = {**head, "object": "chat.completion.chunk"}
    first = {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]}
    last = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}], "usage": usage}
    yield b"data: " + orjson.dumps(first) + b"\n\n" + b"data: " + orjson.dumps(last) + b"\n\n" + b"data: [DONE]\n\n"


def _sendable(text: str) -> str:
    """Half a surrogate pair, as JSON may smuggle it in, has no UTF-8."""
    return text.encode("utf-8", "replace").decode()


def usage_of(body: Mapping[str, Any], answer: str) -> dict[str, int]:
    """Token counts of a local answer: words as jieba cuts them, which is near enough and needs no download."""
    said = "\n".join(text_of(m.get("content")) for m in body.get("messages", ()) if isinstance(m, Mapping))
    prompt = len(tokenise(_sendable(said[:20_000])))
    return _usage(prompt, len(tokenise(answer)))


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
