"""Runs a Dify plugin the way Dify's plugin daemon does: one child process, newline-delimited JSON over its pipes.

The wire was recorded on daemon 0.6.9: first line out is the manifest, then logs, then a heartbeat = ready; each request
is one line with a session id, answered by any number of ``stream`` messages or one ``error``, then ``end``.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from kefu.errors import Conflict, KefuError, Unavailable

READY_TIMEOUT = 60.0
SILENCE_TIMEOUT = 120.0
MAX_LINE_BYTES = 5 * 1024 * 1024
"""The daemon kills a plugin that writes a longer line."""


class PluginError(KefuError):
    """The plugin raised. ``error_type`` is the name of its exception, ``args_`` what the SDK sent along."""

    code = "plugin_error"
    status = 502

    def __init__(self, error_type: str, message: str, args: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or error_type)
        self.error_type = error_type
        self.args_ = dict(args or {})


class PluginNotStarted(Unavailable):
    """The process ended or stayed silent before it was ready; the message ends with its last output."""

    code = "plugin_not_started"


class PluginStopped(Unavailable):
    """The process ended, or said nothing for too long, in the middle of a call."""

    code = "plugin_stopped"


_END = object()


class PluginProcess:
    """One plugin at ``root`` (the folder with ``manifest.yaml``), started on first use and again if it died.

    Calls from several threads run side by side. ``python`` needs ``dify_plugin`` installed. ``environ`` is added to
    this process's environment, all of which the plugin sees, as under the daemon. Not usable when this process is
    PID 1: the SDK takes a parent with that id for a dead daemon and leaves.
    """

    def __init__(
        self,
        root: Path,
        python: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        silence_timeout: float = SILENCE_TIMEOUT,
    ) -> None:
        self.root = Path(root)
        self.manifest: dict[str, Any] = {}
        self._python = python or sys.executable
        self._environ = dict(environ or {})
        self._silence_timeout = silence_timeout
        self._starting = threading.Lock()
        self._writing = threading.Lock()
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """True while a child runs and has not closed its output."""
        return self._child is not None and not self._child.ended.is_set()

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        return self._child.popen.pid if self._child is not None and self.alive else None

    def start(self) -> None:
        """Start the plugin unless it runs; return when its first heartbeat is in. Raises PluginNotStarted."""
        with self._starting:
            if self.alive:
                return
            if os.getpid() == 1:
                raise PluginNotStarted(
                    "A Dify plugin cannot run under process id 1.", "Start the container with --init."
                )
            self._discard()
            child = _Child(self._popen())
            if not child.ready.wait(READY_TIMEOUT) or child.ended.is_set():
                child.stop()
                raise PluginNotStarted(
                    f"The plugin in {self.root} did not start.", f"Its last output: {child.last_output()}"
                )
            self.manifest = child.manifest
            self._child = child

    def close(self) -> None:
        """Kill the plugin. It never ends by itself: on end of input the SDK spins."""
        with self._starting:
            self._discard()

    def invoke_tool(
        self,
        provider: str,
        tool: str,
        parameters: Mapping[str, Any],
        credentials: Mapping[str, Any],
        *,
        conversation_id: str | None = None,
        app_id: str | None = None,
        user_id: str = "",
    ) -> Iterator[dict[str, Any]]:
        """Messages ``{"type": "text"|"json"|"variable"|…, "message": {…}, "meta": …}``; raises PluginError."""
        data = {
            "action": "invoke_tool",
            "credential_type": "api-key",
            "credentials": dict(credentials),
            "provider": provider,
            "tool": tool,
            "tool_parameters": dict(parameters),
            "type": "tool",
            "user_id": user_id,
        }
        return self.request(data, conversation_id=conversation_id, app_id=app_id)

    def invoke_llm(
        self,
        provider: str,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        credentials: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        stop: Sequence[str] | None = None,
        stream: bool = True,
        user_id: str = "",
    ) -> Iterator[dict[str, Any]]:
        """Chunks ``{"model", "system_fingerprint", "delta": {"index", "message", "usage", "finish_reason"}}``.

        Not streamed, it is one such chunk with the whole message. ``messages`` have ``role`` and ``content``.
        """
        data = {
            **_model_data("invoke_llm", provider, "llm", model, credentials, user_id),
            "json_schema": None,
            "model_parameters": dict(parameters or {}),
            "prompt_messages": [_wire_message(message) for message in messages],
            "stop": None if stop is None else list(stop),
            "stream": stream,
            "tools": None if tools is None else [dict(tool) for tool in tools],
        }
        return self.request(data)

    def count_tokens(
        self, provider: str, model: str, messages: Sequence[Mapping[str, Any]], credentials: Mapping[str, Any]
    ) -> int:
        """The plugin's own count for these messages."""
        data = {
            **_model_data("get_llm_num_tokens", provider, "llm", model, credentials, ""),
            "prompt_messages": [_wire_message(message) for message in messages],
            "tools": None,
        }
        return int(self._single(data)["num_tokens"])

    def embed(self, provider: str, model: str, texts: Sequence[str], credentials: Mapping[str, Any]) -> dict[str, Any]:
        """``{"model", "embeddings": [[float]], "usage"}`` of a text-embedding model."""
        data = _model_data("invoke_text_embedding", provider, "text-embedding", model, credentials, "")
        return self._single({**data, "texts": list(texts)})

    def validate_tool_credentials(self, provider: str, credentials: Mapping[str, Any]) -> None:
        """Returns when the provider accepts them; PluginError with its sentence when not."""
        self._single(
            {
                "action": "validate_tool_credentials",
                "credentials": dict(credentials),
                "provider": provider,
                "type": "tool",
                "user_id": "",
            }
        )

    def validate_provider_credentials(self, provider: str, credentials: Mapping[str, Any]) -> None:
        """Credentials that a whole model provider shares (its predefined models)."""
        self._single(
            {
                "action": "validate_provider_credentials",
                "credentials": dict(credentials),
                "provider": provider,
                "type": "model",
                "user_id": "",
            }
        )

    def validate_model_credentials(
        self, provider: str, model: str, credentials: Mapping[str, Any], *, model_type: str = "llm"
    ) -> None:
        """Credentials of one customizable model."""
        self._single(_model_data("validate_model_credentials", provider, model_type, model, credentials, ""))

    def model_schemas(
        self, provider: str, model: str, credentials: Mapping[str, Any], *, model_type: str = "llm"
    ) -> dict[str, Any] | None:
        """The model's schema: features, context size, parameter rules; None if the plugin knows no such model."""
        answer = self._single(_model_data("get_ai_model_schemas", provider, model_type, model, credentials, ""))
        return answer.get("model_schema")

    def request(
        self, data: Mapping[str, Any], *, conversation_id: str | None = None, app_id: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Send one request of any action now; the iterator gives its messages as they arrive."""
        self.start()
        child = self._child
        assert child is not None
        session_id = str(uuid.uuid4())
        envelope = {
            "session_id": session_id,
            "conversation_id": conversation_id,
            "message_id": None,
            "app_id": app_id,
            "endpoint_id": None,
            "context": None,
            "event": "request",
            "data": data,
        }
        inbox = child.open_session(session_id)
        with self._writing:
            child.write(envelope)
        return self._messages(child, session_id, inbox)

    def _messages(self, child: _Child, session_id: str, inbox: queue.SimpleQueue[Any]) -> Iterator[dict[str, Any]]:
        try:
            while (message := self._next(child, inbox)) is not _END:
                if message["type"] == "error":
                    error = message["data"]
                    raise PluginError(error["error_type"], error["message"], error.get("args"))
                if message["type"] == "invoke":
                    raise PluginError("NotSupported", "The plugin called back into Dify, which is not here.")
                yield message["data"]
        finally:
            child.close_session(session_id)

    def _next(self, child: _Child, inbox: queue.SimpleQueue[Any]) -> Any:
        try:
            message = inbox.get(timeout=self._silence_timeout)
        except queue.Empty as error:
            raise PluginStopped(f"The plugin said nothing for {self._silence_timeout:g} s.") from error
        if message is None:
            raise PluginStopped(
                "The plugin's process ended in the middle of a call.", f"Its last output: {child.last_output()}"
            )
        return _END if message["type"] == "end" else message

    def _single(self, data: Mapping[str, Any]) -> dict[str, Any]:
        messages = list(self.request(data))
        if not messages:
            raise Conflict(f"The plugin knows no action {data['action']!r}.")
        return messages[-1]

    def _popen(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self._python, "-m", "main"],
            cwd=self.root,
            env={**os.environ, **self._environ, "INSTALL_METHOD": "local", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def _discard(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


class _Child:
    """One run of the process: its pipes, the sessions that wait for messages, the end of its output."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen
        self.manifest: dict[str, Any] = {}
        self.ready = threading.Event()
        self.ended = threading.Event()
        self._sessions: dict[str, queue.SimpleQueue[Any]] = {}
        self._guard = threading.Lock()
        self._tail: deque[str] = deque(maxlen=20)
        self._readers = (
            threading.Thread(target=self._read_messages, name=f"plugin-{popen.pid}-out", daemon=True),
            threading.Thread(target=self._read_errors, name=f"plugin-{popen.pid}-err", daemon=True),
        )
        for reader in self._readers:
            reader.start()

    def open_session(self, session_id: str) -> queue.SimpleQueue[Any]:
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with self._guard:
            self._sessions[session_id] = inbox
            if self.ended.is_set():
                inbox.put(None)
        return inbox

    def close_session(self, session_id: str) -> None:
        with self._guard:
            self._sessions.pop(session_id, None)

    def write(self, envelope: Mapping[str, Any]) -> None:
        assert self.popen.stdin is not None
        line = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        # A pipe that broke just now: the reader has put the end into every inbox.
        with contextlib.suppress(BrokenPipeError, ValueError):
            self.popen.stdin.write(line)
            self.popen.stdin.flush()

    def stop(self) -> None:
        self.popen.kill()
        self.popen.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def last_output(self) -> str:
        return " | ".join(self._tail)[-2000:] or "(none)"

    def _read_messages(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            if len(line) > MAX_LINE_BYTES:
                self._tail.append(f"a line of {len(line)} bytes; the daemon ends a plugin at {MAX_LINE_BYTES}")
                self.popen.kill()
                break
            self._dispatch(line.strip())
        with self._guard:
            self.ended.set()
            for inbox in self._sessions.values():
                inbox.put(None)
        self.ready.set()

    def _dispatch(self, line: bytes) -> None:
        if not line:
            return
        try:
            message = json.loads(line)
        except ValueError:
            self._tail.append(line.decode(errors="replace")[:500])
            return
        event = message.get("event")
        if event is None:
            self.manifest = message
        elif event == "heartbeat":
            self.ready.set()
        elif event == "session":
            with self._guard:
                inbox = self._sessions.get(message["session_id"])
            if inbox is not None:
                inbox.put(message["data"])
        else:
            self._tail.append(json.dumps(message.get("data"), ensure_ascii=False)[:500])

    def _read_errors(self) -> None:
        assert self.popen.stderr is not None
        for line in self.popen.stderr:
            self._tail.append(line.decode(errors="replace").rstrip()[:500])


def _model_data(
    action: str, provider: str, model_type: str, model: str, credentials: Mapping[str, Any], user_id: str
) -> dict[str, Any]:
    return {
        "action": action,
        "credentials": dict(credentials),
        "model": model,
        "model_type": model_type,
        "provider": provider,
        "type": "model",
        "user_id": user_id,
    }


def _wire_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """As the daemon sends it: every field there; an assistant's ``tool_calls`` is a list, others' null."""
    calls: Any = [] if message["role"] == "assistant" else None
    return {"name": "", "tool_calls": calls, "tool_call_id": "", **message}
