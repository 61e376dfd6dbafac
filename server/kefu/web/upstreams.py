"""`/upstreams` and `/aliases`: the shop's model names and where they lead. Keys go in and never come out."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from kefu.core.upstreams import Alias, Upstream
from kefu.errors import BadInput
from kefu.gateway.probe import probe
from kefu.store import upstreams
from kefu.store.db import Database
from kefu.web.auth import current_shop

blueprint = Blueprint("upstreams", __name__)

_TYPES: dict[str, type | tuple[type, ...]] = {
    "context_size": int, "abilities": list, "guard": bool, "connect_timeout": (int, float),
    "read_timeout": (int, float), "fallback": list,
}  # fmt: skip
"""Fields that are not text."""


@blueprint.get("/upstreams")
def list_all() -> Response:
    """Upstreams (each with ``has_key`` in place of its key) and aliases."""
    shop = current_shop()
    with _db().read() as connection:
        rows = [shown(row) for row in upstreams.list_upstreams(connection, shop.id)]
        aliases = [asdict(alias) for alias in upstreams.list_aliases(connection, shop.id)]
    return jsonify({"upstreams": rows, "aliases": aliases})


@blueprint.put("/upstreams/<path:name>")
def put(name: str) -> Response:
    """Add or change an upstream. Fields left out keep their value, the key too."""
    shop, body = current_shop(), _object()
    with _db().write() as connection:
        known = {row.name: row for row in upstreams.list_upstreams(connection, shop.id)}
        values = asdict(known[name]) if name in known else {}
        upstream = read_upstream(name, {**values, **body, "name": name})
        upstreams.save_upstream(connection, shop.id, upstream)
    return jsonify(shown(upstream))


@blueprint.delete("/upstreams/<path:name>")
def delete(name: str) -> Response:
    """Remove an upstream; 409 while an alias or fallback names it."""
    shop = current_shop()
    with _db().write() as connection:
        upstreams.remove_upstream(connection, shop.id, name)
    return jsonify({"removed": name})


@blueprint.post("/upstreams/<path:name>/test")
def test(name: str) -> Response:
    """Ask the server what it has and for one word."""
    shop = current_shop()
    with _db().read() as connection:
        upstreams.get_upstream(connection, shop.id, name)
        upstream = upstreams.load_table(connection, shop.id).upstreams[name]
    checks = probe(current_app.extensions["kefu"].models.pool, upstream)
    return jsonify({"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]})


@blueprint.put("/aliases/<path:name>")
def put_alias(name: str) -> Response:
    """Say where a name leads, from the next request on: ``{"target", "share_target", "share_percent"}``."""
    shop, body = current_shop(), _object()
    if set(body) - {"target", "share_target", "share_percent"} or not isinstance(body.get("target"), str):
        raise BadInput("An alias has target, share_target, share_percent.", 'Send {"target": "my-7b"}.')
    percent = body.get("share_percent", 0)
    if isinstance(percent, bool) or not isinstance(percent, int | float):
        raise BadInput("share_percent is no number.", "0 to 100.")
    alias = Alias(name, body["target"], str(body.get("share_target") or ""), float(percent))
    with _db().write() as connection:
        upstreams.save_alias(connection, shop.id, alias, current_app.extensions["kefu"].clock())
    return jsonify(asdict(alias))


@blueprint.post("/aliases/<path:name>/rollback")
def roll_back(name: str) -> Response:
    """Undo the name's last change; ``null``: it has no setting any more."""
    shop = current_shop()
    with _db().write() as connection:
        alias = upstreams.roll_back_alias(connection, shop.id, name)
    return jsonify({"alias": asdict(alias) if alias else None})


def shown(upstream: Upstream) -> dict[str, Any]:
    """Everything but the key."""
    row = asdict(upstream)
    key = row.pop("key")
    return {**row, "has_key": bool(key), "key_from": key if key.startswith("env:") else ""}


def read_upstream(name: str, values: dict[str, Any]) -> Upstream:
    """Raises BadInput with the field that is unknown, missing or of the wrong type."""
    names = [field.name for field in fields(Upstream)]
    if unknown := set(values) - set(names):
        raise BadInput(f"Unknown field {', '.join(sorted(unknown))}.", f"Fields: {', '.join(names)}.")
    for field in names:
        wanted = _TYPES.get(field, str)
        value = values.get(field)
        if field in values and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)):
            if isinstance(value, tuple):
                continue
            raise BadInput(f"{field} of “{name}” has the wrong type.", "See GET /upstreams.")
    if missing := [field for field in ("kind", "url", "model") if not values.get(field)]:
        raise BadInput(f"{', '.join(missing)} of “{name}” is missing.", "Send kind, url and model at least.")
    for field in ("abilities", "fallback"):
        if field in values:
            values = {**values, field: tuple(map(str, values[field]))}
    return Upstream(**values)


def _object() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise BadInput("The body is no JSON object.", "Send the fields to set.")
    return body


def _db() -> Database:
    db: Database = current_app.extensions["kefu"].db
    return db
