"""How the seven seconds become two: three model calls in a row, one, and none, against a stub that takes its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from kefu.core.upstreams import Upstream
from kefu.evaluation.dify_nodes import Answer, classify, extract
from kefu.gateway import calls
from kefu.gateway.http import Pool

QUESTION = "怎么还不发货"
_CLASSES = (("1", "其他/转人工"), ("2", "催发货"), ("3", "库存查询"), ("4", "售后"), ("5", "产品使用"))
_PARAMETERS = ({"name": "product", "type": "string", "description": "商品", "required": True},)
_SAID = '{"category_id": "2", "category_name": "催发货", "product": ""}'
_ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": _SAID}, "finish_reason": "stop"}]}
Say = Callable[[Sequence[Mapping[str, Any]]], str]


def measure_chains(seconds: float, without: Callable[[], object]) -> dict[str, float]:
    """Seconds of a turn by what is asked of a model that takes ``seconds``: the lesson's three nodes with the prompts
    that Dify's nodes really send, one call, and none (``without``)."""
    with stub_model(seconds) as url:
        pool, model = Pool(), Upstream("stub", "openai", url, "stub")

        def say(messages: Sequence[Mapping[str, Any]]) -> str:
            return calls.ask(pool, model, messages, {}, 64, calls.NOBODY).text

        try:
            return {
                "classify, extract, answer": _timed(lambda: _three_nodes(say)),
                "one call": _timed(lambda: say([{"role": "user", "content": QUESTION}])),
                "rule or live data": _timed(without),
            }
        finally:
            pool.close()


def _three_nodes(say: Say) -> None:
    said = say(classify(QUESTION, _CLASSES, "", (), Answer()).messages)
    classify(QUESTION, _CLASSES, "", (), Answer(said))
    said = say(extract(QUESTION, _PARAMETERS, "", (), Answer()).messages)
    extract(QUESTION, _PARAMETERS, "", (), Answer(said))
    say([{"role": "user", "content": QUESTION}])


def _timed(turn: Callable[[], object]) -> float:
    started = time.perf_counter()
    turn()
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
