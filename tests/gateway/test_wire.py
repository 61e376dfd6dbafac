"""HTTP as bytes: answers in any split, kept connections, and answers that are none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.upstreams import Upstream
from kefu.errors import BadInput
from kefu.gateway.body import with_model
from kefu.gateway.errors import ClientGone, UpstreamError
from kefu.gateway.http import Call, Pool

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def answering(*answers: bytes, piece: int = 1_000_000) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers each request, whatever it is, with the next bytes and then closes; and what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            connection = listener.accept()[0]
            with connection:
                asked.append(read_request(connection))
                for at in range(0, len(answer), piece):
                    connection.sendall(answer[at : at + piece])

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", asked
        thread.join(10)
    assert not thread.is_alive()


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    wanted = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(body) < wanted:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def call(url: str, client: socket.socket | None = None) -> Call:
    return Call("m", url, {"X-A": "1"}, b"{}", 3, 5, client)


def fetched(url: str) -> bytes:
    with closing(Pool()) as pool:
        return pool.send(call(url)).read()


@pytest.mark.parametrize("piece", [1, 2, 7, 10_000])
def test_an_answer_may_come_in_any_pieces(piece):
    chunks = CHUNKED + b"4;note=x\r\nwort\r\n00A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n"
    counted = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\ncontent-LENGTH : 5\n\nhello"
    ended = b"HTTP/1.0 200 OK\r\n\r\nto the end"
    for answer, body in ((chunks, b"wort0123456789"), (counted, b"hello"), (ended, b"to the end")):
        with answering(answer, piece=piece) as (url, _):
            assert fetched(url) == body


def test_a_request_is_one_message_with_its_length():
    with answering(b"HTTP/1.1 204 No Content\r\n\r\n") as (url, asked):
        assert fetched(url) == b""
    lines = asked[0].split(b"\r\n")
    assert lines[0] == b"POST /v1 HTTP/1.1"
    assert {b"X-A: 1", b"Content-Length: 2", b"Host: " + url[7:-3].encode()} <= set(lines)
    assert asked[0].endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        CHUNKED + b"5\r\nhel",
        CHUNKED + b"z\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"3\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_whole_answer_is_a_cut_one(answer):
    with answering(answer) as (url, _), pytest.raises(UpstreamError) as caught:
        fetched(url)
    assert (caught.value.status, caught.value.code) == (502, "upstream_cut")


def test_a_server_that_refuses_a_long_body_before_reading_it_is_heard():
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        with listener.accept()[0] as connection:
            connection.recv(10)
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            while connection.recv(65_536):
                pass

    thread = threading.Thread(target=refuse)
    thread.start()
    with listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        reply = Pool().send(Call("m", url, {}, b"x" * 3_000_000, 3, 5))
        assert reply.status == 413
        reply.read()
    thread.join()


def test_a_caller_that_hangs_up_before_the_first_byte_ends_the_call():
    ours, theirs = socket.socketpair()
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def wait() -> None:
        with listener.accept()[0] as connection:
            read_request(connection)
            theirs.close()
            if connection.recv(1) == b"":
                ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    with listener, ours, pytest.raises(ClientGone):
        Pool().send(call(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", ours))
    thread.join(10)
    assert ended.is_set(), "the upstream's connection was not closed"


@pytest.mark.parametrize(
    "url", ["http://gpu:8o00/v1", "http://gpu:99999/v1", "http://模型/v1", "http://gpu/模型", "http://"]
)
def test_an_address_that_no_request_can_go_to_is_refused_when_it_is_set(url):
    with pytest.raises(BadInput):
        Upstream("m", "vllm", url, "m")


def as_object(members) -> str:
    return "{" + ",\n".join(f'"{name}" : {value}' for name, value in members) + "}"


words = st.sampled_from(["model", "mod\\u0065l", "messages", "a", '\\"model', "模型"])
values = st.recursive(
    words.map(lambda word: f'"{word}"') | st.sampled_from(["1", "null", "true", '"\\\\"', '"\\u006d"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(words, inner), max_size=4).map(as_object)
    ),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.tuples(words, values), max_size=5), st.lists(st.tuples(words.filter(lambda w: "mod" not in w), values))
)
def test_only_the_model_s_name_changes_in_any_body(before, after):
    raw = as_object([*before, ("model", '"kefu"'), *after]).encode()
    sent = with_model(raw, "qwen 7b")
    assert orjson.loads(sent) == {**orjson.loads(raw), "model": "qwen 7b"}
