"""gunicorn's settings, from ours: loopback unless told otherwise, threads, a clean stop within 10 s."""

from __future__ import annotations

import os

# Before a worker imports numpy: a message's products are small, and BLAS threads would spin on the other workers' cores
# after each of them (8 clients then get half as many turns a second).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from kefu.settings import load_settings

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
keepalive = 30
accesslog = None
errorlog = "-"
loglevel = "warning"
preload_app = False
