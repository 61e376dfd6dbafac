"""The channel adapter's API over real requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kefu.core.handoff import HandOff
from kefu.store import handoffs
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop, create_token, shop_of_token
from kefu.web import errors, handoff, profiles

NOW = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


class Caller:
    """A client with the shop's token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def get(self, path: str, status: int = 200, **headers: str) -> dict:
        return self._read(self._client.get(path, headers=self._headers | headers), status)

    def post(self, path: str, body: object = None, status: int = 200) -> dict:
        return self._read(self._client.post(path, json=body, headers=self._headers), status)

    def put(self, path: str, body: object, status: int = 200) -> dict:
        return self._read(self._client.put(path, json=body, headers=self._headers), status)

    def raw(self, path: str, **headers: str) -> str:
        return self._client.get(path, headers=self._headers | headers).get_data(as_text=True)

    @staticmethod
    def _read(answer, status: int) -> dict:
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()


@pytest.fixture
def app(db: Database) -> Flask:
    def find(token: str) -> Shop:
        with db.read() as connection:
            return shop_of_token(connection, token)

    app = Flask("test")
    app.extensions["kefu"] = SimpleNamespace(db=db, clock=lambda: NOW, shop_of_token=find)
    errors.install(app)
    app.register_blueprint(handoff.blueprint)
    app.register_blueprint(profiles.blueprint)
    return app


@pytest.fixture
def shop_caller(app: Flask, db: Database, shop: Shop) -> Iterator[Caller]:
    with db.write() as connection:
        token = create_token(connection, shop.id)
        handoffs.open_handoff(connection, shop.id, HandOff("c1", "customer_request", channel="taobao"), NOW)
    with app.test_client() as client:
        yield Caller(client, token)


def test_a_hand_off_from_queue_to_customer_and_back(shop_caller: Caller) -> None:
    [record] = shop_caller.get("/handoffs?state=pending")["handoffs"]
    assert record["clock"]["targets"][0] | {"due_at": ""} == {
        "seconds": 180,
        "due_at": "",
        "state": "running",
        "left": 180,
    }
    base = f"/handoffs/{record['id']}"
    assert shop_caller.post(f"{base}/claim", {"agent": "amy"})["state"] == "open"
    assert shop_caller.post("/handoffs/incoming", {"conversation_id": "c1", "text": "在吗", "message_id": "m1"}) == {
        "echo": False,
        "owner": "human",
        "handoff_id": record["id"],
    }
    said = shop_caller.post(f"{base}/reply", {"agent": "amy", "text": "您好", "key": "k1"})
    assert shop_caller.post(f"{base}/reply", {"agent": "amy", "text": "您好", "key": "k1"})["id"] == said["id"]
    [message] = shop_caller.get("/handoffs/messages")["messages"]
    assert (message["text"], message["conversation_id"]) == ("您好", "c1")
    done = shop_caller.post("/handoffs/messages/ack", {"delivered": [{"id": message["id"], "channel_id": "x9"}]})
    assert done == {"acknowledged": [message["id"]], "unknown": []}
    assert shop_caller.get("/handoffs/messages")["messages"] == []
    echo = {"conversation_id": "c1", "text": "您好", "message_id": "x9"}
    assert shop_caller.post("/handoffs/incoming", echo)["echo"] is True
    shown = shop_caller.get(base)
    assert [line["who"] for line in shown["messages"]] == ["customer", "agent"]
    assert shown["clock"]["targets"][0]["state"] == "met"
    assert shop_caller.post(f"{base}/resolve", {"agent": "amy", "note": "好了"})["state"] == "resolved"
    assert shop_caller.post("/handoffs/incoming", {"conversation_id": "c1", "text": "谢谢"})["owner"] == "bot"


def test_the_stream_sends_what_waits_and_goes_on_from_the_last_id(shop_caller: Caller) -> None:
    shop_caller.post("/handoffs/1/claim", {"agent": "amy"})
    first = shop_caller.post("/handoffs/1/reply", {"agent": "amy", "text": "一\n二"})
    shop_caller.post("/handoffs/1/reply", {"agent": "amy", "text": "三"})
    text = shop_caller.raw("/handoffs/messages/stream?wait=0")
    assert text.count("event: message") == 2
    assert "一\\n二" in text
    later = shop_caller.raw("/handoffs/messages/stream?wait=0", **{"Last-Event-ID": str(first["id"])})
    assert later.count("event: message") == 1


def test_too_many_waiting_pollers_are_told_so(shop_caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        assert handoff._waiting.acquire(blocking=False)
    try:
        assert shop_caller.get("/handoffs/messages?wait=5", 503)["error"]["code"] == "unavailable"
        assert shop_caller.get("/handoffs/messages?wait=0")["messages"] == []
    finally:
        for _ in range(4):
            handoff._waiting.release()


def test_no_token_no_queue(app: Flask) -> None:
    assert app.test_client().get("/handoffs").status_code == 401


def test_another_shops_token_finds_nothing(app: Flask, db: Database, shop_caller: Caller) -> None:
    with db.write() as connection:
        token = create_token(connection, create_shop(connection, "other").id)
    other = Caller(app.test_client(), token)
    assert other.get("/handoffs")["handoffs"] == []
    other.post("/handoffs/1/claim", {"agent": "eve"}, 404)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/handoffs/1/claim", {}, 400),
        ("/handoffs/1/claim", [1], 400),
        ("/handoffs/1/claim", {"agent": ["x"]}, 400),
        ("/handoffs/1/reply", {"agent": "amy", "text": "x"}, 409),
        ("/handoffs/99/claim", {"agent": "amy"}, 404),
        ("/handoffs/messages/ack", {}, 400),
        ("/handoffs/messages/ack", {"delivered": [{"id": "1"}]}, 400),
        ("/handoffs/messages/ack", {"ids": [True]}, 400),
        ("/handoffs/incoming", {"conversation_id": "c1"}, 400),
        ("/handoffs/incoming", {"conversation_id": "x" * 200, "text": "a"}, 200),
    ],
)
def test_wrong_calls_are_answered_clearly(shop_caller: Caller, path: str, body: object, status: int) -> None:
    answer = shop_caller.post(path, body, status)
    assert status == 200 or answer["error"]["hint"]


@pytest.mark.parametrize("query", ["state=lost", "limit=-1", "limit=9999", "after=x", "limit=９"])
def test_wrong_queries_are_answered_clearly(shop_caller: Caller, query: str) -> None:
    assert shop_caller.get(f"/handoffs?{query}", 400)["error"]["code"] == "bad_input"


def test_profiles_are_read_and_replaced(shop_caller: Caller) -> None:
    assert shop_caller.get("/profiles/voice")["name"] == "小客"
    shop_caller.put("/profiles/voice", {"name": "小星", "maker": "星河"})
    assert shop_caller.get("/profiles/voice")["maker"] == "星河"
    shop_caller.put("/profiles/desk", {"opens": "09:00", "closes": "22:00", "targets": {"": [60]}})
    assert shop_caller.get("/handoffs")["handoffs"][0]["clock"]["targets"][0]["seconds"] == 60
    shop_caller.put("/profiles/voice", {"name": 3}, 400)
    shop_caller.put("/profiles/mood", {}, 404)


def test_the_guard_can_be_tried(shop_caller: Caller) -> None:
    verdict = shop_caller.post("/guard/test", {"text": "明天到，电话13812345678", "facts": ["明天送达"]})
    assert verdict["text"] == "明天到，电话******"


def test_a_webhooks_secret_never_comes_back(shop_caller: Caller) -> None:
    hook = {
        "format": "dingtalk",
        "url": "https://example.com/robot",
        "secret": "SEC",
        "events": ["handoff.pending", "test"],
    }
    assert shop_caller.put("/webhooks/群", hook)["secret"] == "set"
    assert "SEC" not in str(shop_caller.get("/webhooks"))
    shop_caller.put("/webhooks/群", {"format": "fax", "url": "https://example.com"}, 400)
