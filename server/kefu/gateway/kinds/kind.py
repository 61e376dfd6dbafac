"""What the gateway must know about a kind of server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Extra = dict[str, Any]
"""Members to add to a chat-completion body."""


def _nothing(*_: Any) -> Extra:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """``choice(labels)`` and ``schema(json_schema)`` make the server answer nothing else; ``think(on)`` is its switch.

    ``alternates``: it refuses anything but an optional system message and then user and assistant in turn.
    """

    title: str
    choice: Callable[[Sequence[str]], Extra] = _nothing
    schema: Callable[[Mapping[str, Any]], Extra] = _nothing
    think: Callable[[bool], Extra] = _nothing
    alternates: bool = False
    stream_usage: bool = True


def template_switch(on: bool) -> Extra:
    """The chat template's own switch (Qwen3 and others), as vLLM and SGLang pass it on."""
    return {"chat_template_kwargs": {"enable_thinking": on}}


def json_schema(schema: Mapping[str, Any]) -> Extra:
    """OpenAI's structured outputs."""
    named = {"name": "answer", "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": named}}
