"""HTTP/1.1 as bytes: a request in one piece, an answer's head, and its body piece by piece."""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kefu.gateway.errors import ClientGone

_PIECE = 65_536
_LONGEST_LINE = 65_536
_MOST_LINES = 200
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: |$)")


class Malformed(Exception):
    """What came is no HTTP answer."""


def request_bytes(method: str, netloc: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """Head and body together: one packet for the server to wake up for, not two."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {netloc}", "Accept-Encoding: identity", "User-Agent: kefu"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode("ascii") + (body or b"")


@dataclass(frozen=True, slots=True)
class Head:
    """An answer's status and headers, their names in lower case."""

    status: int
    headers: Mapping[str, str]
    stays_open: bool

    def token(self, name: str) -> str:
        return self.headers.get(name, "").lower()


class Incoming:
    """The bytes of a connection, each wait at most ``timeout`` seconds, and none at all once ``client`` hangs up."""

    def __init__(self, sock: socket.socket, timeout: float, client: socket.socket | None) -> None:
        self._sock = sock
        self._timeout = timeout
        self._client = client if client is not None and client.fileno() >= 0 else None
        self._waiting = select.poll()
        self._waiting.register(sock, select.POLLIN)
        if self._client is not None:
            self._waiting.register(self._client, select.POLLIN)
        self._held = b""
        self._began = False

    @property
    def is_empty(self) -> bool:
        return not self._held

    def some(self, limit: int = _PIECE) -> bytes:
        """At most ``limit`` bytes as soon as there are any; b"" at the end. Raises TimeoutError and ClientGone."""
        held = self._held or self._receive()
        self._held = held[limit:]
        return held[:limit]

    def line(self) -> bytes:
        """The next line without its end. Raises EOFError, Malformed (too long), TimeoutError and ClientGone."""
        searched = 0
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            if searched > _LONGEST_LINE:
                raise Malformed
            more = self._receive()
            if not more:
                raise EOFError
            self._held += more
        line, self._held = self._held[:end], self._held[end + 1 :]
        return line.removesuffix(b"\r")

    def _receive(self) -> bytes:
        self._wait()
        received = self._sock.recv(_PIECE)
        if not received and not self._began:
            raise ConnectionResetError("closed before any answer")
        self._began = True
        return received

    def _wait(self) -> None:
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return
        until = time.monotonic() + self._timeout
        while True:
            ready = self._waiting.poll(max(0.0, until - time.monotonic()) * 1000)
            if not ready:
                raise TimeoutError
            if any(descriptor == self._sock.fileno() for descriptor, _ in ready):
                return
            assert self._client is not None
            if _hung_up(self._client):
                raise ClientGone
            self._waiting.unregister(self._client)  # it sent more: its next request, which waits
            self._client = None


def read_head(incoming: Incoming) -> Head:
    """Raises ConnectionError where nothing came, EOFError where it ended too early, Malformed for anything but HTTP."""
    while True:
        match = _STATUS.match(incoming.line())
        if match is None:
            raise Malformed
        headers = _headers(incoming)
        status = int(match[2])
        if status >= 200:
            connection = headers.get("connection", "").lower()
            stays = "close" not in connection if match[1] == b"1" else "keep-alive" in connection
            return Head(status, headers, stays)


def _headers(incoming: Incoming) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_LINES):
        line = incoming.line()
        if not line:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise Malformed
        headers[name.strip().lower()] = value.strip()
    raise Malformed


def pieces(incoming: Incoming, head: Head) -> Iterator[bytes]:
    """The body as it comes. Raises EOFError where it ends too early, Malformed, TimeoutError and ClientGone."""
    if head.status in (204, 304):
        return iter(())
    if "chunked" in head.token("transfer-encoding"):
        return _chunks(incoming)
    if "content-length" in head.headers:
        return _counted(incoming, _number(head.headers["content-length"], 10))
    return iter(incoming.some, b"")


def is_counted(head: Head) -> bool:
    """Does the body say where it ends? Without that only the end of the connection does."""
    return head.status in (204, 304) or "chunked" in head.token("transfer-encoding") or "content-length" in head.headers


def _chunks(incoming: Incoming) -> Iterator[bytes]:
    while size := _number(incoming.line().partition(b";")[0].decode("latin-1"), 16):
        yield from _counted(incoming, size)
        if incoming.line():
            raise Malformed
    while incoming.line():
        pass  # trailers


def _counted(incoming: Incoming, size: int) -> Iterator[bytes]:
    while size:
        piece = incoming.some(min(size, _PIECE))
        if not piece:
            raise EOFError
        size -= len(piece)
        yield piece


def _number(text: str, base: int) -> int:
    try:
        number = int(text.strip(), base)
    except ValueError as error:
        raise Malformed from error
    if number < 0:
        raise Malformed
    return number


def _hung_up(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def is_readable(sock: socket.socket) -> bool:
    """An idle connection with something to read was closed by the server (or it talks out of turn)."""
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))
