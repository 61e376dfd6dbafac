"""`POST /tools/<name>`: what the tools plugin calls. Parse, ask the engine, answer all keys."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request

from kefu import __version__
from kefu.engine import COMMON, TOOLS, ToolRequest
from kefu.errors import BadInput, NotFound
from kefu.web.auth import current_shop
from kefu.web.metrics import METRICS

blueprint = Blueprint("tools", __name__)


@blueprint.get("/tools/ping")
def ping() -> Response:
    """Which kefu this is and which shop the token opens: the plugin's credential check."""
    return jsonify({"kefu": __version__, "shop": current_shop().name})


@blueprint.post("/tools/<name>")
def call(name: str) -> Response:
    """Run one tool. The answer always has every output of that tool, typed."""
    shop = current_shop()
    if name not in TOOLS:
        raise NotFound(f"There is no tool “{name}”.", f"Tools: {', '.join(TOOLS)}.")
    outcome = TOOLS[name](
        current_app.extensions["kefu"], shop, parse_request(request.get_json(force=True, silent=True))
    )
    g.route = outcome.get("route", "")
    METRICS.count("kefu_tool_calls_total", tool=name, route=g.route)
    return jsonify(outcome)


def parse_request(body: Any) -> ToolRequest:
    """The body as a ToolRequest; null is empty, numbers become text. Raises BadInput for anything but an object."""
    if not isinstance(body, dict):
        raise BadInput("The body is not a JSON object.", 'Send {"query": "…", "conversation_id": "…"}.')
    texts = {key: "" if value is None else str(value) for key, value in body.items()}
    return ToolRequest(
        **{name: texts.get(name, "") for name in COMMON},
        extras={key: value for key, value in texts.items() if key not in COMMON},
    )
