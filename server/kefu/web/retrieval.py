"""`POST /retrieval`: Dify's External Knowledge API, exactly as Dify calls it.

Dify leaves top_k and threshold to us, loses the whole result over one record without a metadata object, and retries
5xx answers and slowness for up to 24 s before it hides them: so errors here are 4xx and fast.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from kefu.core.knowledge import parse_conditions
from kefu.engine import Retrieval
from kefu.errors import BadInput, KefuError, NotFound, Unauthorized
from kefu.web.auth import current_shop
from kefu.web.metrics import METRICS

blueprint = Blueprint("retrieval", __name__)
log = logging.getLogger("kefu.retrieval")

MAX_TOP_K = 50


@blueprint.post("/retrieval")
@blueprint.post("/retrieval/retrieval")
def retrieve() -> Response:
    """Records for a query, as Dify's External Knowledge API has them.

    A call without a body is Dify's probe when a person saves the address: it finds nothing."""
    try:
        shop = current_shop()
    except Unauthorized as error:
        malformed = not request.headers.get("Authorization", "").lower().startswith("bearer ")
        return _error(1001 if malformed else 1002, str(error), 403)
    try:
        records = [] if not request.get_data(cache=True) else _search(shop)
    except NotFound as error:
        return _error(2001, str(error), 404)
    except KefuError as error:
        return _error(400, str(error), 400)
    except Exception:  # an outer edge: Dify retries a 5xx for up to 24 s and then hides it
        log.exception("retrieval failed")
        return _error(500, "The server made a mistake; its log says more.", 424)
    METRICS.count("kefu_retrievals_total", found="yes" if records else "no")
    return jsonify({"records": records})


def _search(shop: Any) -> list[dict[str, Any]]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise BadInput("The body is no JSON object.", 'Send {"query":"…","knowledge_id":"…","retrieval_setting":{…}}.')
    wanted = parse_retrieval(body)
    return current_app.extensions["kefu"].retrieve(shop, wanted)


def parse_retrieval(body: dict[str, Any]) -> Retrieval:
    """Dify's body as a Retrieval; a missing or odd top_k or threshold falls back to 3 and 0. Raises BadInput."""
    setting = body.get("retrieval_setting")
    setting = setting if isinstance(setting, dict) else {}
    return Retrieval(
        query=str(body.get("query") or ""),
        knowledge_id=str(body.get("knowledge_id") or ""),
        top_k=int(_number(setting.get("top_k"), 3, 0, MAX_TOP_K)),
        threshold=_number(setting.get("score_threshold"), 0.0, 0.0, 1.0),
        conditions=parse_conditions(body.get("metadata_condition")),
    )


def _number(value: Any, default: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return min(max(float(value), low), high)


def _error(code: int, message: str, status: int) -> Response:
    response = jsonify({"error_code": code, "error_msg": message})
    response.status_code = status
    return response
