"""Figures of the gateway: what it adds to a model's answer, and what the local router takes.

The model is a made one in a process of its own that answers at a set pace; the gateway is the real server under
gunicorn. Direct, through the gateway, and with a new connection for each call take turns in one run.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kefu.core.upstreams import Upstream
from kefu.demo.install import ensure_sample_shop
from kefu.errors import Unavailable
from kefu.evaluation.dify_nodes import Answer, classify
from kefu.gateway.ask import class_question, labels_of
from kefu.gateway.completion import usage_of
from kefu.gateway.http import Call, Pool
from kefu.gateway.nodes import ClassifierRequest, NodeClass
from kefu.jobs.training import ensure_model
from kefu.playground.server import ServerProcess, free_port
from kefu.store.db import Database
from kefu.store.shops import create_token
from kefu.store.upstreams import save_upstream

TOKENS = 64
"""Of an answer whose throughput is measured."""
FIRST_TOKENS = 4
"""Of an answer whose first token is measured: the rest would only be waited for."""
PACE = 0.004
"""Seconds a token of the made model: 250 tokens a second for one conversation, faster than most real ones."""
STREAMS = 8
QUERIES = ("什么时候发货", "L码有货吗", "坏了要退货", "这个怎么安装", "转人工")
CLASSES = (("c1", "其他/转人工"), ("c2", "催发货"), ("c3", "库存查询"), ("c4", "售后"), ("c5", "产品使用"))

Say = Callable[[str], None]


def run_models(messages: int = 200, say: Say = lambda _: None) -> list[dict[str, Any]]:
    """One row. ``*_ms`` are medians on this machine; ratios and differences are of the same run."""
    upstream_port, port = free_port(), free_port()
    model = subprocess.Popen([sys.executable, "-m", "kefu.evaluation.bench_models", str(upstream_port)])
    try:
        with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
            token = _shop(folder, upstream_port, say)
            environment = {**os.environ, "KEFU_DATA_DIR": folder, "KEFU_PORT": str(port), "KEFU_LOG_LEVEL": "WARNING"}
            environment |= {
                "KEFU_THREADS": "16",
                "KEFU_WORKERS": "2",
                "KEFU_DATABASE_URL": f"sqlite:///{folder}/k.sqlite",
            }
            command = [sys.executable, "-m", "gunicorn", "--config", "python:kefu.web.gunicorn_conf"]
            with ServerProcess([*command, "kefu.web.wsgi:make_app()"], environment, port) as server:
                server.wait_ready()
                return [_measure(f"http://127.0.0.1:{upstream_port}/v1", f"{server.url}/v1", token, messages, say)]
    finally:
        model.terminate()
        model.wait(10)


def _shop(folder: str, upstream_port: int, say: Say) -> str:
    db = Database(f"sqlite:///{folder}/k.sqlite")
    try:
        db.migrate()
        shop = ensure_sample_shop(db, say)
        ensure_model(db, shop.id, say)
        with db.write() as connection:
            save_upstream(connection, shop.id, Upstream("m", "openai", f"http://127.0.0.1:{upstream_port}/v1", "m"))
            return create_token(connection, shop.id)
    finally:
        db.close()


def _measure(direct: str, gateway: str, token: str, messages: int, say: Say) -> dict[str, Any]:
    pool = Pool()
    question = {"role": "user", "content": "羽绒服怎么洗，" * 40}
    body, long_body = (_chat(question, stream=True, max_tokens=tokens) for tokens in (FIRST_TOKENS, TOKENS))
    router = [_chat(*_classifier(query), model="kefu-router") for query in QUERIES]

    def first_token(base: str) -> float:
        return _first_token(pool, base, token, body)

    def new_connection(base: str) -> float:
        """As a client without a pool does it: connect, ask, hang up."""
        fresh = Pool()
        try:
            return _first_token(fresh, base, token, body)
        finally:
            fresh.close()

    for base in (direct, gateway):
        for _ in range(10):
            first_token(base)
    for raw in router * 4:
        _whole(pool, gateway, token, raw)
    times: dict[str, list[float]] = {"direct": [], "gateway": [], "stock": [], "router": []}
    for number in range(messages):
        say(f"{number}/{messages}")
        times["direct"].append(first_token(direct))
        times["gateway"].append(first_token(gateway))
        times["stock"].append(new_connection(direct))
        times["router"].append(_whole(pool, gateway, token, router[number % len(router)]))
    rates = {
        name: max(_rate(pool, base, token, long_body) for _ in range(3))
        for name, base in (("d", direct), ("g", gateway))
    }
    pool.close()
    p50 = {name: statistics.median(values) for name, values in times.items()}
    return {
        "messages": messages,
        "first_token_direct_ms": round(p50["direct"], 2),
        "first_token_gateway_ms": round(p50["gateway"], 2),
        "gateway_adds_ms": round(p50["gateway"] - p50["direct"], 2),
        "first_token_new_connection_ms": round(p50["stock"], 2),
        "tokens_per_s_direct": round(rates["d"]),
        "tokens_per_s_gateway": round(rates["g"]),
        "throughput_loss_percent": round((1 - rates["g"] / rates["d"]) * 100, 1),
        "router_p50_ms": round(p50["router"], 2),
        "router_p95_ms": round(statistics.quantiles(times["router"], n=20)[18], 2),
        **_token_counts(),
    }


def _token_counts() -> dict[str, int]:
    """Words as jieba cuts them, of Dify's frame and of ours for the same question."""
    node = ClassifierRequest(QUERIES[0], tuple(NodeClass(i, n) for i, n in CLASSES), "", ())
    dify = json.loads(_chat(*_classifier(QUERIES[0])))
    ours = usage_of({"messages": class_question(node)}, labels_of(node.classes)[1])
    theirs = usage_of(dify, f"```json\n{_said(CLASSES[1])}\n```")
    return {
        "classify_prompt_tokens": ours["prompt_tokens"],
        "classify_output_tokens": ours["completion_tokens"],
        "dify_prompt_tokens": theirs["prompt_tokens"],
        "dify_output_tokens": theirs["completion_tokens"],
    }


def _classifier(query: str) -> tuple[dict[str, Any], ...]:
    """What Dify's classifier node really sends."""
    return classify(query, CLASSES, "", (), Answer(_said(CLASSES[1]))).messages


def _said(row: tuple[str, str]) -> str:
    """An answer in the form that Dify's own prompt asks for."""
    return json.dumps(
        {"keywords": ["什么时候", "发货"], "category_id": row[0], "category_name": row[1]}, ensure_ascii=False
    )


def _chat(*messages: dict[str, Any], model: str = "m", **more: Any) -> bytes:
    body = {"model": model, "stream": False, "messages": list(messages), **more}
    return json.dumps(body, ensure_ascii=False).encode()


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _first_token(pool: Pool, base: str, token: str, body: bytes) -> float:
    started = time.perf_counter()
    reply = pool.send(Call("bench", f"{base}/chat/completions", _headers(token), body, 3, 60))
    reply.piece()
    taken = (time.perf_counter() - started) * 1000
    reply.read()
    return taken


def _whole(pool: Pool, base: str, token: str, body: bytes) -> float:
    started = time.perf_counter()
    reply = pool.send(Call("bench", f"{base}/chat/completions", _headers(token), body, 3, 60))
    answer = reply.read()
    if reply.status != 200:
        raise Unavailable(f"The server answered {reply.status}.", answer.decode(errors="replace")[:200])
    return (time.perf_counter() - started) * 1000


def _rate(pool: Pool, base: str, token: str, body: bytes) -> float:
    """Tokens a second over `STREAMS` streams at once."""

    def one() -> None:
        for _ in range(4):
            pool.send(Call("bench", f"{base}/chat/completions", _headers(token), body, 3, 60)).read()

    threads = [threading.Thread(target=one) for _ in range(STREAMS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return STREAMS * 4 * TOKENS / (time.perf_counter() - started)


class _Model(BaseHTTPRequestHandler):
    """Streams ``max_tokens`` tokens, one each `PACE` seconds."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        tokens = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["max_tokens"]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        began = time.perf_counter()
        for number in range(tokens):
            time.sleep(max(0.0, began + number * PACE - time.perf_counter()))
            finish = "stop" if number == tokens - 1 else None
            self._event(
                json.dumps({"id": "x", "choices": [{"index": 0, "delta": {"content": "字"}, "finish_reason": finish}]})
            )
        self._event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, data: str) -> None:
        line = f"data: {data}\n\n".encode()
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")

    def handle(self) -> None:
        """A client that measures only the first token goes before the last."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the figures are elsewhere."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Model).serve_forever()
