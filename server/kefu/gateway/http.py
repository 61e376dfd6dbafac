"""Kept connections to upstreams, with an eye on the caller.

Chosen by measurement, see docs/decisions/gateway-http.md. While an answer is awaited, the caller's socket is watched
too: when it hangs up, the upstream's connection is closed at once, and the model stops.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from kefu.gateway.errors import ClientGone, UpstreamError
from kefu.gateway.wire import Head, Incoming, Malformed, is_counted, is_readable, pieces, read_head, request_bytes

KEPT = 32
"""Idle connections kept for one server."""
IDLE_SECONDS = 60.0
"""A connection idle for longer is not used again: servers close theirs after 5 s (uvicorn) to minutes."""
LARGEST_ANSWER = 64_000_000

Place = tuple[str, str]
"""Scheme and network location."""


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
        self._idle: dict[Place, list[tuple[float, socket.socket]]] = defaultdict(list)
        self._tls = ssl.create_default_context()

    def send(self, call: Call) -> Reply:
        """The answer's head. Raises UpstreamError (unreachable, timed out, no HTTP) and ClientGone."""
        parts = urlsplit(call.url)
        place = (parts.scheme, parts.netloc)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
        method = "GET" if call.body is None else "POST"
        request = request_bytes(method, parts.netloc, path, call.headers, call.body)
        kept = self._take(place)
        if kept is not None:
            try:
                return self._exchange(kept, place, request, call)
            except OSError:
                kept.close()  # the server closed it just then: nothing was answered, ask on a new one
        connection = self._connect(place, call)
        try:
            return self._exchange(connection, place, request, call)
        except OSError as error:
            connection.close()
            raise cut(call) from error

    def close(self) -> None:
        """Drop what is idle."""
        with self._lock:
            every = [connection for idle in self._idle.values() for _, connection in idle]
            self._idle.clear()
        for connection in every:
            connection.close()

    def _connect(self, place: Place, call: Call) -> socket.socket:
        parts = urlsplit(f"{place[0]}://{place[1]}")
        tls = place[0] == "https"
        try:
            port = parts.port or (443 if tls else 80)
            connection = socket.create_connection((parts.hostname, port), call.connect_timeout)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._tls.wrap_socket(connection, server_hostname=parts.hostname) if tls else connection
        except OSError as error:
            reason = "did not accept a connection in time" if isinstance(error, TimeoutError) else "cannot be reached"
            raise UpstreamError(
                f"The upstream “{call.who}” {reason}.",
                "Is its server up, and its address right? ./kefu models test NAME tries it.",
                status=503,
                code="upstream_unreachable",
                reached=False,
            ) from error

    def _exchange(self, connection: socket.socket, place: Place, request: bytes, call: Call) -> Reply:
        """Raises OSError where the connection ended before any answer."""
        connection.settimeout(call.read_timeout)
        incoming = Incoming(connection, call.read_timeout, call.client)
        try:
            with contextlib.suppress(
                ConnectionError
            ):  # it may have refused a long body before the end: see what it says
                connection.sendall(request)
            return Reply(self, place, connection, incoming, read_head(incoming), call)
        except TimeoutError as error:
            connection.close()
            raise timed_out(call) from error
        except (EOFError, Malformed) as error:
            connection.close()
            raise cut(call) from error
        except ClientGone:
            connection.close()
            raise

    def _take(self, place: Place) -> socket.socket | None:
        """The connection used last, if it is still good."""
        while True:
            with self._lock:
                idle = self._idle.get(place)
                if not idle:
                    return None
                since, connection = idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and not is_readable(connection):
                return connection
            connection.close()

    def give_back(self, place: Place, connection: socket.socket) -> None:
        with self._lock:
            idle = self._idle[place]
            if len(idle) < KEPT:
                idle.append((time.monotonic(), connection))
                return
        connection.close()


class Reply:
    """An answer being read. Read it to its end or ``close`` it; at its end the connection is kept."""

    def __init__(
        self, pool: Pool, place: Place, connection: socket.socket, incoming: Incoming, head: Head, call: Call
    ) -> None:
        self._pool = pool
        self._place = place
        self._connection: socket.socket | None = connection
        self._incoming = incoming
        self._head = head
        self._pieces = pieces(incoming, head)
        self._call = call
        self.status = head.status

    def header(self, name: str) -> str:
        return self._head.headers.get(name.lower(), "")

    def piece(self) -> bytes:
        """The next bytes as they come, b"" at the end. Raises UpstreamError (silent, cut) and ClientGone."""
        try:
            piece = next(self._pieces, b"")
        except TimeoutError as error:
            self.close()
            raise timed_out(self._call) from error
        except (OSError, EOFError, Malformed) as error:
            self.close()
            raise cut(self._call) from error
        except ClientGone:
            self.close()
            raise
        if not piece:
            self._finish()
        return piece

    def read(self) -> bytes:
        """The whole body."""
        collected, size = [], 0
        while piece := self.piece():
            collected.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER:
                self.close()
                raise UpstreamError(f"The upstream “{self._call.who}” answers without end.", "Look at its log.")
        return b"".join(collected)

    def drain(self, limit: int = 65_536) -> bool:
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
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _finish(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._head.stays_open and is_counted(self._head) and self._incoming.is_empty:
            self._pool.give_back(self._place, connection)
        else:
            connection.close()


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
