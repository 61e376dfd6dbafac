"""Chat-completion bodies on their way to an upstream: untouched except for the model's name, unless it must be more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from kefu.core.upstreams import Upstream
from kefu.gateway.kinds import UPSTREAM_KINDS, Kind

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)
_MODEL = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*")')


def outgoing(raw: bytes, body: Mapping[str, Any], upstream: Upstream) -> bytes:
    """``raw`` with the upstream's own model name; ``body`` is the same, parsed.

    More changes only where the server would refuse or misread it: its role rules, its thinking switch.
    """
    kind = UPSTREAM_KINDS[upstream.kind]
    changes: dict[str, Any] = {}
    if kind.alternates and not alternates(body["messages"]):
        changes["messages"] = alternating(body["messages"])
    asked = body.get("enable_thinking")
    if upstream.thinking != "as-asked":
        changes.update(_merged(kind.think(upstream.thinking == "on"), body))
    elif isinstance(asked, bool):
        changes.update(_merged(kind.think(asked), body))
    if not kind.stream_usage and "stream_options" in body:
        changes["stream_options"] = None
    if not changes and not isinstance(asked, bool):
        return with_model(raw, upstream.model)
    whole = {**body, **changes, "model": upstream.model}
    return dumped({name: value for name, value in whole.items() if name != "enable_thinking" and value is not None})


def dumped(value: Any) -> bytes:
    """JSON; half a surrogate pair and numbers over 64 bits, which only the standard library writes, included."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


def _merged(extra: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """``extra`` over what the caller sent in the same members."""
    return {
        name: {**body[name], **value} if isinstance(value, dict) and isinstance(body.get(name), dict) else value
        for name, value in extra.items()
    }


def with_model(raw: bytes, model: str) -> bytes:
    """``raw`` with every top-level "model" set to ``model``; no other byte differs."""
    # Its only mention, and no letter of a key is escaped: then it is the member, and the body need not be read.
    if raw.count(b'"model"') == 1 and b"\\u006" not in raw and (match := _MODEL.search(raw)):
        return raw[: match.start(1)] + orjson.dumps(model) + raw[match.end(1) :]
    spans: list[tuple[int, int]] = []
    depth, key, after_colon = 0, b"", False
    for token in _TOKEN.finditer(raw):
        text = token[0]
        if text in b"{[":
            depth += 1
        elif text in b"}]":
            depth -= 1
        elif depth == 1 and text == b":":
            after_colon = True
            continue
        elif depth == 1 and text[:1] == b'"':
            if after_colon and _is_model(key):
                spans.append(token.span())
            elif not after_colon:
                key = text
        if depth <= 1 and text != b":":
            after_colon = False
    new = orjson.dumps(model)
    for start, end in reversed(spans):
        raw = raw[:start] + new + raw[end:]
    return raw


def _is_model(key: bytes) -> bool:
    return key == b'"model"' or (b"\\" in key and orjson.loads(key) == "model")


def alternates(messages: Sequence[Mapping[str, Any]]) -> bool:
    """An optional system message first, then user (or tool) and assistant in turn, user last?"""
    rest = messages[1:] if messages and messages[0].get("role") == "system" else messages
    sides = ["user" if message.get("role") in ("user", "tool") else message.get("role") for message in rest]
    return len(sides) % 2 == 1 and all(side == ("user", "assistant")[at % 2] for at, side in enumerate(sides))


def alternating(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same in an order that such a server takes: system messages first as one, neighbours of one role as one."""
    system = "\n\n".join(str(m.get("content") or "") for m in messages if m.get("role") == "system")
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.get("role") == "system":
            continue
        if turns and _mergeable(turns[-1], message):
            turns[-1]["content"] = "\n\n".join(text for text in (turns[-1]["content"], message["content"]) if text)
        else:
            turns.append(dict(message))
    if turns and turns[0].get("role") == "assistant":
        turns.insert(0, {"role": "user", "content": "（对话开始）"})
    if turns and turns[-1].get("role") == "assistant":
        turns.append({"role": "user", "content": "请继续。"})
    return [{"role": "system", "content": system}, *turns] if system else turns


def _mergeable(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    plain = all(isinstance(m.get("content"), str) and "tool_calls" not in m for m in (one, other))
    return plain and one.get("role") == other.get("role") in ("user", "assistant")


def short_body(
    upstream: Upstream, messages: Sequence[Mapping[str, str]], extra: Mapping[str, Any], limit: int
) -> bytes:
    """A request of our own: temperature 0, thinking off, at most ``limit`` tokens, constrained by ``extra``."""
    kind: Kind = UPSTREAM_KINDS[upstream.kind]
    body = {"model": upstream.model, "messages": list(messages), "temperature": 0, "max_tokens": limit, "stream": False}
    return dumped({**body, **kind.think(False), **extra})
