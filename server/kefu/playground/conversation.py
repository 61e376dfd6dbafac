"""What Dify keeps between two turns: the messages and the conversation variables."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kefu.errors import BadInput

MAX_TURNS = 100
"""Older turns are forgotten; Dify reads at most its memory window."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation so far. ``user`` is the caller's own id of the customer (Dify's ``sys.user_id``)."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    user: str = "playground"
    turns: tuple[tuple[str, str], ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)

    def after(self, query: str, reply: str, variables: Mapping[str, Any]) -> Conversation:
        """The conversation with one more turn."""
        return replace(self, turns=(*self.turns, (query, reply))[-MAX_TURNS:], variables=dict(variables))

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "user": self.user,
            "turns": [list(turn) for turn in self.turns],
            "variables": dict(self.variables),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any] | None) -> Conversation:
        """The conversation that ``to_json`` gave; None starts a new one. Raises BadInput for any other shape."""
        if raw is None:
            return cls()
        try:
            turns = tuple((str(query), str(reply)) for query, reply in raw["turns"])
            return cls(str(raw["id"]), str(raw["user"]), turns[-MAX_TURNS:], dict(raw["variables"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("This is no conversation.", "Send back the `conversation` of the last answer.") from error
