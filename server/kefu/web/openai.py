"""`/v1`: the OpenAI-compatible door to the built-in models and to the shop's upstreams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, jsonify, request

from kefu.errors import KefuError
from kefu.web.auth import current_shop
from kefu.web.metrics import METRICS

blueprint = Blueprint("openai", __name__, url_prefix="/v1")

_TYPES = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error"}


@blueprint.errorhandler(KefuError)
def on_error(error: KefuError) -> Response:
    """OpenAI's error shape, so that every client shows the message."""
    message = {"message": str(error), "type": _TYPES.get(error.status, "api_error"), "code": error.code, "param": None}
    response = jsonify({"error": message})
    response.status_code = error.status
    return response


@blueprint.get("/models")
def models() -> Response:
    """The models that this shop's token may call; each says what it is."""
    shop = current_shop()
    return jsonify({"object": "list", "data": current_app.extensions["kefu"].list_models(shop)})


@blueprint.post("/chat/completions")
def chat() -> Response:
    """One chat completion, whole or streamed. `system_fingerprint` counts the calls that reached a language model."""
    shop = current_shop()
    answer = current_app.extensions["kefu"].chat(shop, request.get_json(silent=True))
    METRICS.count("kefu_chat_total", model=answer.model, upstream="yes" if answer.llm_calls else "no")
    if answer.stream is None:
        return Response(orjson.dumps(answer.body), mimetype="application/json")
    return Response(_events(answer.stream), mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})


def _events(chunks: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for chunk in chunks:
        yield b"data: " + orjson.dumps(chunk) + b"\n\n"
    yield b"data: [DONE]\n\n"
