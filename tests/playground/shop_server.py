"""The real kefu server in this process on a free port, over a real SQLite shop: for the page and for whole turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from kefu.clock import make_clock
from kefu.core.rules import Pattern, Rule
from kefu.engine import Engine
from kefu.playground.server import free_port
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.rules import save_rules
from kefu.store.shops import create_shop
from kefu.web.app import create_app


def small_shop(folder: Path, *, password: str = "") -> tuple[Flask, Engine]:
    """An application over a shop `demo` with one rule, frozen on a Sunday evening."""
    settings = load_settings(
        {}, data_dir=folder, port=free_port(), now="2026-11-22T19:00:00+08:00", admin_password=password
    )
    db = Database(settings.database_url)
    db.migrate()
    with db.write() as connection:
        shop = create_shop(connection, "demo")
        save_rules(connection, shop.id, [Rule("ship", (Pattern("keywords", any=("发货",)),), ("马上为您安排发货～",))])
    engine = Engine(db, settings, make_clock(settings))
    return create_app(engine), engine


@contextmanager
def running(app: Flask, port: int) -> Iterator[str]:
    """Its address while it listens."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
