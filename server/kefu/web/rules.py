"""`/rules`: try a message, lint, list and edit the shop's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, jsonify, request

from kefu.clock import parse_moment
from kefu.core.rules import MatchContext, RuleSet, check_rule
from kefu.core.rules.explain import report, try_message
from kefu.core.rules.lint import lint
from kefu.core.rules.record import from_record, to_record
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import rules as store
from kefu.store.db import Database
from kefu.store.knowledge import list_questions
from kefu.web.auth import current_shop

blueprint = Blueprint("rules", __name__)

MOST = 500
"""Rules on one page of the list."""


@blueprint.before_request
def require_token() -> None:
    """Nobody without a token learns even what is wrong with a request."""
    current_shop()


@blueprint.post("/rules/test")
def test_message() -> Response:
    """Which rule fires on `text`, the matched span, near misses, shadowed and conflicting rules, slow patterns."""
    body = _body()
    text = body.get("text", "")
    if not isinstance(text, str) or not text.strip():
        raise BadInput("There is no text to try.", 'Send {"text": "请发货"}.')
    return jsonify(report(try_message(_ruleset(), text, _context(body))))


@blueprint.get("/rules/lint")
def lint_rules() -> Response:
    """Refused, shadowed, conflicting and never-fired rules of the shop, and those that answer for its entries."""
    with _db().read() as connection:
        fired = store.list_hits(connection, current_shop().id)
        questions = list_questions(connection, current_shop().id)
    return jsonify({"findings": [asdict(finding) for finding in lint(_ruleset(), fired, questions)]})


@blueprint.get("/rules")
def list_rules() -> Response:
    """A page of rules in the order in which they are asked; `q` filters by id, pattern, reply or note."""
    offset, limit = _number("offset", 0), min(_number("limit", 100), MOST)
    wanted = request.args.get("q", "").strip().lower()
    with _db().read() as connection:
        hits = store.list_hits(connection, current_shop().id)
    found = [r for r in _ruleset() if not wanted or wanted in str(to_record(r)).lower()]
    rows = [
        {**to_record(rule), "fired": hits[rule.id].count if rule.id in hits else 0}
        for rule in found[offset : offset + limit]
    ]
    return jsonify({"rules": rows, "total": len(found)})


@blueprint.get("/rules/<rule_id>")
def show_rule(rule_id: str) -> Response:
    """A rule of the shop, whole."""
    with _db().read() as connection:
        return jsonify(to_record(store.get_rule(connection, current_shop().id, rule_id)))


@blueprint.post("/rules")
def add_rule() -> tuple[Response, int]:
    """Add a rule; 409 if there is one of that id."""
    rule = from_record(_body())
    check_rule(rule)
    with _db().write() as connection:
        if _exists(connection, rule.id):
            raise Conflict(f"There is already a rule “{rule.id}”.", f"Change it with PUT /rules/{rule.id}.")
        revision = store.save_rule(connection, current_shop().id, rule)
    return jsonify({"id": rule.id, "revision": revision}), 201


@blueprint.put("/rules/<rule_id>")
def put_rule(rule_id: str) -> Response:
    """Add the rule or replace it whole; the next message sees it."""
    rule = from_record({**_body(), "id": rule_id})
    check_rule(rule)
    with _db().write() as connection:
        revision = store.save_rule(connection, current_shop().id, rule)
    return jsonify({"id": rule.id, "revision": revision})


@blueprint.delete("/rules/<rule_id>")
def delete_rule(rule_id: str) -> tuple[str, int]:
    """Remove a rule."""
    with _db().write() as connection:
        if not _exists(connection, rule_id):
            raise NotFound(f"There is no rule “{rule_id}”.", "GET /rules shows them.")
        store.delete_rules(connection, current_shop().id, [rule_id])
    return "", 204


def _exists(connection: Any, rule_id: str) -> bool:
    try:
        store.get_rule(connection, current_shop().id, rule_id)
    except NotFound:
        return False
    return True


def _db() -> Database:
    return current_app.extensions["kefu"].db


def _ruleset() -> RuleSet:
    return current_app.extensions["kefu"].snapshots.of(current_shop().id).parts.rules


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise BadInput("The body is not a JSON object.", 'Send {"id": "…", "patterns": […], "replies": […]}.')
    return body


def _number(name: str, default: int) -> int:
    try:
        return max(0, int(request.args.get(name, default)))
    except ValueError as error:
        raise BadInput(f"{name} is not a number.", f"Write ?{name}={default}.") from error


def _context(body: Mapping[str, Any]) -> MatchContext:
    """`channel`, `product`, `first_message` and `now` (ISO 8601) of the trial; now defaults to the present."""
    engine = current_app.extensions["kefu"]
    now = body.get("now")
    moment = parse_moment(now, ZoneInfo(engine.settings.timezone)) if isinstance(now, str) and now else engine.clock()
    product = body.get("product")
    return MatchContext(
        channel=str(body.get("channel") or ""),
        products=(product,) if isinstance(product, str) and product else (),
        now=moment,
        first_message=body.get("first_message") is True,
    )
