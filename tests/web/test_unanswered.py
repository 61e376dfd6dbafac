"""Unanswered → known, by HTTP and by command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from kefu.cli import main
from kefu.store.conversations import TurnRecord, record_turn
from kefu.store.db import Database
from kefu.store.shops import Shop, create_token, shop_of_token
from kefu.web import errors, unanswered

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def asked(db: Database, shop: Shop) -> Shop:
    with db.write() as connection:
        for question in ("充电要多久", "请问充电要多久呢", "防水吗"):
            record_turn(connection, shop.id, TurnRecord("c1", NOW, "human", question, unanswered=True))
    return shop


def test_by_http(db: Database, asked: Shop) -> None:
    app = Flask("test")
    with db.write() as connection:
        token = create_token(connection, asked.id)
    app.extensions["kefu"] = SimpleNamespace(db=db, clock=lambda: NOW, shop_of_token=lambda _: asked)
    errors.install(app)
    app.register_blueprint(unanswered.blueprint)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    clusters = client.get("/unanswered", headers=headers).get_json()["clusters"]
    assert [cluster["count"] for cluster in clusters] == [2, 1]
    first, second = (f"/unanswered/{cluster['id']}" for cluster in clusters)
    assert client.post(f"{first}/approve", json={}, headers=headers).status_code == 400
    made = client.post(f"{first}/approve", json={"answer": "约2小时"}, headers=headers).get_json()
    assert made["status"] == "approved"
    assert made["made"]["examples"] == 2
    assert client.post(f"{first}/approve", json={"answer": "约2小时"}, headers=headers).status_code == 409
    assert client.post(f"{second}/dismiss", headers=headers).get_json()["status"] == "dismissed"
    assert client.post(f"{second}/reopen", headers=headers).get_json()["status"] == "open"
    assert client.get(first, headers=headers).get_json()["title"] == made["title"]
    assert client.get("/unanswered?status=lost", headers=headers).status_code == 400
    assert client.get("/unanswered/99", headers=headers).status_code == 404


def test_by_command(db: Database, asked: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> str:
        assert main(["unanswered", *words, "--data", str(tmp_path)]) == 0
        return capsys.readouterr().out

    assert "充" in run("list")
    [first, second] = json.loads(run("list", "--json"))
    made = run("approve", str(first["id"]), "--answer", "约2小时", "--pattern", "多久充满")
    assert "approved" in made
    assert "rule_id" in made
    assert "dismissed" in run("dismiss", str(second["id"]))
    assert "nothing here" in run("list")
    assert "open" in run("reopen", str(second["id"]))
    assert "防水吗" in run("show", str(second["id"]))
    assert main(["unanswered", "show", "99", "--data", str(tmp_path)]) == 2
    assert "There is no cluster 99" in capsys.readouterr().err


def test_a_token_opens_its_shop_only(db: Database, asked: Shop) -> None:
    with db.write() as connection:
        token = create_token(connection, asked.id)
        assert shop_of_token(connection, token) == asked
