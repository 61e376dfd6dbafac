"""`understand` under load: one turn in process, and many clients at once over HTTP against the real server.

The shop is made: 1,000 rules, 10,000 SKUs with stock and 100 intents beside the sample shop's own. Conversations mix
stock questions (half), sentences that a rule answers, and sentences of an intent. ``/healthz`` under the same clients
is the baseline: what the server costs before Kefu does anything.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import requests

from kefu.clock import make_clock
from kefu.core.catalogue import StockRow
from kefu.core.decide import Asked
from kefu.core.text import MAX_CHARS
from kefu.demo.install import ensure_sample_shop
from kefu.engine import Engine
from kefu.errors import Unavailable
from kefu.evaluation import made_catalogue
from kefu.evaluation.bench_rules import COLOURS, ENDINGS, GOODS, OPENINGS, VERBS, make_rules
from kefu.jobs.training import ensure_model
from kefu.playground.server import ServerProcess, free_port
from kefu.settings import load_settings
from kefu.store.catalogue import ProductRow, save_product_rows
from kefu.store.db import Database
from kefu.store.examples import IntentExample, list_examples, save_examples
from kefu.store.rules import save_rules
from kefu.store.shops import Shop, create_token
from kefu.store.stock import save_stock

RULES, SKUS, INTENTS, EXAMPLES = 1_000, 10_000, 100, 20
CLIENTS = (1, 8, 32)
TURNS = 4
"""Messages of one conversation."""
PARTICLES = ("", "呀", "哦")
"""Behind what each number of clients says: a sentence heard before costs less."""

LONG_MESSAGES = {
    "one character": "长" * 330_000,
    "digits": "1" * 100_000,
    "marks": "a" + "\u0301" * 100_000,
    "addresses": "https://a.com/" * 500,
    "lines": "请发货\n" * 5_000,
    "goods": "条子16G要两条,一箱几条 宝宝2岁10公斤用哪个鼠标 " * 70,
    "everything": "我想买3件红色XL码,发到苏州,订单12345678901 明天到 " * 60,
}
"""What a customer may paste: each far over what is read of a turn."""

Say = Callable[[str], None]
Rows = list[dict[str, Any]]


def run_load(clients: tuple[int, ...] = CLIENTS, messages: int = 200, seed: int = 1, say: Say = lambda _: None) -> Rows:
    """A row for each number of clients. Times are milliseconds of this run; ``in_process_*`` are the same in all."""
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        shop, token, spoken = _make_shop(Path(folder), random.Random(seed), messages, say)
        say("turns in process")
        alone = _in_process(Path(folder), shop, spoken)
        port = free_port()
        environment = {**os.environ, **_settings(folder), "KEFU_PORT": str(port), "KEFU_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "gunicorn", "--config", "python:kefu.web.gunicorn_conf"]
        with ServerProcess([*command, "kefu.web.wsgi:make_app()"], environment, port) as server:
            server.wait_ready()
            _at_once(server.url, token, spoken, 4)  # each worker loads the shop at its first turn
            rows = []
            for particle, count in zip(cycle(PARTICLES), clients, strict=False):
                say(f"{count} clients")
                said = [text + particle for text in spoken]
                rows.append({**_over_http(server.url, token, said, count), **alone})
            return rows


def _settings(folder: str) -> dict[str, str]:
    return {"KEFU_DATA_DIR": folder, "KEFU_DATABASE_URL": f"sqlite:///{folder}/k.sqlite"}


def _make_shop(folder: Path, dice: random.Random, messages: int, say: Say) -> tuple[Shop, str, list[str]]:
    """The shop, a token of it, and what its customers say."""
    db = Database(f"sqlite:///{folder}/k.sqlite")
    try:
        db.migrate()
        shop = ensure_sample_shop(db, say)
        now = datetime.now(UTC)
        rules = list(make_rules(dice, RULES))
        made = [ProductRow(p, v) for p in made_catalogue.products(SKUS) for v in p.variants]
        with db.write() as connection:
            save_rules(connection, shop.id, [rule for rule, _ in rules])
            save_product_rows(connection, shop.id, made)
            save_stock(
                connection, shop.id, [StockRow(r.variant.sku, "一号仓", n % 50, now) for n, r in enumerate(made)]
            )
            own = {example.intent for example in list_examples(connection, shop.id)}
            save_examples(connection, shop.id, _examples(dice, INTENTS - len(own)), now)
            spoken_intents = [example.text for example in list_examples(connection, shop.id)]
            token = create_token(connection, shop.id)
        ensure_model(db, shop.id, say)
    finally:
        db.close()
    spoken = [question.text for question in made_catalogue.questions(messages // 2, SKUS)]
    spoken += [example for _, example in dice.sample(rules, messages // 4)]
    spoken += [text + "呢" for text in dice.sample(spoken_intents, messages // 4)]
    dice.shuffle(spoken)
    return shop, token, spoken


def _examples(dice: random.Random, intents: int) -> Iterator[IntentExample]:
    """Intents about one verb and a few goods each, in the words of a shop."""
    topics = dice.sample([(verb, goods) for verb in VERBS for goods in GOODS], intents)
    for number, (verb, goods) in enumerate(topics):
        for opening in dice.sample(OPENINGS, 4):
            for ending in dice.sample(ENDINGS, EXAMPLES // 4):
                yield IntentExample(f"{opening}{verb}{dice.choice(COLOURS)}{goods}{ending}", f"made_{number}")


def _in_process(folder: Path, shop: Shop, spoken: list[str]) -> dict[str, Any]:
    """Wall and processor time of one turn, decided and recorded, in one thread."""
    settings = load_settings(data_dir=str(folder))
    db = Database(f"sqlite:///{folder}/k.sqlite")
    engine = Engine(db, settings, make_clock(settings))
    walls, work = [], []
    try:
        for number, text in enumerate([*spoken[:20], *spoken]):
            wall, busy = _turn(engine, shop, text, f"in-process-{number // TURNS}", number)
            walls.append(wall)
            work.append(busy)
        long = [
            min(_turn(engine, shop, text, f"{name}-{again}", again)[1] for again in range(3))
            for name, text in LONG_MESSAGES.items()
        ]
    finally:
        engine.close()
        db.close()
    walls, work = sorted(walls[20:]), sorted(work[20:])
    return {
        "in_process_p50_ms": round(_p(walls, 50), 2),
        "in_process_p95_ms": round(_p(walls, 95), 2),
        "in_process_cpu_p50_ms": round(_p(work, 50), 2),
        "longest_message_cpu_ms": round(max(long), 2),
        "longest_message_ratio": round(max(long) / _p(work, 50), 1),
    }


def _turn(engine: Engine, shop: Shop, text: str, conversation: str, second: int) -> tuple[float, float]:
    """Milliseconds of one turn: on the clock, and of the processor."""
    asked = Asked(text[:MAX_CHARS], conversation, engine.clock() + timedelta(seconds=second))
    began, busy = time.perf_counter(), time.process_time()
    engine.turn(shop, asked, tool="understand")
    return (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000


def _over_http(url: str, token: str, spoken: list[str], clients: int) -> dict[str, Any]:
    began = time.perf_counter()
    times = _at_once(url, token, spoken, clients)
    seconds = time.perf_counter() - began
    bare_began = time.perf_counter()
    bare = _at_once(url, token, spoken, clients, bare=True)
    bare_seconds = time.perf_counter() - bare_began
    return {
        "clients": clients,
        "turns": len(times),
        "p50_ms": round(_p(times, 50), 2),
        "p95_ms": round(_p(times, 95), 2),
        "p99_ms": round(_p(times, 99), 2),
        "turns_per_s": round(len(times) / seconds),
        "bare_p50_ms": round(_p(bare, 50), 2),
        "bare_per_s": round(len(bare) / bare_seconds),
        "ratio": round(_p(times, 50) / _p(bare, 50), 1),
    }


def _at_once(url: str, token: str, spoken: list[str], clients: int, bare: bool = False) -> list[float]:
    """Milliseconds of every request, ascending; each client keeps its connection. Raises Unavailable on a failure."""
    local = threading.local()

    def conversation(number: int) -> list[float]:
        session = local.__dict__.setdefault("session", requests.Session())
        session.trust_env = False
        texts = spoken[number * TURNS : (number + 1) * TURNS]
        return [_request(session, url, token, f"load-{clients}-{number}", text, bare) for text in texts]

    with ThreadPoolExecutor(clients) as pool:
        found = list(pool.map(conversation, range(-(-len(spoken) // TURNS))))
    return sorted(ms for times in found for ms in times)


def _request(session: requests.Session, url: str, token: str, conversation: str, text: str, bare: bool) -> float:
    began = time.perf_counter()
    if bare:
        reply = session.get(f"{url}/healthz", timeout=30)
    else:
        reply = session.post(
            f"{url}/tools/understand",
            json={"query": text, "conversation_id": conversation},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
    taken = (time.perf_counter() - began) * 1000
    if reply.status_code != 200:
        raise Unavailable(f"The server answered {reply.status_code}.", reply.text[:200])
    return taken


def _p(ascending: list[float], percent: int) -> float:
    return ascending[min(len(ascending) - 1, len(ascending) * percent // 100)]
