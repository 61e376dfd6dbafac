"""An OpenAI-compatible server that behaves like a named real one, and misbehaves on request."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from serving import Handler, Serving


@dataclass(frozen=True)
class Kind:
    """How one real server differs from the others; recorded from their sources and answers."""

    reasoning_field: str = "reasoning_content"
    usage: str = "own chunk"
    """``own chunk`` (no choices, when asked for), ``last chunk``, or ``never`` in a stream."""
    obeys_response_format: bool = True
    alternating: bool = False
    whole_tool_calls: bool = False
    """Ollama: each call complete in one delta, all with index 0."""
    takes_stream_options: bool = True
    fingerprint: str | None = None
    done: bool = True


KINDS = {
    "vllm": Kind(reasoning_field="reasoning"),
    "sglang": Kind(usage="last chunk"),
    "ollama": Kind(reasoning_field="reasoning", whole_tool_calls=True, fingerprint="fp_ollama"),
    "llamafactory": Kind(usage="never", obeys_response_format=False, alternating=True),
    "old": Kind(usage="never", takes_stream_options=False),
    "kefu": Kind(fingerprint="kefu:llm_calls=0"),
    "no_done": Kind(done=False),
}


@dataclass
class Script:
    """What the server says next."""

    kind: str = "vllm"
    pieces: tuple[str | bytes, ...] = ("您好", "，有货。")
    reasoning: tuple[str, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    """Tool calls as (name, arguments)."""
    deltas: tuple[dict[str, Any], ...] = ()
    """Sent as they are after the text."""
    pace: float = 0.0
    """Seconds before each event."""
    finish: str = "stop"
    status: int = 200
    error: Any = None
    """Body of an error answer; text is sent as it is."""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """Drop the connection after so many events."""
    error_after: tuple[int, Any] | None = None
    hold: bool = False
    """Wait for ``server.release`` before the second piece of text (or before a whole answer)."""
    waits_at: int | None = None
    """Send nothing more from this event on; set ``server.gone`` when the caller closes its connection."""
    ignores_stream: bool = False
    chunked: bool = True
    raw: bytes | None = None
    models: tuple[str, ...] = ("kefu-router", "kefu-local", "kefu")
    vectors: Any = None
    reply: Callable[[Any], str] | None = None
    """Makes the text from the request's body, in place of ``pieces``."""


class OpenAIServer(Serving):
    """Set ``script``; look at ``requests`` (path, headers, body)."""

    def __init__(self) -> None:
        self.script = Script()
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.release = threading.Event()
        self.gone = threading.Event()
        super().__init__()

    @property
    def connections(self) -> int:
        """Connections accepted so far."""
        return self._http.accepted

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.requests]

    def answers(self, **changes: Any) -> None:
        """Use a fresh script and forget what was asked."""
        self.script = Script(**changes)
        self.requests.clear()
        self.forget_requests()
        self.release.clear()
        self.gone.clear()


class _OpenAIHandler(Handler):
    @property
    def app(self) -> OpenAIServer:
        return self.server.app  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:
        self.app.requests.append((self.path, dict(self.headers), None))
        if not self._refused(self.app.script, {}):
            self.send_json(200, {"object": "list", "data": [{"id": model} for model in self.app.script.models]})

    def do_POST(self) -> None:
        try:
            self._answer()
        except ConnectionError:
            self.app.gone.set()  # it went before it had read all that was sent
            raise

    def _answer(self) -> None:
        script = self.app.script
        body = self.read_json()
        self.app.requests.append((self.path, dict(self.headers), body))
        self.app.arrivals.release()
        if self._refused(script, body):
            return
        if self.path.endswith("/embeddings"):
            self._embed(script, body)
        elif body.get("stream") and not script.ignores_stream:
            self._stream(script, body)
        else:
            if script.hold:
                self.app.release.wait(10)
            if script.waits_at is not None:
                self._await_the_end()
                return
            self.send_json(200, _whole(script, body, self.path))

    def _refused(self, script: Script, body: Any) -> bool:
        kind = KINDS[script.kind]
        if script.raw is not None:
            self.send_bytes(script.status, script.raw, "text/html")
        elif script.status != 200:
            error = (
                script.error
                if script.error is not None
                else {"error": {"message": f"said {script.status}", "type": "x"}}
            )
            payload = error.encode() if isinstance(error, str) else json.dumps(error).encode()
            self.send_bytes(script.status, payload, headers=script.headers)
        elif "stream_options" in body and not kind.takes_stream_options:
            self.send_json(400, {"error": {"message": "Unrecognized request argument: stream_options"}})
        elif kind.alternating and not _alternates(body.get("messages", [])):
            self.send_json(400, {"detail": "Only supports u/a/u/a/u..."})
        else:
            return False
        return True

    def _await_the_end(self) -> None:
        self.close_connection = True
        if self.connection.recv(1) == b"":
            self.app.gone.set()

    def _embed(self, script: Script, body: Any) -> None:
        if script.vectors is not None:
            self.send_json(200, {"data": script.vectors})
            return
        rows = [{"index": index, "embedding": [float(len(text)), 0.5]} for index, text in enumerate(body["input"])]
        self.send_json(200, {"data": rows[::-1], "usage": {"total_tokens": 7 * len(rows)}})

    def _stream(self, script: Script, body: Any) -> None:
        events = _events(script, body)
        if script.chunked:
            self.begin_chunks()
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
        for number, event in enumerate(events):
            time.sleep(script.pace)
            if script.error_after and script.error_after[0] == number:
                event = b"data: " + json.dumps({"error": script.error_after[1]}).encode() + b"\n\n"
            if script.cut_after == number:
                self.cut()
                return
            if script.waits_at == number:
                self._await_the_end()
                return
            if script.hold and number == 3:
                self.app.release.wait(10)
            if script.chunked:
                self.send_chunk(event)
            else:
                self.wfile.write(event)
                self.wfile.flush()
        if script.chunked:
            self.end_chunks()
        else:
            self.cut()


OpenAIServer.handler = _OpenAIHandler


def _alternates(messages: list[dict[str, Any]]) -> bool:
    """LLaMA-Factory's rule: an optional system message first, then user (or tool) and assistant in turn, user last."""
    rest = messages[1:] if messages and messages[0]["role"] == "system" else messages
    turns = ["user" if message["role"] in ("user", "tool") else message["role"] for message in rest]
    return len(turns) % 2 == 1 and all(role == ("user", "assistant")[index % 2] for index, role in enumerate(turns))


def _text(script: Script, body: Any) -> str:
    if script.reply:
        return script.reply(body)
    if KINDS[script.kind].obeys_response_format and "response_format" in body:
        return '{"ok": true}'
    return b"".join(_bytes(piece) for piece in script.pieces).decode(errors="replace")


def _bytes(piece: str | bytes) -> bytes:
    return piece.encode() if isinstance(piece, str) else piece


def _usage() -> dict[str, int]:
    return {"prompt_tokens": 31, "completion_tokens": 8, "total_tokens": 39}


def _whole(script: Script, body: Any, path: str) -> dict[str, Any]:
    kind = KINDS[script.kind]
    message: dict[str, Any] = {"role": "assistant", "content": _text(script, body) or None}
    if script.reasoning:
        message[kind.reasoning_field] = "".join(script.reasoning)
    if script.calls and body.get("tools"):
        message["tool_calls"] = [
            {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(script.calls)
        ]
    choice: dict[str, Any] = {"index": 0, "finish_reason": script.finish, "message": message}
    if path.endswith("/completions") and "prompt" in body:
        choice = {"index": 0, "finish_reason": script.finish, "text": _text(script, body)}
    answer: dict[str, Any] = {"id": "x", "model": body["model"], "choices": [choice]}
    if kind.usage != "never":
        answer["usage"] = _usage()
    if kind.fingerprint:
        answer["system_fingerprint"] = kind.fingerprint
    return answer


def _events(script: Script, body: Any) -> list[bytes]:
    kind = KINDS[script.kind]
    deltas: list[Any] = [{"role": "assistant", "content": ""}]
    deltas += [{kind.reasoning_field: text} for text in script.reasoning]
    deltas += list(script.pieces)
    deltas += _call_deltas(script, kind) if body.get("tools") else []
    deltas += script.deltas
    events = [_event(script, kind, delta) for delta in deltas]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": script.finish}]}
    if kind.usage == "last chunk":
        last["usage"] = _usage()  # type: ignore[assignment]
    events.append(_data(last))
    if kind.usage == "own chunk" and body.get("stream_options", {}).get("include_usage"):
        events.append(_data({"choices": [], "usage": _usage()}))
    return [b": keep-alive\n\n", *events, *([b"data: [DONE]\n\n"] if kind.done else [])]


def _event(script: Script, kind: Kind, delta: Any) -> bytes:
    if isinstance(delta, bytes):
        return b'data: {"choices":[{"index":0,"delta":{"content":"' + delta + b'"}}]}\n\n'
    if isinstance(delta, str):
        delta = {"content": delta}
    chunk: dict[str, Any] = {"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    if kind.fingerprint:
        chunk["system_fingerprint"] = kind.fingerprint
    return _data(chunk)


def _data(value: Any) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def _call_deltas(script: Script, kind: Kind) -> list[dict[str, Any]]:
    deltas = []
    for number, (name, arguments) in enumerate(script.calls):
        if kind.whole_tool_calls:
            call = {"index": 0, "id": f"c{number}", "function": {"name": name, "arguments": arguments}}
            deltas.append({"tool_calls": [call]})
            continue
        half = len(arguments) // 2
        first = {
            "index": number,
            "id": f"c{number}",
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        parts = [{"index": number, "function": {"arguments": part}} for part in (arguments[:half], arguments[half:])]
        deltas += [{"tool_calls": [part]} for part in (first, *parts)]
    return deltas
