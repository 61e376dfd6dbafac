"""One training row, and the line of JSON it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from kefu.errors import BadInput

KINDS = ("identity", "intent", "extraction", "merged", "replay", "dialogue", "own")
"""What a row teaches; ``dialogue`` rows come from the store, ``own`` rows from the user's files."""

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """``form`` is how the question is put (dify, gateway, function_call, bare, …); rows of one ``group`` stay on one
    side of a split; ``day`` is ISO, "" if unknown. The last message is the assistant's: the target.
    """

    kind: str
    form: str
    group: str
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    day: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"“{self.kind}” is no kind of row.", f"One of {', '.join(KINDS)}.")
        if len(self.messages) < 2 or self.messages[-1].get("role") != "assistant":
            raise BadInput("A row does not end with the assistant's answer.", "User first, assistant last.")

    @property
    def question(self) -> str:
        """The last thing that the user says."""
        return next((str(m["content"]) for m in reversed(self.messages) if m["role"] == "user"), "")

    @property
    def target(self) -> str:
        """What the model is to write; of a function call its arguments."""
        last = self.messages[-1]
        calls = last.get("tool_calls")
        return str(calls[0]["function"]["arguments"]) if calls else str(last["content"])

    def line(self) -> bytes:
        row: dict[str, Any] = {"messages": list(self.messages), "kind": self.kind, "form": self.form}
        row |= {"group": self.group} | ({"tools": list(self.tools)} if self.tools else {})
        return orjson.dumps(row | ({"day": self.day} if self.day else {})) + b"\n"


def turn(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def told(messages: Sequence[Message], answer: str) -> tuple[Message, ...]:
    """``messages`` with the answer at their end."""
    return (*messages, turn("assistant", answer))
