"""Voice, emotion thresholds, guard, service desk and webhooks of a shop, by HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from kefu.core.guard import Facts, Guard
from kefu.store import outbox, profiles
from kefu.store.outbox import Delivery, Webhook
from kefu.web.auth import current_shop
from kefu.web.body import json_object, number_in_query, text_of, texts_of

blueprint = Blueprint("profiles", __name__)


@blueprint.get("/profiles/<kind>")
def show(kind: str) -> Response:
    """One record of the shop; kind is voice, emotion, guard or desk."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.read() as connection:
        return jsonify(asdict(profiles.get_profile(connection, shop.id, kind)))


@blueprint.put("/profiles/<kind>")
def store(kind: str) -> Response:
    """Replace the whole record; names left out get their defaults."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    with engine.db.write() as connection:
        return jsonify(asdict(profiles.set_profile(connection, shop.id, kind, body, engine.clock())))


@blueprint.post("/guard/test")
def test_guard() -> Response:
    """What the shop's guard would send, and why: {text, facts: [..]}."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    with engine.db.read() as connection:
        stored = profiles.load_profiles(connection, shop.id)
    verdict = Guard.build(stored.guard, stored.voice).check(text_of(body, "text"), Facts.of(texts_of(body, "facts")))
    return jsonify(asdict(verdict))


@blueprint.get("/webhooks")
def list_webhooks() -> Response:
    """The webhooks without their secrets, the latest deliveries, and how many are in each state: ?limit."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    limit = number_in_query("limit", 20, 200)
    with engine.db.read() as connection:
        hooks = [show_webhook(hook) for hook in outbox.list_webhooks(connection, shop.id)]
        latest = [show_delivery(row) for row in outbox.list_deliveries(connection, shop.id, limit=limit)]
        return jsonify({"webhooks": hooks, "deliveries": latest, "counts": outbox.count_by_state(connection, shop.id)})


@blueprint.put("/webhooks/<name>")
def save_webhook(name: str) -> Response:
    """Add or replace a webhook: {format: json|dingtalk|feishu|wecom, url, secret, events, enabled}.

    An absent secret keeps the stored one."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    hook = Webhook(
        name,
        text_of(body, "format", default="json"),
        text_of(body, "url", required=True),
        text_of(body, "secret"),
        texts_of(body, "events") or ("handoff.pending",),
        body.get("enabled", True) is not False,
    )
    with engine.db.write() as connection:
        return jsonify(show_webhook(outbox.save_webhook(connection, shop.id, hook, engine.clock())))


@blueprint.delete("/webhooks/<name>")
def delete_webhook(name: str) -> Response:
    """Remove a webhook."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.write() as connection:
        outbox.delete_webhook(connection, shop.id, name)
    return jsonify({"deleted": name})


@blueprint.post("/webhooks/retry")
def retry() -> Response:
    """Make waiting and given-up deliveries due now."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.write() as connection:
        return jsonify({"due": outbox.retry(connection, shop.id)})


def show_webhook(hook: Webhook) -> dict[str, Any]:
    """Without the secret."""
    return asdict(hook) | {"secret": "set" if hook.secret else ""}


def show_delivery(row: Delivery) -> dict[str, Any]:
    """Without the payload, which holds the customer's words."""
    shown = {name: getattr(row, name) for name in ("id", "key", "event", "state", "attempts", "error")}
    return shown | {"webhook": row.webhook.name, "created_at": row.created_at.isoformat()}
