"""The Flask application: one blueprint a file, one engine behind them."""

from __future__ import annotations

import importlib

from flask import Flask

from kefu.engine import Engine
from kefu.web import errors, logs
from kefu.web.body import WholeText

BLUEPRINTS: tuple[str, ...] = (
    "profiles",
    "unanswered",
    "handoff",
    "health",
    "tools",
    "stock",
    "rules",
    "imports",
    "retrieval",
    "openai",
    "upstreams",
    "playground",
)
"""Modules of `kefu.web`; each has a `blueprint`."""


def create_app(engine: Engine) -> Flask:
    """The application over ``engine``; the caller owns the engine and closes it."""
    app = Flask("kefu.web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = engine.settings.max_body_bytes
    app.json = WholeText(app)
    app.extensions["kefu"] = engine
    logs.install(app)
    errors.install(app)
    for name in BLUEPRINTS:
        app.register_blueprint(importlib.import_module(f"kefu.web.{name}").blueprint)
    return app
