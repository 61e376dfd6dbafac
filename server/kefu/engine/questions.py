"""A question as a vector of the shop's embedding model: soon, or not at all."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from kefu.core.upstreams import Upstream
from kefu.engine.snapshots import Snapshot
from kefu.gateway.errors import UpstreamError
from kefu.gateway.http import Pool
from kefu.gateway.vectors import vectors_of

log = logging.getLogger("kefu.engine")

PATIENCE = 1.5
"""Seconds that a customer's question waits for its vector; Dify gives up on us after five."""
REST_SECONDS = 10.0
"""A server that failed is not asked again for so long: words alone answer meanwhile."""
KEPT = 512
"""Questions whose vectors are kept: one turn may search more than once."""
LONGEST = 2_000

Count = Callable[..., None]


class Questions:
    """Thread-safe; one a process. ``count(metric, **labels)`` notes each outcome."""

    def __init__(self, pool: Pool, count: Count) -> None:
        self._pool = pool
        self._count = count
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], np.ndarray] = OrderedDict()
        self._resting: dict[str, float] = {}
        # A thread that waits on a dripping server or a slow name service must not hold the customer's up.
        self._askers = ThreadPoolExecutor(4, thread_name_prefix="kefu-embed")

    def vector_of(self, snapshot: Snapshot, text: str) -> np.ndarray | None:
        """None: the shop has no vectors, or its server did not answer rightly in time; then words alone must do."""
        upstream, size = snapshot.models.embedding, snapshot.parts.knowledge.nearness.dimensions
        text = text[:LONGEST].strip()
        if upstream is None or not size or not text:
            return None
        key = (upstream.url, upstream.model, text)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            if self._resting.get(upstream.url, 0) > time.monotonic():
                self._count("kefu_embedding_questions_total", outcome="resting")
                return None
        vector = self._ask(upstream, text, size)
        if vector is not None:
            with self._lock:
                self._kept[key] = vector
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return vector

    def _ask(self, upstream: Upstream, text: str, size: int) -> np.ndarray | None:
        short = replace(
            upstream,
            connect_timeout=min(upstream.connect_timeout, PATIENCE),
            read_timeout=min(upstream.read_timeout, PATIENCE),
        )
        try:
            vector = self._askers.submit(vectors_of, self._pool, short, [text]).result(PATIENCE)[0]
            if len(vector) != size:
                raise UpstreamError(
                    f"“{upstream.name}” sent {len(vector)} numbers, the knowledge has {size}.",
                    "Run ./kefu knowledge embed --again.",
                    code="other_dimension",
                )
        except TimeoutError:
            outcome, why = "upstream_timeout", f"“{upstream.name}” did not answer within {PATIENCE} s"
        except UpstreamError as error:
            outcome, why = error.code, str(error)
        else:
            self._count("kefu_embedding_questions_total", outcome="ok")
            return vector
        with self._lock:
            self._resting[upstream.url] = time.monotonic() + REST_SECONDS
        self._count("kefu_embedding_questions_total", outcome=outcome)
        log.warning("knowledge is searched by words alone", extra={"error": why})
        return None

    def close(self) -> None:
        self._askers.shutdown(wait=False, cancel_futures=True)
