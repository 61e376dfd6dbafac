"""Vectors of a shop's knowledge, made by the model that the name `kefu-embed` leads to: only what is missing.

Every batch is stored at once, so a run that broke off goes on where it stopped. Several may run beside each other (the
workers of a server, a person at the command line): each takes its own order and leaves out what is there by then.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from kefu.core.knowledge import Entry
from kefu.core.knowledge.nearness import digest_of, texts_of
from kefu.core.upstreams import EMBED, Upstream
from kefu.gateway.errors import REFUSALS, UpstreamError
from kefu.gateway.http import Pool
from kefu.gateway.vectors import vectors_of
from kefu.store import knowledge_vectors as store
from kefu.store import revisions, upstreams
from kefu.store.db import Database
from kefu.store.knowledge import list_entries

log = logging.getLogger("kefu.jobs")

BATCH = 32
"""Entries in one request, two texts each."""
PAUSES = (1.0, 4.0, 15.0)
"""Seconds before a busy, silent or unreachable server is asked again."""
PUBLISHED = 1_000
"""After so many entries the workers read what is there so far."""

ROUND_SECONDS = 3.0
"""How often a running server looks for knowledge without vectors."""
REST_SECONDS = 60.0
"""A shop whose server failed is left alone for so long."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Entries whose vectors were ``made`` now, were there before (``same``), or went with their entry (``gone``)."""

    model: str
    made: int
    same: int
    gone: int


def embed_knowledge(
    db: Database,
    shop_id: int,
    pool: Pool,
    *,
    again: bool = False,
    progress: Progress = lambda _done, _total: None,
    stop: threading.Event | None = None,
) -> Embedded | None:
    """Make what is missing; None if the shop has no embedding model. ``again``: make all anew.

    Raises UpstreamError when the server refuses or stays silent; what was made until then is kept.
    """
    stop = stop or threading.Event()
    with db.read() as connection:
        upstream = upstreams.load_table(connection, shop_id).embedding
        if upstream is None:
            return None
        entries = list_entries(connection, shop_id)
        held = store.made_vectors(connection, shop_id)
    wanted = {name: store.Made(upstream.model, digest_of(entry)) for name, entry in entries.items()}
    missing = [entry for name, entry in entries.items() if again or held.get(name) != wanted[name]]
    gone = held.keys() - entries.keys()
    random.shuffle(missing)
    made = published = 0
    try:
        for start in range(0, len(missing), BATCH):
            if stop.is_set():
                break
            batch = missing[start : start + BATCH]
            made += _make(db, shop_id, batch if again else _left(db, shop_id, batch, wanted), pool, upstream, stop)
            progress(start + len(batch), len(missing))
            if made - published >= PUBLISHED:
                published = _publish(db, shop_id, made)
    finally:
        if made > published or gone:
            _publish(db, shop_id, made, gone)
    return Embedded(upstream.model, made, len(entries) - len(missing), len(gone))


def _left(db: Database, shop_id: int, batch: Sequence[Entry], wanted: dict[str, store.Made]) -> list[Entry]:
    with db.read() as connection:
        held = store.made_vectors(connection, shop_id, [entry.id for entry in batch])
    return [entry for entry in batch if held.get(entry.id) != wanted[entry.id]]


def _make(
    db: Database, shop_id: int, entries: Sequence[Entry], pool: Pool, upstream: Upstream, stop: threading.Event
) -> int:
    texts = [text for entry in entries for text in texts_of(entry)]
    made = 0
    for rows in _patiently(pool, upstream, texts, stop):
        part = entries[made : made + len(rows) // 2]
        pairs = {entry.id: (digest_of(entry), rows[2 * at : 2 * at + 2]) for at, entry in enumerate(part)}
        with db.write() as connection:
            store.save_vectors(connection, shop_id, upstream.model, pairs)
        made += len(part)
    return made


def _patiently(pool: Pool, upstream: Upstream, texts: Sequence[str], stop: threading.Event) -> Iterator[np.ndarray]:
    """The texts' vectors in one or more parts of an even length: a server that refuses many at once gets fewer."""
    if not texts:
        return
    for pause in (*PAUSES, None):
        try:
            yield vectors_of(pool, upstream, texts)
            return
        except UpstreamError as error:
            if error.status in REFUSALS and len(texts) > 2:
                break
            if pause is None or error.status < 429 or stop.wait(pause):
                raise
    middle = len(texts) // 4 * 2 or 2
    for part in (texts[:middle], texts[middle:]):
        yield from _patiently(pool, upstream, part, stop)


def _publish(db: Database, shop_id: int, made: int, gone: Collection[str] = ()) -> int:
    with db.write() as connection:
        store.forget_vectors(connection, shop_id, gone)
        store.publish(connection, shop_id)
    return made


class VectorKeeper:
    """A thread of a worker process that makes what is missing whenever a shop's knowledge or model changed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._pool = Pool()
        self._stopped = threading.Event()
        self._seen: dict[int, tuple[int | None, ...]] = {}
        self._resting: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="kefu-vectors", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Wait for the request in hand."""
        self._stopped.set()
        self._thread.join(timeout=15)
        self._pool.close()

    def _run(self) -> None:
        while not self._stopped.wait(ROUND_SECONDS):
            try:
                self.look()
            except SQLAlchemyError:
                log.exception("looking for missing vectors failed")  # the next round finds the database again

    def look(self) -> None:
        """One round over the shops."""
        with self._db.read() as connection:
            shops = upstreams.shops_with_alias(connection, EMBED)
            now = {shop_id: revisions.current(connection, shop_id) for shop_id in shops}
        for shop_id, counted in now.items():
            state = tuple(counted.get(kind) for kind in ("knowledge", upstreams.REVISION))
            if self._seen.get(shop_id) == state or self._resting.get(shop_id, 0) > time.monotonic():
                continue
            try:
                done = embed_knowledge(self._db, shop_id, self._pool, stop=self._stopped)
            except UpstreamError as error:
                self._resting[shop_id] = time.monotonic() + REST_SECONDS
                log.warning("knowledge has no vectors yet", extra={"error": str(error)})
                continue
            self._seen[shop_id] = state
            if done and done.made:
                log.info(f"made vectors of {done.made} pieces of knowledge")
