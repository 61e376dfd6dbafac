"""What gunicorn loads: the application over the settings of the environment."""

from __future__ import annotations

import atexit
import threading

from flask import Flask

from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.jobs.housekeeping import Housekeeping
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.web import logs
from kefu.web.app import create_app
from kefu.web.metrics import METRICS


def make_app() -> Flask:
    """One engine a worker process. The schema is brought up to date first; raises KefuError if that cannot be."""
    settings = load_settings()
    logs.configure(settings.log_level)
    db = Database(settings.database_url)
    db.migrate()
    housekeeping = Housekeeping(db)
    housekeeping.start()
    atexit.register(housekeeping.stop)
    engine = Engine(db, settings, make_clock(settings), METRICS.count)
    threading.Thread(target=engine.warm, name="kefu-warm", daemon=True).start()
    return create_app(engine)
