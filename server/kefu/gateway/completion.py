"""Chat-completion objects of OpenAI's API, for answers that we make ourselves."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kefu.core.text import tokenise


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """Either ``body`` (whole) or ``stream`` (chunks). ``llm_calls`` counts requests that reached a language model."""

    model: str
    llm_calls: int
    body: Mapping[str, Any] | None = None
    stream: Iterator[dict[str, Any]] | None = None


def local_answer(model: str, body: Mapping[str, Any], content: str, created: int, arguments: str = "") -> ChatAnswer:
    """``content`` (or a call of ``extract_parameters`` with ``arguments``) as the answer to ``body``."""
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if arguments:
        function = {"name": "extract_parameters", "arguments": arguments}
        message["tool_calls"] = [{"index": 0, "id": f"call_{uuid.uuid4().hex[:24]}", "type": "function", "function": function}]
    head = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "created": created,
        "model": model,
        "system_fingerprint": "kefu:llm_calls=0",
    }
    usage = usage_of(body, content or arguments)
    finish = "tool_calls" if arguments else "stop"
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": finish}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return ChatAnswer(model, 0, body=whole)
    return ChatAnswer(model, 0, stream=_chunks(head, message, finish, usage))


def _chunks(head: dict[str, Any], message: dict[str, Any], finish: str, usage: dict[str, int]) -> Iterator[dict[str, Any]]:
    head = {**head, "object": "chat.completion.chunk"}
    yield {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}], "usage": usage}


def usage_of(body: Mapping[str, Any], answer: str) -> dict[str, int]:
    """Token counts of a local answer: words as jieba cuts them, which is near enough and needs no download."""
    prompt = len(tokenise(json.dumps(body.get("messages", []), ensure_ascii=False)[:20_000]))
    completion = len(tokenise(answer))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
