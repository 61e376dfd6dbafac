"""A small real server that speaks kefu's contract with scripted answers: for tests of the engine, not of the shop."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

Json = dict[str, Any]


@dataclass
class Script:
    """What the server answers, and what it was asked."""

    tools: dict[str, Json] = field(default_factory=dict)
    records: list[Json] | int = field(default_factory=list)
    completions: dict[str, str] = field(default_factory=dict)
    llm_calls: dict[str, int] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    url: str = ""

    def bodies(self, path: str) -> list[Json]:
        return [body for asked, body in self.asked if asked == path]


def _app(script: Script) -> Flask:
    app = Flask("contract")

    @app.get("/tools/ping")
    def ping() -> Response:
        return jsonify({"kefu": "0.1.0", "shop": "demo"})

    @app.post("/tools/<name>")
    def tool(name: str) -> tuple[Response, int]:
        body = request.get_json()
        script.asked.append((name, body))
        if name in script.failing:
            return jsonify({"error": {"code": "unavailable", "message": "数据库打不开。", "hint": "稍后再试。"}}), 503
        return jsonify({"query": body["query"], **script.tools.get(name, {})}), 200

    @app.post("/retrieval")
    def retrieval() -> tuple[Response, int]:
        script.asked.append(("retrieval", request.get_json()))
        if isinstance(script.records, int):
            return jsonify({"error_code": 1, "error_msg": "no"}), script.records
        return jsonify({"records": script.records}), 200

    @app.get("/v1/models")
    def models() -> Response:
        names = ("kefu-router", "kefu-local", "kefu")
        return jsonify({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})

    @app.post("/v1/chat/completions")
    def complete() -> Response | tuple[Response, int]:
        body = request.get_json()
        script.asked.append(("completion", body))
        if body["model"] in script.failing:
            return jsonify({"error": {"message": "model is down", "type": "server_error", "code": "down"}}), 500
        text = script.completions.get(body["model"], "好的。")
        mark = f"kefu:llm_calls={script.llm_calls.get(body['model'], 0)}"
        return _stream(body["model"], text, mark) if body.get("stream") else _whole(body["model"], text, mark)

    return app


def _whole(model: str, text: str, mark: str) -> Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return jsonify({**_head(model, mark), "object": "chat.completion", "choices": [choice], "usage": _USAGE})


def _stream(model: str, text: str, mark: str) -> Response:
    def lines() -> Iterator[str]:
        head = {**_head(model, mark), "object": "chat.completion.chunk"}
        for part in (text[: len(text) // 2], text[len(text) // 2 :]):
            choice = {"index": 0, "delta": {"role": "assistant", "content": part}, "finish_reason": None}
            yield f"data: {json.dumps({**head, 'choices': [choice]}, ensure_ascii=False)}\n\n"
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield f"data: {json.dumps({**head, 'choices': [end]})}\n\n"
        yield f"data: {json.dumps({**head, 'choices': [], 'usage': _USAGE})}\n\ndata: [DONE]\n\n"

    return Response(lines(), mimetype="text/event-stream")


_USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def _head(model: str, mark: str) -> Json:
    return {"id": "chatcmpl-1", "created": 1, "model": model, "system_fingerprint": mark}


@contextmanager
def contract_server() -> Iterator[Script]:
    """The server on a free loopback port, ended at exit."""
    script = Script()
    server = make_server("127.0.0.1", 0, _app(script), threaded=True)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
