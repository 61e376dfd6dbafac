"""A small HTTP/1.1 server in a thread, for servers that the plugins talk to."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Handler(BaseHTTPRequestHandler):
    """Keep-alive, no log, JSON in and out."""

    protocol_version = "HTTP/1.1"
    timeout = 20
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at what was recorded."""

    def read_json(self) -> Any:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(body) if body else None

    def send_bytes(
        self, status: int, body: bytes, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self.send_bytes(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers)

    def begin_chunks(self, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_chunk(self, body: bytes) -> None:
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        self.wfile.flush()

    def end_chunks(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Drop the connection without an end."""
        self.close_connection = True


class Serving:
    """Serves on a free loopback port until closed."""

    handler: type[Handler] = Handler

    def __init__(self) -> None:
        self.arrivals = threading.Semaphore(0)
        self._http = _QuietServer(("127.0.0.1", 0), self.handler)
        self._http.daemon_threads = False
        self._http.app = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def await_requests(self, count: int) -> None:
        """Return when so many more requests have arrived."""
        for _ in range(count):
            assert self.arrivals.acquire(timeout=20), "the request did not arrive"

    def forget_requests(self) -> None:
        """Count arrivals from here."""
        self.arrivals = threading.Semaphore(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.shutdown()
        self._http.drop_connections()
        self._http.server_close()
        self._thread.join()


class _QuietServer(ThreadingHTTPServer):
    """Remembers its connections to end them; a client that goes away is part of the tests."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[Any] = set()
        self.accepted = 0

    def get_request(self) -> Any:
        connection, address = super().get_request()
        self._open.add(connection)
        self.accepted += 1
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A broken pipe is the other side's right."""

    def drop_connections(self) -> None:
        for connection in tuple(self._open):
            try:
                connection.shutdown(2)
            except OSError:
                continue


class DeafAddress:
    """An address that accepts no connection: its queue is full, and a client waits."""

    def __enter__(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        address = self._listener.getsockname()
        self._waiting = [socket.socket() for _ in range(4)]
        for one in self._waiting:
            one.setblocking(False)
            one.connect_ex(address)
        return f"http://127.0.0.1:{address[1]}/v1"

    def __exit__(self, *exception: object) -> None:
        for one in (*self._waiting, self._listener):
            one.close()
