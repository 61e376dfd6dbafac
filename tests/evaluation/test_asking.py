"""Asking upstreams for a measurement: never twice, at a pace, again after a busy moment, with the server's count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kefu.evaluation.asking import WAITS, Reply
from kefu.gateway.errors import UpstreamError

HELLO = [{"role": "user", "content": "在吗"}]


def test_an_answer_is_kept_in_the_journal_and_never_asked_again(server, upstream, asks, tmp_path):
    server.answers(pieces=("在的",))
    journal = tmp_path / "journal.jsonl"
    first = asks(journal=journal)(upstream, HELLO, extra={})
    assert (first.text, first.requests, first.prompt_tokens, first.completion_tokens) == ("在的", 1, 31, 8)
    assert asks(journal=journal)(upstream, HELLO, extra={}) == first
    assert len(server.bodies) == 1


def test_a_line_that_a_killed_run_did_not_finish_costs_one_answer_only(server, upstream, asks, tmp_path):
    journal = tmp_path / "journal.jsonl"
    asks(journal=journal)(upstream, HELLO, extra={})
    with journal.open("ab") as file:
        file.write(b'["half')
    going_on = asks(journal=journal)
    assert going_on.known == 1
    going_on(upstream, HELLO, turn=1, extra={})
    assert asks(journal=journal).known == 2


@pytest.mark.parametrize(
    "other",
    [{"turn": 1}, {"limit": 7}, {"extra": {"seed": 1}}],
    ids=["another repetition", "another limit", "another constraint"],
)
def test_what_is_asked_differently_is_another_question(server, upstream, asks, other):
    ask = asks()
    ask(upstream, HELLO, extra={})
    ask(upstream, HELLO, **{"extra": {}, **other})
    assert len(server.bodies) == 2


def test_the_same_question_at_once_is_sent_once(server, upstream, asks):
    ask = asks()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: ask(upstream, HELLO, extra={}), range(8)))
    assert len(set(replies)) == len(server.bodies) == 1


def test_requests_keep_their_distance(upstream, asks):
    waited: list[float] = []
    ask = asks(per_second=10, wait=waited.append)
    for turn in range(4):
        ask(upstream, HELLO, turn=turn, extra={})
    assert waited[0] == 0
    assert waited[3] > waited[1]


def test_a_busy_server_is_asked_again_as_it_says_and_a_wrong_key_is_not(server, upstream, asks):
    waited: list[float] = []
    server.answers(status=429, headers={"Retry-After": "7"})
    with pytest.raises(UpstreamError):
        asks(wait=waited.append)(upstream, HELLO, extra={})
    assert waited == [7.0] * len(WAITS)
    server.answers(status=401)
    with pytest.raises(UpstreamError):
        asks(wait=waited.append)(upstream, HELLO, extra={})
    assert len(server.bodies) == 1


def test_tokens_are_counted_here_where_the_server_does_not(server, upstream, asks):
    server.answers(kind="old", pieces=("好的，马上帮您查",))
    reply = asks()(upstream, HELLO, extra={})
    assert 0 < reply.prompt_tokens < 5
    assert reply.completion_tokens > 2


def test_thoughts_are_no_part_of_what_is_said():
    assert Reply("<think>他问\n什么</think>\n有货", 1.0, 1, 1, 1).said == "有货"
    assert Reply("<think>没想完", 1.0, 1, 1, 1).said == ""
