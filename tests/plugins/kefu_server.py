"""The kefu server's side of the tools' contract, with answers set by a test."""

from __future__ import annotations

import threading
from typing import Any

from serving import Handler, Serving

TOKEN = "kefu-token-1"


class KefuServer(Serving):
    """``answer`` is what every tool answers; ``requests`` is what was asked (path, body)."""

    def __init__(self) -> None:
        self.answer: Any = {}
        self.status = 200
        self.raw: bytes | None = None
        self.headers: dict[str, str] = {}
        self.hang = False
        self.release = threading.Event()
        self.requests: list[tuple[str, Any]] = []
        super().__init__()

    @property
    def connections(self) -> int:
        return self._http.accepted

    def answers(self, answer: Any = None, **changes: Any) -> None:
        self.answer = {} if answer is None else answer
        self.status, self.raw, self.headers, self.hang = 200, None, {}, False
        for name, value in changes.items():
            setattr(self, name, value)
        self.release.clear()
        self.forget_requests()
        self.requests.clear()


class _KefuHandler(Handler):
    def _answer(self, body: Any) -> None:
        app: KefuServer = self.server.app  # type: ignore[attr-defined]
        app.requests.append((self.path, body))
        app.arrivals.release()
        if app.hang:
            app.release.wait(20)
        if app.raw is not None:
            self.send_bytes(app.status, app.raw, "text/html", app.headers)
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_json(401, {"error": {"code": "unauthorized", "message": "No such token.", "hint": ""}})
        elif self.path == "/tools/ping":
            self.send_json(200, {"kefu": "0.1.0", "shop": "demo"})
        else:
            self.send_json(app.status, app.answer)

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(self.read_json())


KefuServer.handler = _KefuHandler
