"""Rules' plain sentences, found by who says them in other words."""

from __future__ import annotations

import pytest

from kefu.core.decide.values import Thresholds
from kefu.core.knowledge import judged
from kefu.core.rules import Action, Pattern, Rule, Scope
from kefu.core.rules.written import WrittenRules


def rule(name: str, reply: str, *sentences: str) -> Rule:
    return Rule(name, tuple(Pattern("sentence", sentence) for sentence in sentences), (reply,))


RULES = (
    rule("instalments", "支持花呗分期，3期免息。", "支持花呗吗", "能分期吗"),
    rule("address", "未出库前可以在订单里自己改地址。", "怎么改地址", "地址写错了怎么办"),
    rule("hours", "早九点到晚十点。", "你们几点上班", "客服几点在线"),
    rule("courier", "默认中通。", "发什么快递", "默认什么快递"),
    rule("invoice", "签收后在订单里申请。", "发票怎么开", "能开发票吗"),
)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("可以花呗吗", "rule:instalments"),
        ("地址错了能改吗", "rule:address"),
        ("你们几点下班啊", "rule:hours"),
        ("快递用什么", "rule:courier"),
        ("怎么办", ""),
        ("多少钱", ""),
        ("有没有免息的", ""),  # only the reply says so
        ("硬盘坏了", ""),
    ],
)
def test_a_rules_sentence_in_other_words_finds_its_reply(said: str, found: str) -> None:
    hits = judged(WrittenRules(RULES).candidates(said), 1, Thresholds().knows)
    assert [hit.entry.id for hit in hits] == ([found] if found else [])


def test_alike_are_the_same_words_alone() -> None:
    written = WrittenRules(RULES)
    assert written.alike("可以花呗吗")
    assert not written.alike("有没有免息的")
    assert not written.alike("怎么办")


@pytest.mark.parametrize(
    "special",
    [
        Rule("regex", (Pattern("regex", "花呗"),), ("支持。",)),
        Rule("off", (Pattern("sentence", "支持花呗吗"),), ("支持。",), enabled=False),
        Rule("acts", (Pattern("sentence", "支持花呗吗"),), ("支持。",), action=Action("hand_off", "policy")),
        Rule("first", (Pattern("sentence", "支持花呗吗"),), ("支持。",), scope=Scope(first_message=True)),
        Rule("filled", (Pattern("sentence", "支持花呗吗"),), ("{customer}，支持。",)),
        Rule("guarded", (Pattern("sentence", "支持花呗吗"),), ("支持。",), none=("退",)),
    ],
    ids=lambda special: special.id,
)
def test_what_holds_only_sometimes_or_does_more_than_answer_is_left_to_the_rules(special: Rule) -> None:
    assert WrittenRules([special]).candidates("支持花呗吗") == []
