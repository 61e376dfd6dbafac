"""How soon a committed change is in the answers of every worker process, of one server or of several over one database.

Real servers (gunicorn, two workers each). Every worker has a kept connection of its own: connections are opened until
`/healthz` has named each worker's process, and a kept connection stays with its worker. A change is made over one of
them (stock) or straight in the database, as an import does (a term of jargon); then every worker is asked at once.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import requests

from kefu.core.catalogue import JargonTerm, StockRow
from kefu.errors import BadInput, Unavailable
from kefu.evaluation.made_catalogue import Question, products, questions
from kefu.jobs.kinds.cells import now
from kefu.playground.server import ServerProcess, free_port
from kefu.store.catalogue import ProductRow, save_jargon, save_product_rows
from kefu.store.db import Database
from kefu.store.shops import create_shop, create_token
from kefu.store.stock import save_stock

CHANGES = 50
TERMS = "甲乙丙丁戊己庚辛"
PATIENCE_SECONDS = 20.0
"""A change that is not seen by then is not visible."""
_AT_ONCE = 8


def run_workers(skus: int, database: str = "", say: Callable[[str], None] = lambda _: None) -> list[dict[str, Any]]:
    """One row over a SQLite file; two over ``database`` (PostgreSQL, empty: it is filled), of one server and of two."""
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        rows = _over(f"sqlite:///{folder}/kefu.sqlite", (1,), skus, Path(folder), say)
        return rows + (_over(database, (1, 2), skus, Path(folder), say) if database else [])


def _over(
    url: str, servers: Sequence[int], skus: int, folder: Path, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    db = Database(url)
    rows = []
    try:
        if db.is_migrated():
            raise BadInput("This database is in use.", "Give the address of an empty one: the bench fills it.")
        shop_id, [question] = fill(db, skus), questions(1, skus)
        for number in servers:
            say(f"{db.engine.dialect.name}, servers: {number}")
            found = served(db, shop_id, folder / str(number), question, number)
            rows.append({"database": db.engine.dialect.name, "skus": skus, "servers": number, **found})
        return rows
    finally:
        db.close()


def fill(db: Database, size: int, seed: int = 7) -> int:
    """The number of a new shop of ``size`` SKUs with stock; the database may be empty."""
    db.migrate()
    with db.write() as connection:
        shop_id = create_shop(connection, "bench").id
        made = [ProductRow(product, variant) for product in products(size, seed) for variant in product.variants]
        save_product_rows(connection, shop_id, made)
        at = now()
        save_stock(connection, shop_id, [StockRow(r.variant.sku, "一号仓", n % 100, at) for n, r in enumerate(made)])
    return shop_id


def served(db: Database, shop_id: int, folder: Path, question: Question, servers: int = 1) -> dict[str, Any]:
    """Figures of real servers over the shop in ``db``; their files go to ``folder``."""
    with workers_of(db, shop_id, folder, servers) as workers:
        return measure_workers(workers, db, shop_id, question.sku, question.text)


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process: its number at the system and a connection that it keeps."""

    process: int
    url: str
    session: requests.Session

    def ask(self, text: str) -> dict[str, Any]:
        """What `inventory_lookup` answers."""
        return _answer(self.session.post(f"{self.url}/tools/inventory_lookup", json={"query": text}, timeout=60))

    def put_stock(self, sku: str, quantity: int) -> None:
        change = {"sku": sku, "warehouse": "一号仓", "quantity": quantity}
        _answer(self.session.put(f"{self.url}/stock", json=change, timeout=60))


def _answer(response: requests.Response) -> dict[str, Any]:
    if response.status_code != 200:
        raise Unavailable(f"The server answered {response.status_code}.", response.text[:200])
    return dict(response.json())


@contextmanager
def workers_of(db: Database, shop_id: int, folder: Path, servers: int = 1, each: int = 2) -> Iterator[list[Worker]]:
    """Connections to every worker of ``servers`` servers over the database of ``db``."""
    with db.write() as connection:
        token = create_token(connection, shop_id)
    with ExitStack() as stack:
        found: list[Worker] = []
        for number in range(servers):
            port = free_port()
            environment = {
                **os.environ,
                "KEFU_DATA_DIR": str(folder / f"server-{number}"),
                "KEFU_DATABASE_URL": db.url,
                "KEFU_PORT": str(port),
                "KEFU_WORKERS": str(each),
                "KEFU_LOG_LEVEL": "WARNING",
            }
            command = [sys.executable, "-m", "gunicorn", "--config", "python:kefu.web.gunicorn_conf"]
            server = stack.enter_context(ServerProcess([*command, "kefu.web.wsgi:make_app()"], environment, port))
            server.wait_ready()
            found += _connections(server.url, token, each, stack)
        yield found


def _connections(url: str, token: str, each: int, stack: ExitStack) -> list[Worker]:
    """A kept connection to each worker. Several are opened at once: one after the other an idle worker takes them all.

    A second worker may still be starting when the first is ready.
    """
    found: dict[int, Worker] = {}

    def connect(_number: int) -> Worker:
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token}"
        return Worker(int(_answer(session.get(f"{url}/healthz", timeout=60))["worker"]), url, session)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        until = perf_counter() + PATIENCE_SECONDS
        while perf_counter() < until:
            for worker in threads.map(connect, range(_AT_ONCE)):
                if found.setdefault(worker.process, worker) is worker:
                    stack.callback(worker.session.close)
                else:
                    worker.session.close()
            if len(found) == each:
                return list(found.values())
    raise Unavailable(f"Of {each} workers only {len(found)} took a connection.", "Run it again.")


def measure_workers(
    workers: Sequence[Worker], db: Database, shop_id: int, sku: str, text: str, changes: int = CHANGES
) -> dict[str, Any]:
    """``text`` asks for ``sku``. Milliseconds are from the moment the change was committed to the answer that shows it.

    ``first_answers`` is the share of first answers after a change that show it: 1 when nothing is ever stale.
    """
    for worker in workers:
        worker.ask(text)  # each loads the shop at its first question
    stock: list[tuple[float, int]] = []
    for number in range(changes):
        quantity = 5_000 + number
        workers[number % len(workers)].put_stock(sku, quantity)
        stock += _seen_by_all(workers, text, "quantity", quantity)
    terms: list[tuple[float, int]] = []
    for letter in TERMS:
        with db.write() as connection:
            save_jargon(connection, shop_id, [JargonTerm(f"暗号{letter}", sku=sku)])
        terms += _seen_by_all(workers, f"暗号{letter}有货吗", "available", True)
    return {
        "workers": len(workers),
        "visible_p50_ms": round(statistics.median(ms for ms, _ in stock), 1),
        "visible_max_ms": round(max(ms for ms, _ in stock), 1),
        "first_answers": sum(asks == 1 for _, asks in stock) / len(stock),
        "term_visible_p50_ms": round(statistics.median(ms for ms, _ in terms), 1),
        "term_visible_max_ms": round(max(ms for ms, _ in terms), 1),
    }


def _seen_by_all(workers: Sequence[Worker], text: str, field: str, wanted: Any) -> list[tuple[float, int]]:
    """For each worker, asked all at once: milliseconds until it shows the change, and how often it was asked."""
    began = perf_counter()

    def ask(worker: Worker) -> tuple[float, int]:
        asks = 1
        while worker.ask(text)[field] != wanted:
            asks += 1
            if perf_counter() - began > PATIENCE_SECONDS:
                raise Unavailable(f"Worker {worker.process} still answers “{text}” as before.", "See its log.")
        return (perf_counter() - began) * 1e3, asks

    with ThreadPoolExecutor(len(workers)) as threads:
        return list(threads.map(ask, workers))
