"""`/rules` over the real application."""

from __future__ import annotations

import pytest

from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.settings import load_settings
from kefu.store.shops import create_shop, create_token
from kefu.web.app import create_app

RULE = {"id": "send", "patterns": ["请发货", {"regex": r"^已购买\d+件$"}], "replies": ["马上"]}


@pytest.fixture
def client(db, shop, tmp_path):
    settings = load_settings(data_dir=str(tmp_path))
    with db.write() as connection:
        token = create_token(connection, shop.id)
    client = create_app(Engine(db, settings, make_clock(settings))).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def test_a_rule_is_added_answered_changed_and_removed(client):
    assert client.post("/rules", json=RULE).status_code == 201
    assert client.post("/rules", json=RULE).status_code == 409
    tried = client.post("/rules/test", json={"text": "请 发货！！"}).get_json()
    assert (tried["rule_id"], tried["span"], tried["matched_text"]) == ("send", [0, 4], "请 发货")
    assert client.put("/rules/send", json={**RULE, "patterns": ["快发货"]}).status_code == 200
    assert client.post("/rules/test", json={"text": "请发货"}).get_json()["matched"] is False
    assert client.post("/rules/test", json={"text": "快发货"}).get_json()["matched"] is True
    assert client.get("/rules/send").get_json()["patterns"] == [{"sentence": "快发货"}]
    assert client.delete("/rules/send").status_code == 204
    assert client.delete("/rules/send").status_code == 404
    assert client.post("/rules/test", json={"text": "快发货"}).get_json()["matched"] is False


def test_rules_are_listed_by_page_and_word(client):
    for number in range(3):
        client.post("/rules", json={"id": f"r{number}", "patterns": [f"第{number}句"], "replies": ["好"]})
    page = client.get("/rules?limit=2&offset=1").get_json()
    assert ([row["id"] for row in page["rules"]], page["total"]) == (["r1", "r2"], 3)
    assert client.get("/rules?q=第1句").get_json()["total"] == 1
    assert page["rules"][0]["fired"] == 0


@pytest.mark.parametrize(
    "body", [None, [], {}, {**RULE, "patterns": [{"regex": "(a"}]}, {**RULE, "id": ""}, {**RULE, "priority": "x"}]
)
def test_a_wrong_rule_is_refused_with_reason_and_hint(client, body):
    answer = client.post("/rules", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["hint"]


def test_scope_can_be_tried(client):
    client.post("/rules", json={**RULE, "channels": ["taobao"], "hours": "22:00-08:00"})
    night = {"text": "请发货", "channel": "taobao", "now": "2026-11-20T23:00:00"}
    assert client.post("/rules/test", json=night).get_json()["matched"] is True
    day = client.post("/rules/test", json={**night, "now": "2026-11-20T12:00:00"}).get_json()
    assert day["blocked"] == {"send": "hours: only 22:00-08:00"}


def test_lint_is_there_and_all_need_the_token(client):
    client.post("/rules", json=RULE)
    assert client.get("/rules/lint").get_json()["findings"][0]["code"] == "never_fired"
    del client.environ_base["HTTP_AUTHORIZATION"]
    for method, path in (("get", "/rules"), ("get", "/rules/lint"), ("post", "/rules/test"), ("delete", "/rules/send")):
        assert getattr(client, method)(path, json={}).status_code == 401, path


def test_a_shop_sees_only_its_own_rules(client, db):
    client.post("/rules", json=RULE)
    with db.write() as connection:
        other = create_token(connection, create_shop(connection, "other").id)
    headers = {"Authorization": f"Bearer {other}"}
    assert client.get("/rules/send", headers=headers).status_code == 404
    assert client.get("/rules", headers=headers).get_json()["total"] == 0
