"""Questions to upstreams for a measurement: paced, tried again, counted, and never asked twice."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from kefu.core.text import tokenise
from kefu.core.upstreams import Upstream
from kefu.gateway import calls
from kefu.gateway.errors import UpstreamError
from kefu.gateway.http import Pool
from kefu.gateway.thoughts import spoken

Messages = Sequence[Mapping[str, Any]]
WAITS = (0.5, 2.0, 6.0)
"""Seconds before each further try of a request that another moment may answer."""
_AGAIN = (408, 429, 500, 502, 503, 504)
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, in ``ms`` milliseconds and ``requests`` requests (2 where a server took no constraint).

    Tokens are the server's own count; where it sends none, words as jieba cuts them.
    """

    text: str
    ms: float
    requests: int
    prompt_tokens: int
    completion_tokens: int

    @property
    def said(self) -> str:
        """The text without a reasoning model's thoughts."""
        return spoken(self.text)

    @property
    def spent(self) -> dict[str, Any]:
        """The members of a `Row` that say what it cost."""
        tokens = {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}
        return {"ms": self.ms, "calls": self.requests, **tokens}


NO_REPLY = Reply("", 0.0, 0, 0, 0)
"""Of means that ask no model."""


@dataclass(slots=True)
class Ask:
    """Asks upstreams: at most ``per_second`` requests (0 = no limit). Every answer is appended to ``journal`` (JSON
    Lines) before it counts, so a run that was killed asks nothing again. Thread-safe."""

    pool: Pool
    journal: Path | None = None
    per_second: float = 0.0
    wait: Callable[[float], None] = time.sleep
    _known: dict[str, Reply] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: float = 0.0

    def __post_init__(self) -> None:
        if self.journal and self.journal.is_file():
            kept = self.journal.read_bytes()
            if kept and not kept.endswith(b"\n"):
                with self.journal.open("ab") as file:
                    file.write(b"\n")
            for line in kept.splitlines():
                try:
                    key, *values = orjson.loads(line)
                    self._known[key] = Reply(*values)
                except (orjson.JSONDecodeError, ValueError, TypeError):
                    continue  # the line that a killed run did not finish

    @property
    def known(self) -> int:
        """Answers that need no request."""
        return len(self._known)

    def __call__(
        self, upstream: Upstream, messages: Messages, *, turn: int = 0, extra: Mapping[str, Any], limit: int = 256
    ) -> Reply:
        """``turn`` tells repetitions apart; ``limit`` in tokens. Raises UpstreamError."""
        asked = [upstream.url, upstream.model, list(messages), turn, dict(extra), limit]
        key = hashlib.blake2b(orjson.dumps(asked), digest_size=16).hexdigest()
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key not in self._known:
                self._keep(key, self._send(upstream, messages, extra, limit))
        return self._known[key]

    def _send(self, upstream: Upstream, messages: Messages, extra: Mapping[str, Any], limit: int) -> Reply:
        for pause in (*WAITS, None):
            self._pace()
            started = time.perf_counter()
            try:
                said = calls.ask(self.pool, upstream, messages, extra, limit, calls.NOBODY)
            except UpstreamError as error:
                if pause is None or error.status not in _AGAIN:
                    raise
                self.wait(_told_to_wait(error) or pause)
                continue
            ms = (time.perf_counter() - started) * 1000
            counted = said.usage or (sum(_words(str(m.get("content") or "")) for m in messages), _words(said.text))
            return Reply(said.text, ms, said.requests, *counted)
        raise AssertionError("the last try raises or returns")

    def _keep(self, key: str, reply: Reply) -> None:
        with self._lock:
            if self.journal:
                with self.journal.open("ab") as file:
                    file.write(orjson.dumps([key, *astuple(reply)]) + b"\n")
            self._known[key] = reply

    def _pace(self) -> None:
        if not self.per_second:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + 1 / self.per_second
        self.wait(start - now)


def _told_to_wait(error: UpstreamError) -> float:
    return min(float(error.retry_after), _LONGEST_WAIT) if error.retry_after.isdigit() else 0.0


@lru_cache(maxsize=512)
def _words(text: str) -> int:
    return len(tokenise(text))
