"""How the seven seconds become two: three model calls in a row, one, and none, against a stub that takes its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson

from kefu.core.upstreams import Upstream
from kefu.gateway import calls
from kefu.gateway.http import Pool

CHAINS = {"classify, extract, answer": 3, "one call": 1, "rule or live data": 0}
_ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "好的"}, "finish_reason": "stop"}]}


def measure_chains(seconds: float, without: Callable[[], object]) -> dict[str, float]:
    """Seconds of each chain through the gateway's client; ``without`` answers a turn without a model."""
    with stub_model(seconds) as url:
        pool, model = Pool(), Upstream("stub", "openai", url, "stub")
        try:
            return {name: _chain(pool, model, count, without) for name, count in CHAINS.items()}
        finally:
            pool.close()


def _chain(pool: Pool, model: Upstream, count: int, without: Callable[[], object]) -> float:
    started = time.perf_counter()
    without()
    for _ in range(count):
        calls.ask(pool, model, [{"role": "user", "content": "在吗"}], {}, 16, calls.NOBODY)
    return time.perf_counter() - started


@contextmanager
def stub_model(seconds: float) -> Iterator[str]:
    """The address of a chat-completions server that answers after ``seconds``."""

    class Stub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(seconds)
            body = orjson.dumps(_ANSWER)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
