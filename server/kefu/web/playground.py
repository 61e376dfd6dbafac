"""The playground page: talk to an app as on Dify; see each turn's nodes, their time and the LLM calls."""

from __future__ import annotations

import atexit
import hmac
import importlib
import importlib.util
import ipaddress
import threading
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from kefu.errors import BadInput, Forbidden, Unavailable
from kefu.store import shops

blueprint = Blueprint("playground", __name__)

MAX_QUERY = 2000
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_making = threading.Lock()


@blueprint.before_request
def guard() -> Response | None:
    """With an admin password it is asked for; without one the page is for this machine alone.

    The Host header is looked at too: a proxy on this machine, or a name that was pointed at 127.0.0.1, is not "here".
    """
    password = current_app.extensions["kefu"].settings.admin_password
    if password:
        given = request.authorization.password if request.authorization else ""
        if hmac.compare_digest((given or "").encode(), password.encode()):
            return None
        return Response("password needed", 401, {"WWW-Authenticate": 'Basic realm="kefu", charset="UTF-8"'})
    if not (_is_loopback(request.remote_addr or "") and _is_loopback(request.host.rsplit(":", 1)[0].strip("[]"))):
        raise Forbidden(
            "The playground is open on this machine only.", "Set KEFU_ADMIN_PASSWORD to use it from others."
        )
    return None


@blueprint.get("/playground")
def page() -> Response:
    response = Response(render_template("playground.html"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@blueprint.get("/playground/info")
def info() -> Response:
    """The apps and shops to choose from; ``available`` is false where graphon is not installed."""
    available = importlib.util.find_spec("graphon") is not None
    with current_app.extensions["kefu"].db.read() as connection:
        names = [shop.name for shop in shops.list_shops(connection)]
    return jsonify({"available": available, "shops": names, "apps": _page().apps() if available else []})


@blueprint.post("/playground/turn")
def turn() -> Response:
    """One message: ``{"app", "shop", "query", "conversation"}`` → ``{"turn", "conversation"}``."""
    body = request.get_json(silent=True)  # of its type only: no page of another site can send that without asking
    if not isinstance(body, dict):
        raise BadInput("The body is not a JSON object.", 'Send {"app": "kefu-fast", "query": "…"}.')
    query = str(body.get("query") or "").strip()
    if not query or len(query) > MAX_QUERY:
        raise BadInput(f"A message has 1 to {MAX_QUERY} characters.", "Dify refuses an empty one too.")
    engine = current_app.extensions["kefu"]
    with engine.db.write() as connection:
        shop = shops.find_shop(connection, str(body.get("shop") or "demo"))
        token = shops.create_token(connection, shop.id, label="playground")
    try:
        app, address = str(body.get("app") or "kefu-fast"), f"http://127.0.0.1:{engine.settings.port}"
        return jsonify(_page().turn(app, address, token, query, body.get("conversation")))
    finally:
        with engine.db.write() as connection:
            shops.forget_token(connection, shop.id, token)


def _page() -> Any:
    """The page of this process, made on first use: graphon is an extra that a server may lack."""
    if importlib.util.find_spec("graphon") is None:
        raise Unavailable("The playground needs graphon.", "Start with `./kefu up`, or install kefu[play].")
    with _making:
        made = current_app.extensions.get("kefu_playground")
        if made is None:
            made = importlib.import_module("kefu.playground.page").PlaygroundPage()
            current_app.extensions["kefu_playground"] = made
            atexit.register(made.close)
        return made


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
