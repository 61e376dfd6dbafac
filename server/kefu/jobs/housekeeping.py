"""What a running server does by itself: send what is in the outbox, make vectors, forget what has expired."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from kefu.jobs.embeddings import VectorKeeper
from kefu.jobs.webhooks import Postman
from kefu.store import conversations, outbox
from kefu.store.db import Database

log = logging.getLogger("kefu.jobs")

SWEEP_SECONDS = 600.0
KEEP_DELIVERED = timedelta(days=30)


class Housekeeping:
    """Three threads of a worker process; `stop` waits for the work in hand. Any number may run beside each other."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._postman = Postman(db)
        self._vectors = VectorKeeper(db)
        self._stopped = threading.Event()
        self._sweeper = threading.Thread(target=self._run, name="kefu-sweeper", daemon=True)

    def start(self) -> None:
        self._postman.start()
        self._vectors.start()
        self._sweeper.start()

    def stop(self) -> None:
        self._stopped.set()
        self._postman.stop()
        self._vectors.stop()
        self._sweeper.join(timeout=15)

    def _run(self) -> None:
        while not self._stopped.wait(SWEEP_SECONDS):
            try:
                sweep(self._db, datetime.now(UTC))
            except SQLAlchemyError:
                log.exception("sweep failed")  # the database is away: the next round finds it again


def sweep(db: Database, now: datetime) -> int:
    """Forget expired conversations and old deliveries; how many rows went."""
    with db.write() as connection:
        gone = conversations.forget_expired(connection, now)
        return gone + outbox.clear_done(connection, now - KEEP_DELIVERED)
