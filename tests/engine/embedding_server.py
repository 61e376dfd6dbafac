"""A small embedding server: OpenAI's `/v1/embeddings`, its vectors made of hashed pieces of text, faults to order.

A text with a word of a ``CONCEPTS`` row leans that way, so texts of one meaning lie close without sharing a word.
"""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import numpy as np

KEY = "embed-key"
CONCEPTS = {
    "退货": ("不想要了", "送回去", "退回去"),
    "盘符": ("电脑里找不着", "不显示"),
    "发票": ("报销凭证", "抬头"),
}


def vector(text: str, dimensions: int = 256) -> list[float]:
    row = np.zeros(dimensions)
    letters = "".join(c for c in text.lower() if c.isalnum())
    pieces = [(letters[at : at + size], size) for size in (1, 2, 3) for at in range(len(letters) - size + 1)]
    pieces += [(name, 20) for name, others in CONCEPTS.items() if any(word in text for word in (name, *others))]
    for piece, weight in pieces:
        row[int.from_bytes(hashlib.md5(piece.encode()).digest()[:4], "big") % dimensions] += weight
    return row.tolist()


class EmbeddingServer:
    """``with EmbeddingServer() as server``; change its fields for faults. ``asked`` are the inputs of every request."""

    def __init__(self) -> None:
        self.status = 200
        self.dimensions = 256
        self.most = 2_048
        self.missing = 0
        self.faults: list[int] = []
        self.asked: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        texts = body["input"]
        self.asked.append(texts)
        self.open.wait(20)
        status = self.faults.pop(0) if self.faults else self.status
        if key != f"Bearer {KEY}":
            status = 401
        if len(texts) > self.most:
            status = 400
        if status != 200:
            return status, {"error": {"message": f"status {status}"}}
        rows = [
            {"index": at, "object": "embedding", "embedding": vector(text, self.dimensions)}
            for at, text in enumerate(texts)
        ]
        return 200, {"object": "list", "model": body["model"], "data": rows[self.missing :][::-1]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = server.answer(body, self.headers.get("Authorization", ""))
                raw = json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(raw)
                except ConnectionError:
                    self.close_connection = True  # the caller did not wait

            def log_message(self, *_: object) -> None:
                """Nothing: tests read what was asked from ``asked``."""

        return Handler
