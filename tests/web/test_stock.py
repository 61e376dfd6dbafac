"""`PUT /stock` and `PUT /orders` through Flask's client, with a real store."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask

from kefu.core.catalogue import Product, Variant
from kefu.store.catalogue import ProductRow, save_product_rows
from kefu.store.orders import load_orders
from kefu.store.shops import create_shop, create_token, shop_of_token
from kefu.store.stock import rows_of
from kefu.web import errors, stock


@pytest.fixture
def client(db, shop):
    app = Flask("test")

    def open_shop(token: str):
        with db.read() as connection:
            return shop_of_token(connection, token)

    app.extensions["kefu"] = SimpleNamespace(db=db, shop_of_token=open_shop)
    errors.install(app)
    app.register_blueprint(stock.blueprint)
    with db.write() as connection:
        save_product_rows(connection, shop.id, [ProductRow(Product("p", "包", ()), Variant(sku)) for sku in ("S", "T")])
        token = create_token(connection, shop.id)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def put(client, body, key: str = "", path: str = "/stock"):
    return client.put(path, json=body, headers={"Idempotency-Key": key} if key else {})


def test_one_change_is_answered_with_the_row_after_it(client, db, shop) -> None:
    answer = put(
        client, {"sku": "S", "warehouse": "甲", "quantity": 5, "incoming": "2026-12-01", "incoming_quantity": 9}
    )
    assert answer.status_code == 200
    row = dict(answer.json)
    assert row.pop("as_of")
    assert row == {
        "sku": "S", "warehouse": "甲", "quantity": 5, "incoming": "2026-12-01", "incoming_quantity": 9, "version": 1,
    }  # fmt: skip
    assert put(client, {"sku": "S", "warehouse": "甲", "delta": -2}).json["quantity"] == 3
    with db.read() as connection:
        assert rows_of(connection, shop.id, ["S"])["S"][0].quantity == 3


def test_compare_and_set_answers_409(client) -> None:
    put(client, {"sku": "S", "warehouse": "甲", "quantity": 5})
    answer = put(client, {"sku": "S", "warehouse": "甲", "quantity": 4, "expected": 9})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
    assert answer.json["error"]["hint"]


def test_a_batch_has_a_result_for_each_row(client) -> None:
    rows = [
        {"sku": "S", "warehouse": "甲", "quantity": 5},
        {"sku": "typo", "warehouse": "甲", "quantity": 5},
        {"sku": "T", "warehouse": "甲", "quantity": -1},
        "nonsense",
        {"sku": "S", "warehouse": "甲", "delta": 1},
    ]
    answer = put(client, {"changes": rows}).json
    assert (answer["changed"], answer["failed"]) == (2, 3)
    assert [row["ok"] for row in answer["results"]] == [True, False, False, False, True]
    assert answer["results"][1]["error"]["code"] == "not_found"
    assert answer["results"][4]["quantity"] == 6


def test_an_atomic_batch_is_all_or_nothing(client, db, shop) -> None:
    rows = [{"sku": "S", "warehouse": "甲", "quantity": 5}, {"sku": "typo", "warehouse": "甲", "quantity": 5}]
    answer = put(client, {"changes": rows, "atomic": True})
    assert answer.status_code == 404
    assert answer.json["error"]["message"].startswith("changes[1]:")
    with db.read() as connection:
        assert rows_of(connection, shop.id, ["S"]) == {}


def test_the_same_key_changes_once_and_answers_the_same(client) -> None:
    put(client, {"sku": "S", "warehouse": "甲", "quantity": 5})
    first = put(client, {"sku": "S", "warehouse": "甲", "delta": 1}, key="k1")
    again = put(client, {"sku": "S", "warehouse": "甲", "delta": 1}, key="k1")
    assert first.json == again.json
    assert again.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers
    assert put(client, {"sku": "S", "warehouse": "甲", "delta": 2}, key="k1").status_code == 409
    assert put(client, {"sku": "S", "warehouse": "甲", "delta": 1}, key="k2").json["quantity"] == 7


def test_a_refused_change_does_not_use_up_its_key(client) -> None:
    body = {"sku": "S", "warehouse": "甲", "delta": 1}
    assert put(client, body, key="k").status_code == 404
    put(client, {"sku": "S", "warehouse": "甲", "quantity": 5})
    assert put(client, body, key="k").json["quantity"] == 6


@pytest.mark.parametrize(
    "body",
    [
        None, [], "x", {}, {"sku": "S"}, {"sku": "S", "warehouse": "甲"}, {"changes": []}, {"changes": "S"},
        {"sku": "S", "warehouse": "甲", "quantity": "5"}, {"sku": "S", "warehouse": "甲", "quantity": True},
        {"sku": "S", "warehouse": "甲", "quantity": 1.5}, {"sku": "S", "warehouse": "甲", "quantity": 10**13},
        {"sku": 5, "warehouse": "甲", "quantity": 5}, {"sku": "S", "warehouse": "甲", "quantity": 5, "qty": 5},
        {"sku": "S", "warehouse": "甲", "quantity": 5, "as_of": "soon"},
        {"sku": "S", "warehouse": "甲", "quantity": 5, "incoming_quantity": -1},
    ],
)  # fmt: skip
def test_a_wrong_body_is_400_with_a_hint(client, body) -> None:
    answer = put(client, body)
    assert answer.status_code == 400
    assert answer.json["error"]["hint"]


def test_too_many_changes_are_413(client) -> None:
    assert put(client, {"changes": [{}] * (stock.MOST + 1)}).status_code == 413
    assert put(client, {"sku": "S", "warehouse": "甲", "quantity": 5}, key="k" * 129).status_code == 400


def test_without_a_token_nothing_is_changed(client) -> None:
    client.environ_base.pop("HTTP_AUTHORIZATION")
    assert put(client, {"sku": "S", "warehouse": "甲", "quantity": 5}).status_code == 401


def test_a_token_changes_its_own_shop_only(client, db) -> None:
    with db.write() as connection:
        other = create_shop(connection, "other")
        token = create_token(connection, other.id)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    assert put(client, {"sku": "S", "warehouse": "甲", "quantity": 5}).status_code == 404


def test_orders_are_put_one_by_one_or_many(client, db, shop) -> None:
    one = {
        "order_no": "1001",
        "status": "paid",
        "buyer_id": "b1",
        "phone": "13800001234",
        "items": [{"sku": "S", "quantity": 2}],
    }
    assert put(client, one, path="/orders").json == {"order_no": "1001", "status": "paid"}
    many = {
        "orders": [
            {**one, "status": "已发货", "items": ["S*2", "T"], "shipped_at": "2026-11-20T12:00:00+08:00"},
            {"order_no": "2"},
        ]
    }
    answer = put(client, many, path="/orders").json
    assert (answer["changed"], answer["failed"]) == (1, 1)
    with db.read() as connection:
        orders = load_orders(connection, shop.id)
    assert list(orders) == ["1001"]
    assert orders["1001"].status == "shipped"
    assert [(item.sku, item.quantity) for item in orders["1001"].items] == [("S", 2), ("T", 1)]
    assert orders["1001"].phone_last4 == "1234"


@pytest.mark.parametrize(
    "body",
    [None, {}, {"order_no": "1"}, {"order_no": "1", "status": "lost"}, {"order_no": "1", "status": "paid", "x": 1}],
)
def test_a_wrong_order_is_400(client, body) -> None:
    assert put(client, body, path="/orders").status_code == 400
