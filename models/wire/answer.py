"""What a server streams or answers, as text without thinking, whole tool calls, usage and finish reason. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wire.thoughts import without_thoughts


@dataclass(slots=True)
class ToolCall:
    """One call, its arguments growing while deltas come in."""

    id: str
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Reading:
    """What a stream has said so far besides its text."""

    finish_reason: str = ""
    system_fingerprint: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    calls: list[ToolCall] = field(default_factory=list)
    _slots: dict[int, ToolCall] = field(default_factory=dict)

    def texts(self, chunks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Pieces of text as they arrive; everything else lands in the fields. What the model thinks is left out, in
        ``<think>`` marks or in fields of its own: a Chatflow shows a customer all the text that there is."""
        return without_thoughts(self._texts(chunks))

    def _texts(self, chunks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        for chunk in chunks:
            self._notice(chunk)
            for choice in _mappings(chunk.get("choices")):
                text = self._choice(choice)
                if text:
                    yield text

    def _notice(self, chunk: Mapping[str, Any]) -> None:
        fingerprint = chunk.get("system_fingerprint")
        self.system_fingerprint = fingerprint if isinstance(fingerprint, str) else self.system_fingerprint
        usage = chunk.get("usage")
        if isinstance(usage, Mapping):
            self.prompt_tokens = usage.get("prompt_tokens", self.prompt_tokens)
            self.completion_tokens = usage.get("completion_tokens", self.completion_tokens)

    def _choice(self, choice: Mapping[str, Any]) -> str:
        self.finish_reason = _text(choice.get("finish_reason")) or self.finish_reason
        part = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
        if not isinstance(part, Mapping):
            return ""
        for position, delta in enumerate(_mappings(part.get("tool_calls"))):
            self._tool_delta(position, delta)
        return _text(part.get("content"))

    def _tool_delta(self, position: int, delta: Mapping[str, Any]) -> None:
        """A new id begins a new call even at an old index: Ollama sends every whole call with index 0."""
        index = delta.get("index")
        slot = index if isinstance(index, int) else position
        call = self._slots.get(slot)
        call_id = str(delta.get("id") or "")
        if call is None or (call_id and call.id != call_id):
            call = ToolCall(call_id or f"call_{uuid.uuid4().hex[:24]}")
            self._slots[slot] = call
            self.calls.append(call)
        function = next(_mappings([delta.get("function")]), {})
        # A name comes whole; servers that repeat it in each delta must not double it.
        call.name = _text(function.get("name")) or call.name
        arguments = function.get("arguments")
        if arguments:
            call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _text(content: Any) -> str:
    """Content as text; some servers answer with a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return ""


def _mappings(values: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; whatever else a server put there is passed over."""
    return (value for value in values if isinstance(value, Mapping)) if isinstance(values, list) else iter(())
