"""Kept connections to upstreams: HTTP/1.1 over the standard library, with an eye on the caller.

Chosen by measurement, see docs/decisions/gateway-http.md. While an answer is awaited, the caller's socket is watched
too: when it hangs up, the upstream's connection is closed at once, and the model stops.
"""

from __future__ import annotations

import functools
import http.client
import io
import select
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kefu.gateway.errors import ClientGone, UpstreamError

KEPT = 32
"""Idle connections kept for one server."""
IDLE_SECONDS = 60.0
"""A connection idle for longer is not used again: servers close theirs after 5 s (uvicorn) to minutes."""
LARGEST_ANSWER = 64_000_000
_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``who`` names the model in errors; ``client`` is the caller's socket, watched while waiting."""

    who: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    connect_timeout: float
    read_timeout: float
    client: socket.socket | None = None


class Pool:
    """Thread-safe; one a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[tuple[float, _Connection]]] = defaultdict(list)
        self._tls = ssl.create_default_context()

    def send(self, call: Call) -> Reply:
        """The answer's head. Raises UpstreamError (unreachable, timed out, no HTTP) and ClientGone."""
        parts = urlsplit(call.url)
        place = (parts.scheme, parts.netloc)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
        kept = self._take(place)
        if kept is not None:
            try:
                return self._exchange(kept, place, path, call)
            except (ConnectionError, http.client.BadStatusLine):
                kept.close()  # the server closed it just then: nothing was answered, ask on a new one
        return self._exchange_anew(place, path, call)

    def close(self) -> None:
        """Drop what is idle."""
        with self._lock:
            every = [connection for idle in self._idle.values() for _, connection in idle]
            self._idle.clear()
        for connection in every:
            connection.close()

    def _exchange_anew(self, place: tuple[str, str], path: str, call: Call) -> Reply:
        connection = self._connect(place, call)
        try:
            return self._exchange(connection, place, path, call)
        except TimeoutError as error:
            raise timed_out(call) from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise cut(call) from error

    def _connect(self, place: tuple[str, str], call: Call) -> _Connection:
        connection = _secure(place[1], call, self._tls) if place[0] == "https" else _plain(place[1], call)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            reason = "did not accept a connection in time" if isinstance(error, TimeoutError) else "cannot be reached"
            raise UpstreamError(
                f"The upstream “{call.who}” {reason}.",
                "Is its server up, and its address right? ./kefu models test NAME tries it.",
                status=503,
                code="upstream_unreachable",
                reached=False,
            ) from error
        return connection

    def _exchange(self, connection: _Connection, place: tuple[str, str], path: str, call: Call) -> Reply:
        assert connection.sock is not None
        connection.sock.settimeout(call.read_timeout)
        watch = functools.partial(_Response, read_timeout=call.read_timeout, client=call.client)
        connection.response_class = watch  # type: ignore[assignment]
        try:
            connection.request("GET" if call.body is None else "POST", path, call.body, dict(call.headers))
            response = connection.getresponse()
        except TimeoutError as error:
            connection.close()
            raise timed_out(call) from error
        except ClientGone:
            connection.close()
            raise
        return Reply(self, place, connection, response, call)

    def _take(self, place: tuple[str, str]) -> _Connection | None:
        """The connection used last, if it is still good."""
        while True:
            with self._lock:
                idle = self._idle.get(place)
                if not idle:
                    return None
                since, connection = idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and connection.sock and not _readable(connection.sock):
                return connection
            connection.close()

    def give_back(self, place: tuple[str, str], connection: _Connection) -> None:
        with self._lock:
            idle = self._idle[place]
            if len(idle) < KEPT:
                idle.append((time.monotonic(), connection))
                return
        connection.close()


class Reply:
    """An answer being read. Read it to its end or ``close`` it; at its end the connection is kept."""

    def __init__(
        self,
        pool: Pool,
        place: tuple[str, str],
        connection: _Connection,
        response: http.client.HTTPResponse,
        call: Call,
    ) -> None:
        self._pool = pool
        self._place = place
        self._connection = connection
        self._response = response
        self._call = call
        self.status = response.status

    def header(self, name: str) -> str:
        return self._response.headers.get(name, "")

    def piece(self) -> bytes:
        """The next bytes as they come, b"" at the end. Raises UpstreamError (silent, cut) and ClientGone."""
        try:
            piece = self._response.read1(_PIECE)
        except TimeoutError as error:
            self.close()
            raise timed_out(self._call) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise cut(self._call) from error
        except ClientGone:
            self.close()
            raise
        if not piece:
            if self._response.length:
                self.close()
                raise cut(self._call)
            self._finish()
        return piece

    def read(self) -> bytes:
        """The whole body."""
        pieces, size = [], 0
        while piece := self.piece():
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER:
                self.close()
                raise UpstreamError(f"The upstream “{self._call.who}” answers without end.", "Look at its log.")
        return b"".join(pieces)

    def drain(self, limit: int = _PIECE) -> bool:
        """Read a short rest, so that the connection can be kept; False if there is more than that."""
        size = 0
        while piece := self.piece():
            size += len(piece)
            if size > limit:
                self.close()
                return False
        return True

    def close(self) -> None:
        """Drop the answer and its connection: the server sees that nobody listens."""
        connection, self._connection = self._connection, None  # type: ignore[assignment]
        if connection is not None:
            self._response.close()
            connection.close()

    def _finish(self) -> None:
        connection, self._connection = self._connection, None  # type: ignore[assignment]
        if connection is None:
            return
        self._response.close()  # at the end of a counted body it is still open
        if self._response.will_close or connection.sock is None:
            connection.close()
        else:
            self._pool.give_back(self._place, connection)


def timed_out(call: Call) -> UpstreamError:
    return UpstreamError(
        f"The upstream “{call.who}” was silent for {call.read_timeout:g} s.",
        "Give it more time (--read-timeout) or a fallback.",
        status=504,
        kind="timeout_error",
        code="upstream_timeout",
    )


def cut(call: Call) -> UpstreamError:
    return UpstreamError(
        f"The upstream “{call.who}” broke off its answer.", "Look at its log; try again.", code="upstream_cut"
    )


_Connection = http.client.HTTPConnection


def _plain(netloc: str, call: Call) -> _Connection:
    return http.client.HTTPConnection(netloc, timeout=call.connect_timeout)


def _secure(netloc: str, call: Call, context: ssl.SSLContext) -> _Connection:
    return http.client.HTTPSConnection(netloc, timeout=call.connect_timeout, context=context)


class _Response(http.client.HTTPResponse):
    """Reads through `_Watched`."""

    def __init__(self, sock: Any, *args: Any, read_timeout: float, client: socket.socket | None, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Watched(sock, read_timeout, client), _PIECE)


class _Watched(io.RawIOBase):
    """A socket's bytes. Waits for them at most ``read_timeout`` seconds, and not at all once ``client`` hangs up."""

    def __init__(self, sock: Any, read_timeout: float, client: socket.socket | None) -> None:
        super().__init__()
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._timeout = read_timeout
        self._client = client

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._wait()
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _wait(self) -> None:
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return
        waiting = select.poll()
        waiting.register(self._sock, select.POLLIN)
        client = self._client
        if client is not None and client.fileno() >= 0:
            waiting.register(client, select.POLLIN)
        until = time.monotonic() + self._timeout
        while True:
            ready = waiting.poll(max(0.0, until - time.monotonic()) * 1000)
            if not ready:
                raise TimeoutError
            if any(descriptor == self._sock.fileno() for descriptor, _ in ready):
                return
            assert client is not None
            if _hung_up(client):
                raise ClientGone
            waiting.unregister(client)  # it sent more: its next request, which waits
            self._client = client = None


def _hung_up(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _readable(sock: socket.socket) -> bool:
    """An idle connection with something to read was closed by the server (or it talks out of turn)."""
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))
