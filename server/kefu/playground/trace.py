"""What one turn did: the reply, the nodes walked with their time, the calls of a language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NOT_SLOTS = frozenset({"__is_success", "__reason", "__usage"})


@dataclass(frozen=True, slots=True)
class NodeTrace:
    """One node that ran. ``status``: succeeded, exception (its error branch was taken) or failed. ``ms`` wall time."""

    id: str
    title: str
    type: str
    status: str
    ms: float
    llm_calls: int = 0
    error: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "type": self.type,
            "status": self.status,
            "ms": self.ms,
            "llm_calls": self.llm_calls,
        }
        return shown | ({"error": self.error} if self.error else {})


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """One turn. ``reply`` is what the customer receives: the streamed answer, not what a node calls its output.

    ``status`` is Dify's: succeeded, partial-succeeded (an error branch was taken) or failed. ``outputs`` are those of a
    workflow app's end node.
    """

    query: str
    reply: str
    status: str
    ms: float
    nodes: tuple[NodeTrace, ...]
    error: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def llm_calls(self) -> int:
        return sum(node.llm_calls for node in self.nodes)

    @property
    def is_for_a_model(self) -> bool:
        """Whether `kefu-local` spoke where a model would: with one the turn costs a call."""
        return not self.llm_calls and any(node.type == "llm" for node in self.nodes)

    @property
    def route(self) -> str:
        """What answered, by the last node that says so."""
        route = ""
        for node in self.nodes:
            if node.type == "tool":
                route = node.outputs.get("route") or ("human" if node.outputs.get("handed_off") else route)
            elif node.type == "knowledge-retrieval" and node.outputs.get("result"):
                route = "knowledge"
            elif node.type == "llm" and node.status == "succeeded":
                route = route or "llm"
        return route

    @property
    def intent(self) -> str:
        """The intent that a tool found, else the class that the classifier chose."""
        found = [node.outputs.get("intent") or node.outputs.get("class_name") for node in self.nodes]
        return next((str(intent) for intent in reversed(found) if intent), "")

    @property
    def slots(self) -> dict[str, Any]:
        """What tools and extractors took from the text; empty values are left out."""
        slots: dict[str, Any] = {}
        for node in self.nodes:
            given = node.outputs.get("slots") if node.type == "tool" else {}
            if node.type == "parameter-extractor":
                given = {name: value for name, value in node.outputs.items() if name not in _NOT_SLOTS}
            slots.update({name: value for name, value in (given or {}).items() if value not in (None, "", [], {})})
        return slots

    @property
    def handoff_reason(self) -> str:
        reasons = [node.outputs.get("handoff_reason") for node in self.nodes if node.outputs.get("handed_off")]
        return next((str(reason) for reason in reversed(reasons) if reason), "")

    @property
    def material(self) -> str:
        """What a tool gave for a model to answer from: the shop's voice, its rules of honesty and the facts; ``""``
        where no model was wanted."""
        given = [node.outputs.get("context") for node in self.nodes if node.outputs.get("needs_llm")]
        return next((str(context) for context in reversed(given) if context), "")

    def to_json(self) -> dict[str, Any]:
        """The object that ``./kefu chat --json`` prints for a turn."""
        shown: dict[str, Any] = {
            "query": self.query,
            "reply": self.reply,
            "route": self.route,
            "intent": self.intent,
            "slots": self.slots,
            "handoff_reason": self.handoff_reason,
            "llm_calls": self.llm_calls,
            "ms": self.ms,
            "status": self.status,
            "nodes": [node.to_json() for node in self.nodes],
        }
        return (
            shown
            | ({"kefu_local": True} if self.is_for_a_model else {})
            | ({"material": self.material} if self.material else {})
            | ({"error": self.error} if self.error else {})
            | ({"outputs": self.outputs} if self.outputs else {})
        )
