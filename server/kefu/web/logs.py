"""JSON logs: one object a line, with a turn id, without what customers wrote."""

from __future__ import annotations

import json
import logging
import time
import uuid

from flask import Flask, Response, g, request

log = logging.getLogger("kefu.request")

_FIELDS = ("turn", "shop", "method", "path", "status", "ms", "route", "error")


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message and the known extra fields; exceptions as one text."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def configure(level: str) -> None:
    """Send the logs of ``kefu`` to stderr as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("kefu")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def install(app: Flask) -> None:
    """Give every request a turn id (header ``X-Kefu-Turn``) and log its end."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.turn = request.headers.get("X-Kefu-Turn", "")[:64] or uuid.uuid4().hex

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Kefu-Turn"] = g.turn
        shop = g.get("shop")
        log.info(
            "request",
            extra={
                "turn": g.turn,
                "shop": shop.name if shop else "",
                "method": request.method,
                "path": request.url_rule.rule if request.url_rule else "",
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.started) * 1000, 1),
                "route": g.get("route", ""),
            },
        )
        return response
