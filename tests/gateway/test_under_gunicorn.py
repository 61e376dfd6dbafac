"""The gateway under the real gunicorn, one worker of four threads: what arrives when, and what ends when."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asking import ASK

from kefu.cli.serve import server_command
from kefu.core.upstreams import Upstream
from kefu.playground.server import ServerProcess, free_port
from kefu.store.db import Database
from kefu.store.shops import create_shop, create_token
from kefu.store.upstreams import save_upstream

THREADS = 4


Gateway = tuple[ServerProcess, str]
"""The running server and a shop's token."""


@contextlib.contextmanager
def running(folder: Path, migrated_file: Path, upstream: str) -> Iterator[Gateway]:
    """Its model “tuned” is at ``upstream``."""
    shutil.copy(migrated_file, folder / "kefu.sqlite")
    db = Database(f"sqlite:///{folder}/kefu.sqlite")
    with db.write() as connection:
        shop = create_shop(connection, "demo")
        save_upstream(connection, shop.id, Upstream("tuned", "vllm", f"{upstream}/v1", "qwen-shop", guard=True))
        token = create_token(connection, shop.id)
    db.close()
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    environment |= {"KEFU_DATA_DIR": str(folder), "KEFU_PORT": str(port), "KEFU_WORKERS": "1"}
    environment |= {"KEFU_THREADS": str(THREADS), "KEFU_DATABASE_URL": f"sqlite:///{folder}/kefu.sqlite"}
    with ServerProcess(server_command(), environment, port) as process:
        process.wait_ready()
        yield process, token


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, migrated_file, _server) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("gunicorn"), migrated_file, _server.url) as started:
        yield started


class Caller(contextlib.AbstractContextManager):
    """A connection to the gateway with one question asked."""

    def __init__(self, gateway: Gateway, **more) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(gateway[0].url).netloc, timeout=20)
        headers = {"Authorization": f"Bearer {gateway[1]}", "Content-Type": "application/json"}
        self.connection.request("POST", "/v1/chat/completions", json.dumps(ASK | more), headers)

    def answer(self) -> http.client.HTTPResponse:
        return self.connection.getresponse()

    def hang_up(self) -> None:
        assert self.connection.sock is not None
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def __exit__(self, *exception: object) -> None:
        self.connection.close()


def events(answer: http.client.HTTPResponse) -> Iterator[dict]:
    """Each event as soon as its line is there."""
    for line in answer:
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])


def said(found: Iterator[dict]) -> str:
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in found if c.get("choices"))


def is_alive(gateway: Gateway) -> bool:
    connection = http.client.HTTPConnection(urlsplit(gateway[0].url).netloc, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200


def test_the_first_words_are_here_before_the_last_are_said(gateway, server):
    long = "这款羽绒服可以机洗，请用三十度以下的冷水，洗完平铺晾干，不要暴晒。"
    server.answers(pieces=(long, "还有别的问题吗？"), hold=True)
    with Caller(gateway, stream=True) as caller:
        answer = caller.answer()
        assert (answer.status, answer.headers["X-Accel-Buffering"]) == (200, "no")
        found = events(answer)
        first = next(event for event in found if event["choices"][0]["delta"].get("content"))
        assert long.startswith(first["choices"][0]["delta"]["content"]), "held back by the guard at most"
        assert not server.release.is_set()
        server.release.set()
        assert first["choices"][0]["delta"]["content"] + said(found) == long + "还有别的问题吗？"


@pytest.mark.parametrize("waits_at", [0, 2, 4])
def test_a_caller_that_goes_stops_the_model(gateway, server, waits_at):
    """Before the answer's first byte, before its first word, and in the middle."""
    server.answers(pieces=tuple("很长的回答" * 20), waits_at=waits_at)
    with Caller(gateway, stream=True) as caller:
        server.await_requests(1)
        if waits_at == 4:
            next(events(caller.answer()))
        caller.hang_up()
    assert server.gone.wait(10), "the upstream's connection stayed open"
    assert is_alive(gateway)


def test_a_caller_that_goes_stops_a_model_that_answers_in_one_piece(gateway, server):
    server.answers(waits_at=0)
    with Caller(gateway) as caller:
        server.await_requests(1)
        caller.hang_up()
    assert server.gone.wait(10)


def test_callers_that_went_leave_no_thread_busy(gateway, server):
    """Three times as many as there are threads; then a whole pool of answers at once."""
    for _ in range(3 * THREADS):
        server.answers(waits_at=0)
        with Caller(gateway, stream=True) as caller:
            server.await_requests(1)
            caller.hang_up()
        assert server.gone.wait(10)
    server.answers(hold=True)
    with ThreadPoolExecutor(THREADS) as pool:
        texts = [pool.submit(answered, gateway) for _ in range(THREADS)]
        server.await_requests(THREADS)
        server.release.set()
        assert {text.result() for text in texts} == {"您好，有货。"}


def answered(gateway: Gateway) -> str:
    with Caller(gateway, stream=True) as caller:
        return said(events(caller.answer()))


def test_waiting_streams_do_not_block_the_worker(gateway, server):
    """All threads but one wait for their model: the rest of the server answers meanwhile."""
    server.answers(hold=True)
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(answered, gateway) for _ in range(THREADS - 1)]
        server.await_requests(THREADS - 1)
        assert is_alive(gateway)
        with Caller(gateway, model="kefu-local") as caller:
            assert json.load(caller.answer())["system_fingerprint"] == "kefu:llm_calls=0"
        assert not any(text.done() for text in waiting)
        server.release.set()
        assert {text.result() for text in waiting} == {"您好，有货。"}


def test_more_streams_than_threads_are_all_answered_in_turn(gateway, server):
    server.answers(pieces=tuple("很长的回答" * 20))
    with ThreadPoolExecutor(3 * THREADS) as pool:
        texts = list(pool.map(lambda _: answered(gateway), range(3 * THREADS)))
    assert texts == ["很长的回答" * 20] * (3 * THREADS)


def test_a_cut_answer_ends_with_an_error_and_the_connection_goes_on(gateway, server):
    server.answers(cut_after=3)
    with Caller(gateway, stream=True) as caller:
        answer = caller.answer()
        found = list(events(answer))
        assert found[-1]["error"]["code"] == "upstream_cut"
        caller.connection.request("GET", "/readyz")
        assert caller.connection.getresponse().status == 200


def test_a_stop_lets_a_running_answer_end(tmp_path, migrated_file, server):
    """As a restart does it: idle connections are closed, the answer under way is whole."""
    server.answers(hold=True)
    with running(tmp_path, migrated_file, server.url) as gateway, ThreadPoolExecutor(1) as pool:
        with Caller(gateway, stream=True) as caller, Caller(gateway, model="kefu-local") as idle:
            idle.answer().read()
            server.await_requests(1)
            stopped = pool.submit(gateway[0].close)
            assert idle.connection.sock is not None
            assert idle.connection.sock.recv(1) == b"", "the stop has begun"
            assert not stopped.done()
            server.release.set()
            assert said(events(caller.answer())) == "您好，有货。"
        stopped.result()
