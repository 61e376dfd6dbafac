"""Alive, ready, counted, described."""

from __future__ import annotations

import os

from flask import Blueprint, Response, current_app, jsonify

from kefu import __version__
from kefu.web.metrics import METRICS
from kefu.web.openapi import describe

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers, and says which it is: counts in `/metrics` are of one worker."""
    return jsonify({"kefu": __version__, "status": "ok", "worker": os.getpid()})


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers too; else 503."""
    current_app.extensions["kefu"].check_ready()
    return jsonify({"kefu": __version__, "status": "ready"})


@blueprint.get("/metrics")
def metrics() -> Response:
    """What this worker has counted, in Prometheus' text format. Counts are of this worker process."""
    return Response(METRICS.render(), mimetype="text/plain; version=0.0.4")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This description of every call, as OpenAPI 3.1."""
    return jsonify(describe(current_app))
