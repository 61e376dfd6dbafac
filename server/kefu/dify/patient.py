"""What doctor examines and what a line of its table is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from kefu.dify.console import Console, Workspace, unreachable
from kefu.dify.package import Package
from kefu.dify.state import State

SERVER_TIMEOUT = httpx.Timeout(20.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Line:
    """``status`` is ok, warn or fail; ``fix`` says what to do, empty when ok."""

    check: str
    status: str
    detail: str
    fix: str = ""


@dataclass(slots=True)
class Patient:
    """What is examined. ``console`` is None without a Dify; ``unmapped`` gives class texts that stand for no intent,
    ``without_stock`` the SKUs that have no stock row, ``delivery_gaps`` what the delivery table leaves open,
    ``device_gaps`` devices of one name that no years tell apart and pairs with the shop's own goods, ``naming_gaps``
    names and values of goods that are misread."""

    server_url: str
    token: str
    packages: tuple[Package, ...] = ()
    apps: tuple[str, ...] = ()
    database: Callable[[], str] | None = None
    without_stock: Callable[[], Sequence[str]] | None = None
    delivery_gaps: Callable[[], Sequence[str]] | None = None
    device_gaps: Callable[[], Sequence[str]] | None = None
    naming_gaps: Callable[[], Sequence[str]] | None = None
    unmapped: Callable[[Sequence[str]], Collection[str]] | None = None
    console: Console | None = None
    sign_in: Callable[[], Workspace] | None = None
    state: State | None = None
    found: dict[str, Any] = field(default_factory=dict)
    """What one check leaves for the next."""

    def server(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call of the kefu server as the shop; raises Unavailable."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            return httpx.request(
                method,
                f"{self.server_url}{path}",
                json=body,
                headers=headers,
                timeout=SERVER_TIMEOUT,
                trust_env=False,
            )
        except httpx.TransportError as error:
            raise unreachable(self.server_url, error, "kefu server") from error


def ok(detail: str) -> Line:
    return Line("", "ok", detail)


def warn(detail: str, fix: str) -> Line:
    return Line("", "warn", detail, fix)


def fail(detail: str, fix: str) -> Line:
    return Line("", "fail", detail, fix)
