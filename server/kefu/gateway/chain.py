"""A chain of models tried in order, those that were not there a moment ago last."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from kefu.core.upstreams import Upstream
from kefu.gateway.errors import REFUSALS, UpstreamError
from kefu.gateway.fit import Unfit

Target = Upstream | str
"""An upstream, or a built-in model's name."""
REST_SECONDS = 10.0
"""An upstream that could not be reached is tried last for so long."""


class Chain:
    """Remembers which servers could not be reached. Thread-safe; one a process."""

    def __init__(self) -> None:
        self._resting: dict[str, float] = {}
        self._lock = threading.Lock()

    def first(self, chain: tuple[Target, ...], attempt: Callable[[Upstream, int], Any]) -> tuple[Any, int]:
        """The first target's answer that comes, or the name of a built-in model; and the requests sent in vain before.

        The error that is raised when nobody answers is the first one's: it is the model that was meant.
        """
        meant: UpstreamError | None = None
        sent = 0
        for target in self._order(chain):
            if isinstance(target, str):
                return target, sent
            try:
                return attempt(target, sent), sent
            except UpstreamError as error:
                if isinstance(error, Unfit) and target is not chain[0]:
                    continue  # a fallback that cannot take it is none
                sent += error.reached
                meant = error if target is chain[0] else meant or error
                if error.status in REFUSALS:
                    break
                if not error.reached:
                    self._rest(target.url)
        assert meant is not None
        meant.requests = sent
        raise meant

    def _order(self, chain: tuple[Target, ...]) -> Iterator[Target]:
        """The chain, with those that rest at its end."""
        now = time.monotonic()
        with self._lock:
            resting = {url for url, until in self._resting.items() if until > now}
        for late in (False, True):
            yield from (t for t in chain if late == (isinstance(t, Upstream) and t.url in resting))

    def _rest(self, url: str) -> None:
        with self._lock:
            self._resting[url] = time.monotonic() + REST_SECONDS
