"""`/v1`: the OpenAI-compatible door to the built-in models and to the shop's upstreams."""

from __future__ import annotations

import socket
import ssl

import orjson
from flask import Blueprint, Response, current_app, jsonify, request

from kefu.errors import KefuError
from kefu.gateway.calls import Caller
from kefu.gateway.errors import KINDS, ClientGone
from kefu.web.auth import current_shop
from kefu.web.metrics import METRICS

blueprint = Blueprint("openai", __name__, url_prefix="/v1")

CONVERSATION_HEADER = "X-Kefu-Conversation"
"""Keeps a conversation on one side of a share where the body names no ``user``."""
CLIENT_GONE = 499


@blueprint.errorhandler(KefuError)
def on_error(error: KefuError) -> Response:
    """OpenAI's error shape, so that every client shows the message; `Retry-After` as the upstream set it."""
    kind = getattr(error, "kind", "") or KINDS.get(error.status, ("api_error", ""))[0]
    response = jsonify({"error": {"message": str(error), "type": kind, "code": error.code, "param": None}})
    response.status_code = error.status
    METRICS.count("kefu_chat_errors_total", code=error.code)
    if retry_after := getattr(error, "retry_after", ""):
        response.headers["Retry-After"] = retry_after
    return response


@blueprint.errorhandler(ClientGone)
def on_gone(_error: ClientGone) -> Response:
    """Nobody reads this; the log shows it."""
    METRICS.count("kefu_chat_errors_total", code="client_gone")
    return Response(status=CLIENT_GONE)


@blueprint.get("/models")
def models() -> Response:
    """The models that this shop's token may call; each says what it is."""
    shop = current_shop()
    return jsonify({"object": "list", "data": current_app.extensions["kefu"].list_models(shop)})


@blueprint.post("/chat/completions")
def chat() -> Response:
    """One chat completion, whole or streamed. `system_fingerprint` counts the calls that reached a language model."""
    shop = current_shop()
    answer = current_app.extensions["kefu"].chat(shop, request.get_data(cache=False), caller())
    METRICS.count("kefu_chat_total", model=answer.model, upstream="yes" if answer.llm_calls else "no")
    if answer.stream is None:
        return Response(orjson.dumps(answer.body), mimetype="application/json")
    # The second header stops nginx from collecting the stream.
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(answer.stream, mimetype="text/event-stream", headers=headers)


@blueprint.post("/embeddings")
def embeddings() -> Response:
    """Embeddings of the named upstream, passed through."""
    shop = current_shop()
    answer = current_app.extensions["kefu"].embed(shop, request.get_data(cache=False), caller())
    return Response(answer, mimetype="application/json")


def caller() -> Caller:
    """Who asks, with the socket that gunicorn read the request from."""
    client = request.environ.get("gunicorn.socket")
    watchable = isinstance(client, socket.socket) and not isinstance(client, ssl.SSLSocket)
    return Caller(request.headers.get(CONVERSATION_HEADER, ""), client if watchable else None, METRICS.count)
