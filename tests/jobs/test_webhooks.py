"""The outbox reaches a real HTTP server at least once, with a key, whatever fails and whoever is killed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kefu.clock import Clock
from kefu.core.handoff import HandOff, Line
from kefu.errors import BadInput
from kefu.jobs.webhooks import LEASE, Postman, Report, build_sending, deliver_due, read_answer, sign, wait_after
from kefu.store import handoffs, outbox
from kefu.store.db import Database
from kefu.store.outbox import Webhook
from kefu.store.shops import Shop

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@dataclass
class Receiver:
    """A real server: answers from ``script`` in turn, then 200; remembers every request."""

    script: list[tuple[int, str]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.seen.append((self.path, dict(self.headers), body))
            status, text = told.script.pop(0) if told.script else (200, '{"errcode":0,"code":0}')
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())
            told.arrived.set()

        def log_message(self, *_args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def at(moment: datetime) -> Clock:
    return lambda: moment


def hand_over(db: Database, shop: Shop, webhook: Webhook, conversation: str = "c1") -> None:
    said = Line("customer", "我要人工，电话13812345678 [点我](http://x)")
    with db.write() as connection:
        outbox.save_webhook(connection, shop.id, webhook, NOW)
        record = HandOff(conversation, "customer_request", transcript=(said,), customer="张伟")
        handoffs.open_handoff(connection, shop.id, record, NOW)


def states(db: Database, shop: Shop) -> list[tuple[str, int]]:
    with db.read() as connection:
        return [(row.state, row.attempts) for row in outbox.list_deliveries(connection, shop.id)]


def test_a_hand_off_arrives_once_with_key_and_signature(
    db: Database, shop: Shop, receiver: Receiver, client: httpx.Client
) -> None:
    hand_over(db, shop, Webhook("crm", "json", receiver.url, "s3cret"))
    assert deliver_due(db, client, lambda: NOW) == Report(1, 0)
    assert deliver_due(db, client, lambda: NOW) == Report()
    [(path, headers, body)] = receiver.seen
    told = json.loads(body)
    assert path == "/hook"
    assert headers["Idempotency-Key"] == told["id"] == "handoff-1-pending"
    assert headers["X-Kefu-Signature"] == sign("s3cret", body, int(NOW.timestamp()))
    assert told["data"]["reason"] == "customer_request"
    assert told["data"]["transcript"][0]["text"].startswith("我要人工")
    assert states(db, shop) == [("done", 1)]


def test_a_receiver_that_fails_first_gets_it_later_with_the_same_key(
    db: Database, shop: Shop, receiver: Receiver, client: httpx.Client
) -> None:
    receiver.script = [(500, "no"), (429, "slow down")]
    hand_over(db, shop, Webhook("crm", "json", receiver.url))
    now = NOW
    for expected in (Report(0, 1), Report(0, 1), Report(1, 0)):
        assert deliver_due(db, client, at(now)) == expected
        assert deliver_due(db, client, at(now)) == Report()  # backing off, or done
        now += wait_after(3)
    assert len({headers["Idempotency-Key"] for _, headers, _ in receiver.seen}) == 1
    assert len(receiver.seen) == 3


def test_a_receiver_that_is_away_loses_nothing(db: Database, shop: Shop, client: httpx.Client) -> None:
    hand_over(db, shop, Webhook("crm", "json", "http://127.0.0.1:9/closed"))
    assert deliver_due(db, client, lambda: NOW) == Report(0, 1)
    assert states(db, shop) == [("waiting", 1)]


def test_after_many_failures_it_is_kept_as_dead_and_can_be_retried(
    db: Database, shop: Shop, receiver: Receiver, client: httpx.Client
) -> None:
    receiver.script = [(500, "")] * outbox.GIVE_UP_AFTER
    hand_over(db, shop, Webhook("crm", "json", receiver.url))
    now = NOW
    for _ in range(outbox.GIVE_UP_AFTER):
        deliver_due(db, client, at(now))
        now += timedelta(days=1)
    assert states(db, shop) == [("dead", outbox.GIVE_UP_AFTER)]
    with db.write() as connection:
        assert outbox.retry(connection, shop.id) == 1
    assert deliver_due(db, client, lambda: now) == Report(1, 0)


def test_the_same_event_is_written_once(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        outbox.save_webhook(connection, shop.id, Webhook("a", "json", "http://127.0.0.1:9/"), NOW)
        assert outbox.announce(connection, shop.id, "handoff.pending", "k", {}, NOW) == 1
        assert outbox.announce(connection, shop.id, "handoff.pending", "k", {}, NOW) == 0
        assert outbox.announce(connection, shop.id, "handoff.resolved", "other", {}, NOW) == 0  # not subscribed


def test_two_workers_do_not_send_the_same_delivery(db: Database, shop: Shop) -> None:
    hand_over(db, shop, Webhook("crm", "json", "http://127.0.0.1:9/"))
    with db.write() as connection:
        assert len(outbox.lease(connection, NOW, LEASE)) == 1
    with db.write() as connection:
        assert outbox.lease(connection, NOW, LEASE) == []
        assert len(outbox.lease(connection, NOW + LEASE, LEASE)) == 1  # the first one was killed


def test_nothing_goes_out_if_the_hand_off_is_rolled_back(db: Database, shop: Shop) -> None:
    with suppress(RuntimeError), db.write() as connection:
        outbox.save_webhook(connection, shop.id, Webhook("a", "json", "http://127.0.0.1:9/"), NOW)
        handoffs.open_handoff(connection, shop.id, HandOff("c1", "policy"), NOW)
        raise RuntimeError
    assert states(db, shop) == []


def test_a_worker_killed_in_mid_send_is_followed_by_another_attempt(
    db: Database, shop: Shop, receiver: Receiver, client: httpx.Client
) -> None:
    """SIGKILL while the receiver holds the request: the lease runs out and the next worker sends the same key."""
    hold = threading.Event()
    held = threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held.set()
            hold.wait(30)

        def log_message(self, *_args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.handle_error = lambda *_args: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hand_over(db, shop, Webhook("crm", "json", f"http://127.0.0.1:{server.server_port}/"))
    code = textwrap.dedent(
        f"""
        import httpx
        from datetime import datetime
        from kefu.jobs.webhooks import deliver_due
        from kefu.store.db import Database
        now = datetime.fromisoformat({NOW.isoformat()!r})
        deliver_due(Database({db.url!r}), httpx.Client(trust_env=False), lambda: now)
        """
    )
    worker = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": ":".join(sys.path)})
    try:
        assert held.wait(30)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert states(db, shop) == [("waiting", 1)]
    with db.write() as connection:
        outbox.save_webhook(connection, shop.id, Webhook("crm", "json", receiver.url), NOW)
    assert deliver_due(db, client, lambda: NOW) == Report()  # still leased
    assert deliver_due(db, client, lambda: NOW + LEASE) == Report(1, 0)
    assert receiver.seen[0][1]["Idempotency-Key"] == "handoff-1-pending"


def test_the_postman_thread_delivers_and_stops(db: Database, shop: Shop, receiver: Receiver) -> None:
    hand_over(db, shop, Webhook("crm", "json", receiver.url))
    postman = Postman(db, every=0.01)
    postman.start()
    assert receiver.arrived.wait(10)
    postman.stop()
    assert states(db, shop) == [("done", 1)]


def test_dingtalk_is_signed_in_the_url_and_masks_the_customer(
    db: Database, shop: Shop, receiver: Receiver, client: httpx.Client
) -> None:
    hand_over(db, shop, Webhook("群", "dingtalk", receiver.url + "?access_token=t", "SEC1"))
    assert deliver_due(db, client, lambda: NOW) == Report(1, 0)
    [(path, _, body)] = receiver.seen
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    stamp = str(int(NOW.timestamp() * 1000))
    digest = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert query == {"access_token": "t", "timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    text = json.loads(body)["markdown"]["text"]
    assert "客户要求人工" in text
    assert "13812345678" not in text
    assert "[点我](" not in text


def test_feishu_is_signed_in_the_body(db: Database, shop: Shop, receiver: Receiver, client: httpx.Client) -> None:
    hand_over(db, shop, Webhook("群", "feishu", receiver.url, "SEC1"))
    deliver_due(db, client, lambda: NOW)
    message = json.loads(receiver.seen[0][2])
    stamp = str(int(NOW.timestamp()))
    digest = hmac.new(f"{stamp}\nSEC1".encode(), b"", hashlib.sha256).digest()
    assert (message["timestamp"], message["sign"]) == (stamp, base64.b64encode(digest).decode())
    assert message["content"]["post"]["zh_cn"]["title"] == "【客服转人工】有客户在等待"


def test_wecom_stays_within_its_4096_bytes(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        outbox.save_webhook(connection, shop.id, Webhook("群", "wecom", "http://127.0.0.1:9/"), NOW)
        long = HandOff("c1", "policy", detail="很" * 300, suggested_reply="好" * 4000, customer="客" * 80)
        handoffs.open_handoff(connection, shop.id, long, NOW)
        [delivery] = outbox.lease(connection, NOW, LEASE)
    content = json.loads(build_sending(delivery, NOW).body)["markdown"]["content"]
    assert len(content.encode()) <= 4_096


@pytest.mark.parametrize(
    ("name", "status", "text", "error"),
    [
        ("json", 204, "", ""),
        ("json", 302, "", "HTTP 302"),
        ("dingtalk", 200, '{"errcode":0,"errmsg":"ok"}', ""),
        ("dingtalk", 200, '{"errcode":310000,"errmsg":"sign not match"}', "code 310000: sign not match"),
        ("feishu", 200, '{"code":0,"msg":"success"}', ""),
        ("feishu", 200, '{"code":9499,"msg":"Bad Request"}', "code 9499: Bad Request"),
        ("wecom", 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', "code 45009: api freq out of limit"),
        ("wecom", 200, "<html>", "the answer is not JSON"),
        ("wecom", 200, "[]", "the answer is no object"),
    ],
)
def test_robots_say_no_with_status_200(name: str, status: int, text: str, error: str) -> None:
    assert read_answer(name, status, text) == error


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"format": "slack"},
        {"url": "ftp://x/"},
        {"url": "javascript:alert(1)"},
        {"url": "http:///x"},
        {"events": ("handoff.unknown",)},
        {"events": ()},
    ],
)
def test_a_wrong_webhook_is_refused(fields: dict) -> None:
    with pytest.raises(BadInput):
        Webhook(**({"name": "a", "format": "json", "url": "https://example.com/"} | fields))


def test_replacing_a_webhook_without_a_secret_keeps_the_secret(db: Database, shop: Shop) -> None:
    with db.write() as connection:
        outbox.save_webhook(connection, shop.id, Webhook("a", "json", "https://example.com/1", "s"), NOW)
        outbox.save_webhook(connection, shop.id, Webhook("a", "json", "https://example.com/2"), NOW)
        [stored] = outbox.list_webhooks(connection, shop.id)
    assert (stored.url, stored.secret) == ("https://example.com/2", "s")
