"""Hostile patterns and messages: each is answered, and so is the next; what freezes runs into the time limit."""

from __future__ import annotations

import itertools
import time

import pytest

from kefu.core.rules import Pattern, Rule, RuleSet, check_rule
from kefu.core.rules.verify import BUDGET_SECONDS, TIMED_SECONDS
from kefu.core.text import MAX_CHARS, normalise
from kefu.errors import BadInput

pytestmark = pytest.mark.timeout(60)
"""Milliseconds are usual; a pattern that backtracks takes years. How fast they are, `./kefu bench rules` says."""

CORES = [
    "a",
    "[ab]",
    "(a|a)",
    "(a|ab)",
    "(a|aa)",
    "[a-z]",
    r"\w",
    ".",
    "(?:a?)",
    "(a*)",
    "(x|y|a)",
    r"[\w.]",
    "(aa|a)",
    "发",
    "(发|发货)",
]
SHAPES = [
    "^({0}+)+$", "({0}*)*b", "({0}+)*!$", "^({0}|{0})*$", "({0}{{1,50}}){{1,50}}$", "^{0}*{0}*{0}*{0}*{0}*b$",
    "({0}?){{30}}{0}{{30}}",
    "(.*{0}){{12}}$", "^(({0})+)+c$", "(?=({0}+)+$)z", "({0}+)+\\1$", "(?<!b)({0}+)+$x", ".*{0}.*{0}.*{0}.*{0}c",
]  # fmt: skip
PATTERNS = [shape.format(core) for shape in SHAPES for core in CORES] + [
    "a{100000}", "(a{1000}){1000}", "((a{100}){100}){100}", "(" * 30 + "a" + ")*" * 30, r"(\d+)+元$",
    r"^(\s*,?\s*\w+\s*)*$",
    r"\b(\w+\s?)+\b$", r"(?i)(A+)+$", "(.|\\s)*x", "[^x]*[^y]*[^z]*q", ".{0,2000}.{0,2000}b", "(?:.{1,300}){5}c",
    "x*" * 100 + "y",
]  # fmt: skip

MESSAGES = {
    "a million letters": "a" * 1_000_000,
    "a long run and a last other letter": "a" * (MAX_CHARS - 1) + "!",
    "two letters in turn": "ab" * 1_000,
    "a million digits": "1" * 1_000_000,
    "lone surrogates": "\ud800\udfff请发货\udc00" * 500,
    "undecodable bytes": b"\xff\xfe\xe8\xaf\xb7\x80".decode("utf-8", "surrogateescape") * 300,
    "right to left": "\u202e请发货\u202c\u200f\u061cمرحبا" * 300,
    "zero width": "请\u200b发\u200c货\u200d\ufeff" * 700,
    "only zero width": "\u200b" * 1_000_000,
    "combining marks": "e" + "\u0301" * 5_000,
    "one character that grows": "\ufdfa" * 100_000,
    "emoji": "👩‍👩‍👧‍👦🙏😊" * 2_000,
    "punctuation": "?!。，" * 500_000,
    "spaces": " " * 1_000_000,
    "spaces between": "请 发 货 " * 10_000,
    "nulls": "\0请发货\0" * 1_000,
    "words": "发货 退款 " * 100_000,
    "empty": "",
    "line ends": "请\r\n发\n货\u2028" * 2_000,
    "braces": "{{#env.X#}}${}{0}%s\\" * 2_000,
}


def test_there_are_at_least_two_hundred():
    assert len(set(PATTERNS)) >= 200


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_hostile_pattern_is_refused_or_answers(pattern: str):
    rule = Rule("hostile", (Pattern("regex", pattern),), ("好",))
    refused = RuleSet.build([rule]).refused
    if refused:
        assert refused[0].reason
        assert refused[0].suggestion
        with pytest.raises(BadInput):
            check_rule(rule)
        return
    rules = RuleSet.build(
        [rule, Rule("next", (Pattern("sentence", "请发货"),), ("好",), position=1)], clock=time.perf_counter
    )
    for name in ("a long run and a last other letter", "two letters in turn", "words", "a million digits"):
        rules.match(normalise(MESSAGES[name]))
    assert rules.match(normalise("请发货")) is not None


@pytest.mark.parametrize("name", MESSAGES)
def test_a_hostile_message_is_answered(name: str):
    rules = RuleSet.build(
        [Rule(f"r{at}", (Pattern("regex", pattern),), ("好",), position=at) for at, pattern in enumerate(PATTERNS[:60])]
        + [Rule("k", (Pattern("keywords", all=("发货", "没")),), ("好",), position=-1)],
        clock=time.perf_counter,
    )
    rules.match(normalise(MESSAGES[name]))
    after = rules.match(normalise("还没发货"))
    assert after is not None
    assert after.rule.id == "k"


def test_many_patterns_with_lookaround_share_one_budget():
    """Of a hundred that would each take their whole time, as many run as the budget of a message has room for."""
    clock = itertools.count(step=TIMED_SECONDS)
    rules = RuleSet.build(
        [Rule(f"r{at}", (Pattern("regex", f"(?=a)(a|aa)+(?!{at})$x"),), ("好",), position=at) for at in range(100)],
        clock=lambda: next(clock),
    )
    found, timed_out = rules.every_timed(normalise("a" * 60 + "bx"))
    assert not found
    assert len(set(timed_out)) == 100
    readings = round(next(clock) / TIMED_SECONDS)
    assert readings == 2 * round(BUDGET_SECONDS / TIMED_SECONDS)


def test_a_span_of_a_cut_message_points_into_the_original():
    rules = RuleSet.build([Rule("a", (Pattern("regex", "请发货"),), ("好",))])
    text = "\u200b" * 50 + "请 发货" + "长" * 100_000
    found = rules.match(normalise(text))
    assert found is not None
    assert text[found.start : found.end] == "请 发货"
