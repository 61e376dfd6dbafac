"""Does a request fit a model? Asked before anything is sent: its abilities, and the length of its context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kefu.core.upstreams import Upstream
from kefu.gateway.errors import UpstreamError
from kefu.gateway.nodes import text_of

CJK_TOKENS = 0.5
"""Tokens a Chinese character, below what tokenizers of today need (the plugin's estimate is 0.7)."""
BYTES_A_TOKEN = 6.0
"""Of other text, above what they reach (the plugin's estimate is 4)."""


class Unfit(UpstreamError):
    """This model cannot take this request, whoever asks it. Nothing was sent."""

    def __init__(self, message: str, hint: str, code: str) -> None:
        super().__init__(message, hint, status=400, code=code, reached=False)


def check_chat(upstream: Upstream, body: Mapping[str, Any], size: int) -> None:
    """Raises Unfit. ``size`` is the body's length in bytes: a short one is not counted."""
    for ability, asked in _needed(body):
        if ability not in upstream.abilities:
            able = ",".join((*upstream.abilities, ability))
            raise Unfit(
                f"The model “{upstream.name}” takes no {asked}.",
                f"If its server can: ./kefu models add {upstream.name} … --abilities {able}.",
                "ability_missing",
            )
    if size > upstream.context_size * BYTES_A_TOKEN:
        _check_length(upstream, "\n".join(text_of(m.get("content")) for m in body["messages"]), "messages")


def check_built_in(name: str, body: Mapping[str, Any]) -> None:
    """Raises Unfit where JSON is asked of a model that quotes passages: its text would fail the caller's parser."""
    if any(ability == "json" for ability, _ in _needed(body)):
        raise Unfit(
            f"“{name}” answers in plain text, not in JSON.",
            "Point the name at an upstream with --abilities json, or leave response_format out.",
            "ability_missing",
        )


def check_embeddings(upstream: Upstream, body: Mapping[str, Any], size: int) -> None:
    """Raises Unfit for a model that makes no vectors, and for a text that is too long."""
    if "embeddings" not in upstream.abilities:
        raise Unfit(
            f"The model “{upstream.name}” makes no embeddings.",
            f"If it does: ./kefu models add {upstream.name} … --abilities embeddings.",
            "ability_missing",
        )
    if size > upstream.context_size * BYTES_A_TOKEN:
        said = body.get("input")
        for text in said if isinstance(said, list) else [said]:
            _check_length(upstream, text if isinstance(text, str) else "", "input")


def _needed(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Abilities that the request uses, and what of it needs them."""
    yield "chat", "chat"
    if body.get("tools") or body.get("functions"):
        yield "tools", "tools"
    wanted = body.get("response_format")
    if isinstance(wanted, Mapping) and wanted.get("type") in ("json_object", "json_schema"):
        yield "json", f"response_format {wanted['type']}"
    if any(_has_picture(message.get("content")) for message in body["messages"]):
        yield "vision", "pictures"


def _has_picture(content: Any) -> bool:
    parts = content if isinstance(content, list) else ()
    return any(isinstance(part, Mapping) and part.get("type") in ("image_url", "input_image") for part in parts)


def _check_length(upstream: Upstream, text: str, part: str) -> None:
    tokens = tokens_at_least(text)
    if tokens > upstream.context_size:
        raise Unfit(
            f"This model's maximum context length is {upstream.context_size} tokens; the {part} have about {tokens}.",
            "Send less: fewer turns of memory, fewer or shorter passages. Or set the model's --context-size.",
            "context_length_exceeded",
        )


def tokens_at_least(text: str) -> int:
    """Tokens of ``text``, counted low: nothing that fits is refused, and the server has the last word."""
    size = len(text.encode("utf-8", "replace"))
    wide = (size - len(text)) // 2  # a Chinese character has three bytes
    return int(wide * CJK_TOKENS + (len(text) - wide) / BYTES_A_TOKEN)
