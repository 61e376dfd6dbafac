"""An app's own API (`/v1`): one turn at a time, blocking or streaming, with the nodes that ran."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from kefu.dify.console import base_url, failure, unreachable
from kefu.errors import Unavailable

TIMEOUT = httpx.Timeout(120.0, connect=10.0)


@dataclass(frozen=True, slots=True)
class Node:
    """A node that ran: id, title, Dify's type, succeeded | failed | exception, its outputs."""

    id: str
    title: str
    kind: str
    status: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer. ``error`` is empty when the run succeeded; ``nodes`` are known for streamed turns only."""

    answer: str
    conversation_id: str = ""
    message_id: str = ""
    error: str = ""
    nodes: tuple[Node, ...] = ()
    seconds: float = 0.0
    first_word_seconds: float | None = None
    tokens: int = 0
    outputs: Mapping[str, Any] = field(default_factory=dict)


class ServiceApi:
    """Talks to one published app with its key. Failed runs are turns with ``error``, not exceptions."""

    def __init__(self, url: str, key: str, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self.url = f"{base_url(url)}/v1"
        self._client = httpx.Client(timeout=timeout, trust_env=False, headers={"Authorization": f"Bearer {key}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def info(self) -> Any:
        """The app's name and mode; raises what a wrong address or key gives."""
        return self._checked(self._client.get, "/info").json()

    def chat(self, query: str, *, user: str, conversation_id: str = "") -> Turn:
        """A blocking turn."""
        started = time.monotonic()
        answer = self._post("/chat-messages", _chat_body(query, user, conversation_id, "blocking"))
        took = time.monotonic() - started
        if answer.status_code == 400:
            return Turn("", conversation_id, error=str(answer.json().get("message")), seconds=took)
        if not answer.is_success:
            raise failure(answer, "POST /v1/chat-messages")
        body = answer.json()
        usage = (body.get("metadata") or {}).get("usage") or {}
        return Turn(
            body.get("answer", ""),
            body.get("conversation_id", ""),
            body.get("message_id", ""),
            seconds=took,
            tokens=int(usage.get("total_tokens") or 0),
        )

    def chat_streaming(self, query: str, *, user: str, conversation_id: str = "") -> Turn:
        """A streamed turn, with the nodes it went through. Runs in Dify's worker, not in its API process."""
        return self._stream("/chat-messages", _chat_body(query, user, conversation_id, "streaming"))

    def run_workflow(self, inputs: Mapping[str, Any], *, user: str) -> Turn:
        """One streamed run of a workflow app; its answer is the output ``reply``."""
        body = {"inputs": dict(inputs), "response_mode": "streaming", "user": user}
        return self._stream("/workflows/run", body)

    def _stream(self, path: str, body: dict[str, Any]) -> Turn:
        started = time.monotonic()
        reader = _Reader()
        try:
            with self._client.stream("POST", f"{self.url}{path}", json=body) as answer:
                if answer.status_code != 200:
                    answer.read()
                    if answer.status_code == 400:
                        return Turn("", error=str(answer.json().get("message")), seconds=time.monotonic() - started)
                    raise failure(answer, f"POST /v1{path}")
                for event in events(answer.iter_lines()):
                    reader.take(event, time.monotonic() - started)
        except httpx.TransportError as error:
            raise unreachable(self.url, error) from error
        return reader.turn(time.monotonic() - started)

    def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        try:
            return self._client.post(f"{self.url}{path}", json=body)
        except httpx.TransportError as error:
            raise unreachable(self.url, error) from error

    def _checked(self, call: Any, path: str) -> httpx.Response:
        try:
            answer = call(f"{self.url}{path}")
        except httpx.TransportError as error:
            raise unreachable(self.url, error) from error
        if not answer.is_success:
            raise failure(answer, f"GET /v1{path}")
        return answer


class _Reader:
    """Gathers a stream's events into a turn."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._nodes: list[Node] = []
        self._first: float | None = None
        self._known: dict[str, Any] = {}
        self._error = ""
        self._ended = False

    def take(self, event: Mapping[str, Any], at: float) -> None:
        data = event.get("data") or {}
        match event.get("event"):
            case "message" | "text_chunk":
                self._first = at if self._first is None else self._first
                self._said.append(event.get("answer") or data.get("text") or "")
                self._known.update(conversation_id=event.get("conversation_id"), message_id=event.get("message_id"))
            case "message_replace":
                self._said = [event.get("answer") or ""]
            case "node_finished":
                self._nodes.append(_node(data))
            case "message_end":
                usage = (event.get("metadata") or {}).get("usage") or {}
                self._known.update(conversation_id=event.get("conversation_id"), tokens=usage.get("total_tokens"))
            case "workflow_finished":
                self._ended = True
                self._known["outputs"] = data.get("outputs") or {}
                if data.get("status") not in ("succeeded", "partial-succeeded"):
                    self._error = str(data.get("error") or data.get("status"))
            case "error":
                self._ended = True
                self._error = str(event.get("message") or event.get("code"))

    def turn(self, seconds: float) -> Turn:
        if not self._ended:
            raise Unavailable("Dify's stream ended in the middle.", "Is its worker running? Streams run there.")
        outputs = self._known.get("outputs") or {}
        return Turn(
            "".join(self._said) or str(outputs.get("reply") or ""),
            self._known.get("conversation_id") or "",
            self._known.get("message_id") or "",
            self._error,
            tuple(self._nodes),
            seconds,
            self._first,
            int(self._known.get("tokens") or 0),
            outputs,
        )


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The JSON objects of a server-sent stream; pings and anything else are skipped."""
    for line in lines:
        if line.startswith("data:"):
            try:
                event = json.loads(line.removeprefix("data:"))
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event


def _node(data: Mapping[str, Any]) -> Node:
    return Node(
        str(data.get("node_id", "")),
        str(data.get("title", "")),
        str(data.get("node_type", "")),
        str(data.get("status", "")),
        data.get("outputs") or {},
    )


def _chat_body(query: str, user: str, conversation_id: str, mode: str) -> dict[str, Any]:
    return {
        "inputs": {},
        "query": query,
        "user": user,
        "response_mode": mode,
        "conversation_id": conversation_id,
        "auto_generate_name": False,
    }
