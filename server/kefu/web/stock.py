"""`PUT /stock` and `PUT /orders`: a shop's own systems tell us what changed; the next answer uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy import Connection

from kefu.core.catalogue import StockRow
from kefu.core.orders import Order
from kefu.errors import BadInput, KefuError, TooLarge
from kefu.jobs.kinds.cells import day, moment, now
from kefu.jobs.kinds.orders import ORDERS, parse_order
from kefu.store import requests
from kefu.store.db import Database
from kefu.store.orders import save_orders
from kefu.store.stock import StockChange, change_stock
from kefu.web.auth import current_shop

blueprint = Blueprint("stock", __name__)

MOST = 5_000
"""Changes in one request; more belong into an import."""

_NUMBERS = ("quantity", "delta", "expected", "expected_version", "incoming_quantity")
_TEXTS = ("sku", "warehouse", "as_of", "incoming")

Apply = Callable[[Connection, int], dict[str, Any]]


@blueprint.put("/stock")
def put_stock() -> Response:
    """Change stock: `{"sku","warehouse","quantity"|"delta",…}` or `{"changes":[…],"atomic":false}`, a result each."""
    body = request.get_json(force=True, silent=True)
    if isinstance(body, dict) and "changes" in body:
        rows, atomic = _list(body, "changes"), body.get("atomic") is True
        return _once(lambda connection, shop_id: _batch(connection, shop_id, rows, atomic, now()))
    return _once(lambda connection, shop_id: _change(connection, shop_id, body, now()))


@blueprint.put("/orders")
def put_orders() -> Response:
    """Add or replace orders: one order, or `{"orders":[…]}` with a result each."""
    body = request.get_json(force=True, silent=True)
    if isinstance(body, dict) and "orders" in body:
        rows = _list(body, "orders")
        return _once(lambda connection, shop_id: _put_orders(connection, shop_id, rows))
    return _once(lambda connection, shop_id: _put_order(connection, shop_id, body))


def _once(apply: Apply) -> Response:
    """Run ``apply`` in one transaction, or repeat the earlier answer to the same `Idempotency-Key`."""
    shop = current_shop()
    db: Database = current_app.extensions["kefu"].db
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 128:
        raise BadInput(f"The idempotency key has {len(key)} characters.", "At most 128.")
    with db.write() as connection:
        if not key:
            return jsonify(apply(connection, shop.id))
        signed = f"{request.path} ".encode() + request.get_data()
        earlier = requests.claim(connection, shop.id, key, signed, now())
        if earlier is None:
            earlier = apply(connection, shop.id)
            requests.answer(connection, shop.id, key, earlier)
            return jsonify(earlier)
    response = jsonify(earlier)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _change(connection: Connection, shop_id: int, body: Any, at: datetime) -> dict[str, Any]:
    return stock_json(change_stock(connection, shop_id, parse_change(body), at))


def _batch(connection: Connection, shop_id: int, rows: list[Any], atomic: bool, at: datetime) -> dict[str, Any]:
    """Each change on its own, or all or nothing. A refused change has written nothing."""
    results: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        try:
            results.append({"ok": True, **_change(connection, shop_id, row, at)})
        except KefuError as error:
            if atomic:
                raise type(error)(f"changes[{number}]: {error.message}", error.hint) from error
            results.append(_refused(row, ("sku", "warehouse"), error))
    return _summary(results)


def _put_order(connection: Connection, shop_id: int, body: Any) -> dict[str, Any]:
    order = parse_order_json(body)
    save_orders(connection, shop_id, [order])
    return {"order_no": order.order_no, "status": order.status}


def _put_orders(connection: Connection, shop_id: int, rows: list[Any]) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for row in rows:
        try:
            results.append({"ok": True, **_put_order(connection, shop_id, row)})
        except KefuError as error:
            results.append(_refused(row, ("order_no",), error))
    return _summary(results)


def _summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    good = sum(result["ok"] for result in results)
    return {"changed": good, "failed": len(results) - good, "results": results}


def _refused(row: Any, names: tuple[str, ...], error: KefuError) -> dict[str, Any]:
    named = {name: row.get(name, "") for name in names} if isinstance(row, dict) else {}
    return {"ok": False, **named, "error": {"code": error.code, "message": error.message, "hint": error.hint}}


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    rows = body[name]
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"{name} is no list with rows.", f'Send {{"{name}":[{{…}}]}}.')
    if len(rows) > MOST:
        raise TooLarge(f"{len(rows)} rows in one request.", f"Send at most {MOST} at a time, or import a file.")
    return rows


def parse_change(row: Any) -> StockChange:
    """A JSON object as a change; raises BadInput with the field's name."""
    if not isinstance(row, dict):
        raise BadInput("A stock change is a JSON object.", 'Send {"sku":"…","warehouse":"…","quantity":5}.')
    unknown = set(row) - {*_NUMBERS, *_TEXTS}
    if unknown:
        raise BadInput(f"Unknown field {', '.join(sorted(unknown))}.", f"Fields: {', '.join((*_TEXTS, *_NUMBERS))}.")
    for name in _NUMBERS:
        if row.get(name) is not None and (type(row[name]) is not int or abs(row[name]) > 10**12):
            raise BadInput(f"{name} is no whole number.", "Send a JSON number like 5.")
    for name in _TEXTS:
        if not isinstance(row.get(name, ""), str | None):
            raise BadInput(f"{name} is no text.", "Send a JSON string.")
    texts = {name: (row.get(name) or "").strip() for name in _TEXTS}
    if row.get("incoming_quantity") is not None and row["incoming_quantity"] < 0:
        raise BadInput("incoming_quantity is below 0.", "Send 0 or more.")
    return StockChange(
        texts["sku"],
        texts["warehouse"],
        **{name: row.get(name) for name in _NUMBERS},
        as_of=moment(texts["as_of"], "as_of"),
        incoming=day(texts["incoming"], "incoming"),
    )


def parse_order_json(row: Any) -> Order:
    """A JSON object with the columns of an orders file; ``items`` may be a list of texts or of sku and quantity."""
    if not isinstance(row, dict):
        raise BadInput("An order is a JSON object.", 'Send {"order_no":"…","status":"paid",…}.')
    names = [column.name for column in ORDERS.columns]
    unknown = set(row) - set(names)
    if unknown:
        raise BadInput(f"Unknown field {', '.join(sorted(unknown))}.", f"Fields: {', '.join(names)}.")
    cells = {name: _cell(row.get(name)) for name in names}
    for name in ("order_no", "status"):
        if not cells[name]:
            raise BadInput(f"{name} is empty.", "Fill it in.")
    return next(iter(parse_order(cells)))


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(
            f"{item.get('sku', '')}*{item.get('quantity', 1)}" if isinstance(item, dict) else str(item)
            for item in value
        )
    return "" if value is None else str(value).strip()


def stock_json(row: StockRow) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "warehouse": row.warehouse,
        "quantity": row.quantity,
        "as_of": row.as_of.isoformat(),
        "incoming": row.incoming.isoformat() if row.incoming else "",
        "incoming_quantity": row.incoming_quantity,
        "version": row.version,
    }
