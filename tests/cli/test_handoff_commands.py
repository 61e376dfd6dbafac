"""Hand-offs, webhooks and profiles by command."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.cli import main
from kefu.core.handoff import HandOff, Line
from kefu.store import handoffs
from kefu.store.db import Database
from kefu.store.shops import Shop

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
Run = Callable[..., str]


@pytest.fixture
def run(db: Database, shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the shop's store; gives what it printed."""

    def run(*words: str, status: int = 0) -> str:
        assert main([*words, "--data", str(tmp_path), "--shop", shop.name]) == status
        printed = capsys.readouterr()
        return printed.out + printed.err

    with db.write() as connection:
        said = (Line("customer", "我要人工"),)
        handoffs.open_handoff(connection, shop.id, HandOff("c1", "customer_request", transcript=said), NOW)
    return run


def test_an_agent_works_through_the_queue(run: Run) -> None:
    assert "客户要求人工" in run("handoff", "list", "--state", "pending")
    assert "我要人工" in run("handoff", "show", "1")
    assert json.loads(run("handoff", "claim", "1", "--agent", "amy"))["state"] == "open"
    assert "amy has this conversation" in run("handoff", "reply", "1", "您好", "--agent", "bob", status=2)
    assert json.loads(run("handoff", "reply", "1", "您好", "--agent", "amy"))["text"] == "您好"
    assert "agent: 您好" in run("handoff", "show", "1")
    assert json.loads(run("handoff", "release", "1", "--agent", "amy"))["state"] == "pending"
    assert json.loads(run("handoff", "resolve", "1", "--agent", "amy"))["state"] == "resolved"
    assert "nobody waits" in run("handoff", "list", "--state", "pending")


def test_a_webhook_is_set_tested_and_removed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_WEBHOOK_SECRET", "S3CRET")
    assert "no webhooks" in run("webhook", "list")
    run("webhook", "set", "crm", "http://127.0.0.1:9/", "--event", "test")
    assert "1 to send; 0 delivered, 1 failed" in run("webhook", "test")
    listed = run("webhook", "list")
    assert "waiting (1) ConnectError" in listed
    assert "S3CRET" not in listed
    assert "1 due now" in run("webhook", "retry")
    assert "0 delivered, 1 failed" in run("webhook", "deliver")
    run("webhook", "remove", "crm")
    assert "There is no webhook" in run("webhook", "remove", "crm", status=2)
    assert "no http(s) URL" in run("webhook", "set", "crm", "file:///etc/passwd", status=2)


def test_a_profile_is_shown_and_replaced(run: Run, tmp_path: Path) -> None:
    shown = json.loads(run("profile", "show", "desk"))
    file = tmp_path / "desk.json"
    file.write_text(json.dumps(shown | {"opens": "09:00", "closes": "22:00"}), "utf-8")
    assert json.loads(run("profile", "set", "desk", str(file)))["opens"] == "09:00"
    file.write_text('{"opens": "late"}', "utf-8")
    assert "no time of day" in run("profile", "set", "desk", str(file), status=2)
    file.write_text("[1]", "utf-8")
    assert "no object" in run("profile", "set", "desk", str(file), status=2)
    assert "There is no file" in run("profile", "set", "desk", str(tmp_path / "none"), status=2)
