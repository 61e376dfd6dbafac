"""Unanswered → known, by HTTP: list, look, approve, dismiss, reopen."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request

from kefu.store import unanswered
from kefu.store.unanswered import Approval, Status
from kefu.web.auth import current_shop
from kefu.web.body import json_object, number_in_query, text_of, texts_of

blueprint = Blueprint("unanswered", __name__, url_prefix="/unanswered")


@blueprint.get("")
def list_clusters() -> Response:
    """Clusters of unanswered questions, with the latest turns sorted into them: ?status, limit, offset."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    limit, offset = number_in_query("limit", 50, 200), number_in_query("offset", 0, 1_000_000)
    status = cast(Status, request.args.get("status", "open"))
    with engine.db.write() as connection:
        unanswered.refresh(connection, shop.id)
        found = unanswered.list_clusters(connection, shop.id, status, limit=limit, offset=offset)
    return jsonify({"clusters": [unanswered.describe(cluster) for cluster in found]})


@blueprint.get("/<int:cluster_id>")
def show(cluster_id: int) -> Response:
    """One cluster: its questions, how often they were asked, and what became of it."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.read() as connection:
        return jsonify(unanswered.describe(unanswered.get_cluster(connection, shop.id, cluster_id)))


@blueprint.post("/<int:cluster_id>/approve")
def approve(cluster_id: int) -> Response:
    """Answer a cluster for good: {answer, kind: rule|knowledge, intent, title, patterns, knowledge_id}."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    approval = Approval(
        text_of(body, "answer", required=True),
        text_of(body, "kind", default="rule"),  # type: ignore[arg-type]
        text_of(body, "intent"),
        text_of(body, "title"),
        texts_of(body, "patterns"),
        text_of(body, "knowledge_id", default="manuals"),
    )
    with engine.db.write() as connection:
        made = unanswered.approve(connection, shop.id, cluster_id, approval, engine.clock())
    return jsonify(unanswered.describe(made))


@blueprint.post("/<int:cluster_id>/dismiss")
def dismiss(cluster_id: int) -> Response:
    """Put the cluster aside: it needs no answer."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.write() as connection:
        return jsonify(unanswered.describe(unanswered.dismiss(connection, shop.id, cluster_id, engine.clock())))


@blueprint.post("/<int:cluster_id>/reopen")
def reopen(cluster_id: int) -> Response:
    """Make a cluster open again that was dismissed or approved."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.write() as connection:
        return jsonify(unanswered.describe(unanswered.reopen(connection, shop.id, cluster_id)))
