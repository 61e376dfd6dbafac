"""Deliver the outbox: at least once, signed, with an idempotency key, again and again until it is received.

Formats, from the makers' documents (robots of 2024–2026): DingTalk https://open.dingtalk.com/document/robots/custom-robot-access,
Feishu https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot, WeCom https://developer.work.weixin.qq.com/document/path/91770.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx

from kefu.clock import Clock
from kefu.core.handoff import REASONS
from kefu.core.privacy import mask_personal
from kefu.store import outbox
from kefu.store.db import Database
from kefu.store.outbox import Delivery

log = logging.getLogger("kefu.webhooks")

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LEASE = timedelta(seconds=60)
"""Longer than the slowest attempt: within it nobody else tries the same delivery."""
BACK_OFF = (2, 5, 15, 60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600)
"""Seconds to wait after the first, second, … failure; the last one repeats."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One HTTP request: where, with which headers, which bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What one round did."""

    delivered: int = 0
    failed: int = 0


def build_sending(delivery: Delivery, now: datetime) -> Sending:
    """The request for ``delivery`` in its webhook's format, signed for ``now``."""
    url, body, extra = BUILDERS[delivery.webhook.format](delivery, now)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "kefu"}
    headers |= {"Idempotency-Key": delivery.key, "X-Kefu-Event": delivery.event}
    return Sending(url, headers | extra, body)


def _json(delivery: Delivery, now: datetime) -> tuple[str, bytes, dict[str, str]]:
    """``X-Kefu-Signature: t=SECONDS,v1=HEX`` where HEX = HMAC-SHA256(secret, "SECONDS." + body)."""
    body = _bytes(
        {
            "id": delivery.key,
            "event": delivery.event,
            "created_at": delivery.created_at.isoformat(),
            "attempt": delivery.attempts,
            "data": delivery.payload,
        }
    )
    if not delivery.webhook.secret:
        return delivery.webhook.url, body, {}
    return delivery.webhook.url, body, {"X-Kefu-Signature": sign(delivery.webhook.secret, body, int(now.timestamp()))}


def sign(secret: str, body: bytes, seconds: int) -> str:
    """The signature header of the generic format; a receiver makes the same and compares (and checks the age)."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _dingtalk(delivery: Delivery, now: datetime) -> tuple[str, bytes, dict[str, str]]:
    title, lines = render_lines(delivery)
    body = _bytes(
        {"msgtype": "markdown", "markdown": {"title": title, "text": f"#### {title}\n\n" + "\n\n".join(lines)}}
    )
    secret = delivery.webhook.secret
    if not secret:
        return delivery.webhook.url, body, {}
    stamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return _with_query(delivery.webhook.url, {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}), body, {}


def _feishu(delivery: Delivery, now: datetime) -> tuple[str, bytes, dict[str, str]]:
    title, lines = render_lines(delivery)
    content = [[{"tag": "text", "text": line}] for line in lines]
    message: dict[str, Any] = {"msg_type": "post", "content": {"post": {"zh_cn": {"title": title, "content": content}}}}
    secret = delivery.webhook.secret
    if secret:
        stamp = str(int(now.timestamp()))
        digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
        message |= {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    return delivery.webhook.url, _bytes(message), {}


def _wecom(delivery: Delivery, _now: datetime) -> tuple[str, bytes, dict[str, str]]:
    """WeCom robots have no signature (the URL's key is the secret); content is at most 4,096 bytes."""
    title, lines = render_lines(delivery)
    text = f"**{title}**\n" + "\n".join(f"> {line}" for line in lines)
    content = text.encode()[:4_000].decode("utf-8", "ignore")
    return delivery.webhook.url, _bytes({"msgtype": "markdown", "markdown": {"content": content}}), {}


BUILDERS: dict[str, Callable[[Delivery, datetime], tuple[str, bytes, dict[str, str]]]] = {
    "json": _json,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "wecom": _wecom,
}

_TITLES = {
    "handoff.pending": "【客服转人工】有客户在等待",
    "handoff.resolved": "【客服转人工】已处理完成",
    "urge": "【催发货】有客户催单",
    "test": "【测试】客服通知已接通",
}


def render_lines(delivery: Delivery) -> tuple[str, list[str]]:
    """Title and lines for a chat group, where phone numbers and addresses are masked."""
    data = delivery.payload
    rows = (
        ("原因", REASONS.get(str(data.get("reason", "")), str(data.get("reason", "")))),
        ("渠道", data.get("channel")),
        ("客户", data.get("customer")),
        ("情绪", data.get("emotion") if data.get("emotion") != "calm" else ""),
        ("最近消息", _last_said(data)),
        ("建议回复", data.get("suggested_reply")),
        ("处理人", data.get("agent")),
        ("编号", data.get("id") or delivery.key),
    )
    lines = [f"{name}：{_one_line(value)}" for name, value in rows if value not in (None, "")]
    return _TITLES.get(delivery.event, f"【客服】{delivery.event}"), lines


def _last_said(data: Mapping[str, Any]) -> str:
    lines = data.get("transcript") or ()
    said = [line.get("text", "") for line in lines if isinstance(line, Mapping) and line.get("who") == "customer"]
    return said[-1] if said else ""


def _one_line(value: object) -> str:
    """Masked, without line ends and the characters that markdown would make a link, heading or mention of."""
    text = mask_personal(str(value))[:300]
    return "".join(_PLAIN.get(c, c) for c in text)


_PLAIN = {"\n": " ", "\r": " ", "[": "［", "]": "］", "<": "＜", ">": "＞", "@": "＠", "#": "＃", "*": "＊", "`": "'"}


def read_answer(format_name: str, status: int, text: str) -> str:
    """ "" if the receiver took it, else why not. The robots answer 200 with an error code in JSON."""
    if not 200 <= status < 300:
        return f"HTTP {status}"
    if format_name == "json":
        return ""
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        return "the answer is not JSON"
    if not isinstance(answer, dict):
        return "the answer is no object"
    code = answer.get("errcode", answer.get("code", answer.get("StatusCode")))
    return "" if code == 0 else f"code {code}: {str(answer.get('errmsg', answer.get('msg', '')))[:120]}"


def deliver_due(db: Database, client: httpx.Client, clock: Clock, limit: int = 20) -> Report:
    """One round: lease what is due, send it, note the outcome. A kill at any point costs a repeat, never a loss."""
    with db.write() as connection:
        taken = outbox.lease(connection, clock(), LEASE, limit)
    outcomes = [_deliver(db, client, delivery, clock) for delivery in taken]
    return Report(sum(outcomes), len(outcomes) - sum(outcomes))


def _deliver(db: Database, client: httpx.Client, delivery: Delivery, clock: Clock) -> bool:
    error = _attempt(client, delivery, clock())
    with db.write() as connection:
        if not error:
            outbox.delivered(connection, delivery.id, clock())
        else:
            outbox.failed(connection, delivery, error, clock() + wait_after(delivery.attempts))
    level = logging.INFO if not error else logging.WARNING
    log.log(level, "webhook", extra={"route": delivery.webhook.format, "error": error, "status": delivery.attempts})
    return not error


def _attempt(client: httpx.Client, delivery: Delivery, now: datetime) -> str:
    sending = build_sending(delivery, now)
    try:
        answer = client.post(sending.url, content=sending.body, headers=dict(sending.headers), timeout=TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    return read_answer(delivery.webhook.format, answer.status_code, answer.text[:2_000])


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts."""
    return timedelta(seconds=BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1])


class Postman:
    """A thread that empties the outbox. Any number may run, in any process; `stop` waits for the attempt in hand.

    ``clock`` is the system's even where the shop's clock is frozen: waiting is real.
    """

    def __init__(self, db: Database, clock: Clock = lambda: datetime.now(UTC), every: float = 1.0) -> None:
        self._db, self._clock, self._every = db, clock, every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kefu-postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        self._stopped.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        with httpx.Client(follow_redirects=False, trust_env=False) as client:
            while not self._stopped.is_set():
                try:
                    busy = deliver_due(self._db, client, self._clock) != Report()
                except Exception:
                    log.exception("outbox round failed")
                    busy = False
                if not busy:
                    self._stopped.wait(self._every)


def _with_query(url: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _bytes(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
