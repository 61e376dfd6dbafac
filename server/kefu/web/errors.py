"""The single error maker: KefuError → JSON. Protocol routes (`/retrieval`, `/v1`) keep their protocol's shape."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from kefu.errors import KefuError

log = logging.getLogger("kefu.web")


def error_response(code: str, message: str, hint: str, status: int) -> Response:
    response = jsonify({"error": {"code": code, "message": message, "hint": hint}})
    response.status_code = status
    return response


def install(app: Flask) -> None:
    """Register the handlers on ``app``."""

    @app.errorhandler(KefuError)
    def on_kefu_error(error: KefuError) -> Response:
        return error_response(error.code, error.message, error.hint, error.status)

    @app.errorhandler(RequestEntityTooLarge)
    def on_too_large(_error: RequestEntityTooLarge) -> Response:
        limit = app.config["MAX_CONTENT_LENGTH"]
        return error_response("too_large", f"The request body is over {limit} bytes.", "Send less at a time.", 413)

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> Response:
        code = (error.name or "error").lower().replace(" ", "_")
        return error_response(code, error.description or error.name, "See /openapi.json.", error.code or 500)

    @app.errorhandler(Exception)
    def on_bug(error: Exception) -> Response:
        log.exception("bug", extra={"error": type(error).__name__})
        return error_response("bug", "The server made a mistake.", "It is logged with the turn id.", 500)
