"""`./kefu up`: set up, fill the sample shop, start server and playground, show one real conversation."""

from __future__ import annotations

import argparse
import importlib
import logging
import signal
import sys
import threading
import time
from dataclasses import replace

from kefu.cli.context import add_data_argument, make_data_dir, open_database, settings_of
from kefu.cli.serve import check_port, server_command, server_environment
from kefu.core.intent_file import FORMAT, format_of
from kefu.playground.plugins import Plugins
from kefu.playground.server import ServerProcess
from kefu.settings import Settings
from kefu.store import models, revisions, shops
from kefu.store.db import Database

APP = "kefu-fast"
SHOP = "demo"
CONVERSATION = (
    "请发货！！",
    "飞岩DDR4笔记本内存条，16GB，有库存吗？明天能不能送到杭州",
    "请问有没有兼容我笔记本型号的内存条？",
    "ThinkPad T480",
    "今天晚上能送到苏州市吗？",
    "内存条怎么装？",
    "转人工",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument("--port", type=int, help="port (default 8790)")
    parser.add_argument("--once", action="store_true", help="stop after the sample conversation")


def run(args: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    logging.getLogger("graphon").setLevel(logging.CRITICAL)  # a node's failure is in the trace
    started = time.monotonic()
    settings = replace(settings_of(args), host="127.0.0.1")
    check_port(settings)
    make_data_dir(settings.data_dir)
    with Plugins() as plugins:
        plugins.begin()
        return _up(args, settings, plugins, started)


def _up(args: argparse.Namespace, settings: Settings, plugins: Plugins, started: float) -> int:
    db = open_database(args)
    shop = _ready_sample_shop(db) or _make_sample_shop(db)
    with db.write() as connection:
        token = shops.create_token(connection, shop.id, label="up")
    environment = {**server_environment(settings), "KEFU_HOST": settings.host, "KEFU_WORKERS": "1"}
    try:
        with ServerProcess(server_command(), environment, settings.port) as server:
            _converse(server, plugins, token, started)
            if not args.once:
                _show_addresses(server.url)
                threading.Event().wait()
    finally:
        with db.write() as connection:
            shops.forget_token(connection, shop.id, token)
        db.close()
    return 0


def _ready_sample_shop(db: Database) -> shops.Shop | None:
    """The sample shop if it is there and this version has learnt its examples. Reads the store only: a second start is
    quick."""
    with db.read() as connection:
        shop = next((row for row in shops.list_shops(connection) if row.name == SHOP), None)
        active = models.active_model(connection, shop.id, "intents") if shop else None
        now = revisions.current(connection, shop.id).get("intents", 0) if shop else 0
    learnt = active and active[0].trained_on == now and format_of(active[1]) == FORMAT
    return shop if learnt else None


def _make_sample_shop(db: Database) -> shops.Shop:
    shop = importlib.import_module("kefu.demo.install").ensure_sample_shop(db, say)
    importlib.import_module("kefu.jobs.training").ensure_model(db, shop.id, say)
    return shop


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _converse(server: ServerProcess, plugins: Plugins, token: str, started: float) -> None:
    """One conversation through the real app file, engine, plugins and server, which starts meanwhile."""
    play = importlib.import_module("kefu.playground.play")  # Dify's engine takes a second to import
    described = importlib.import_module("kefu.cli.chat").described
    server.wait_ready()
    playground = play.Playground(APP, server.url, token, plugins=plugins)
    playground.warm_up()
    say(f"server, engine and plugins ready after {time.monotonic() - started:.1f} s")
    conversation = None
    for sentence in CONVERSATION:
        trace, conversation = playground.turn(sentence, conversation)
        print(described(trace), flush=True)


def _show_addresses(url: str) -> None:
    print(f"\nPlayground  {url}/playground\nAPI         {url}/openapi.json")
    print("Ctrl-C stops everything.", flush=True)


def say(text: str) -> None:
    print(f"kefu: {text}", file=sys.stderr, flush=True)
