"""The tester says why, the linter says what is doubtful."""

from __future__ import annotations

import pytest

from kefu.core.rules import MatchContext, Pattern, Rule, RuleSet, Scope, check_rule
from kefu.core.rules.explain import report, try_message
from kefu.core.rules.lint import lint
from kefu.core.rules.record import from_record
from kefu.core.rules.rule import Action
from kefu.errors import BadInput


def rule(name: str, kind: str, text: str = "", reply: str = "好的", **more) -> Rule:
    words = {name: more.pop(name) for name in ("all", "any") if name in more}
    return Rule(name, (Pattern(kind, text, **words),), (reply,), **more)


RULES = RuleSet.build(
    [
        rule("send", "sentence", "请发货", "马上"),
        rule("send2", "regex", "发货", "稍等", position=1),
        rule("night", "regex", "发货", scope=Scope(channels=("taobao",)), position=2),
        rule("cards", "regex", "^没有收到卡密$", position=3),
        rule("refund", "keywords", all=("退款", "慢"), none=("不慢",), position=4),
        rule("off", "sentence", "在不在呢", enabled=False, position=5),
    ]
)


def test_the_report_names_rule_span_shadowed_conflicts_and_blocked():
    row = report(try_message(RULES, "请 发货！", MatchContext()))
    assert (row["rule_id"], row["matched_text"], row["normalised"]) == ("send", "请 发货", "请发货!")
    assert row["shadowed"] == ["send2"]
    assert row["conflicts"] == ["send2"]
    assert row["blocked"] == {"night": "channel: only taobao"}


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("我没有收到卡密啊", "cards", "^ or $"),
        ("没有收到网址", "cards", "lacks"),
        ("退款好久", "refund", "lacks 慢"),
        ("在不在呢", "off", "disabled"),
        ("请快发货吧", "send", "whole message"),
    ],
)
def test_a_near_miss_says_why_it_did_not_fire(text: str, name: str, reason: str):
    near = {miss.rule_id: miss.reason for miss in try_message(RULES, text).near}
    assert reason in near[name]


def test_a_none_word_is_named_as_what_blocks():
    assert "不慢" in try_message(RULES, "退款不慢").blocked["refund"]


def test_a_slow_pattern_is_named_once_as_the_shop_wrote_it():
    pattern = r"(?P<x>(a|aa)+)(?P=x)$"
    slow = try_message(RuleSet.build([rule("slow", "regex", pattern)]), "a" * 1_999 + "!").slow
    assert slow == (pattern,)


def test_lint_finds_refused_shadowed_conflicting_and_doubtful_rules():
    rules = RuleSet.build(
        [
            rule("bad", "regex", "(a"),
            rule("all", "regex", ".*", position=9),
            rule("first", "regex", "发货", "马上", position=1),
            rule("same", "sentence", "请发货", "马上", position=2),
            rule("other", "sentence", "快发货", "不行", position=3),
            rule("vars", "sentence", "你好", "{custmer}您好", position=4),
            rule("look", "regex", "(?<!不)退款", position=5),
        ]
    )
    codes = {(finding.rule_id, finding.code) for finding in lint(rules, fired={"first"})}
    assert {
        ("bad", "refused"),
        ("all", "matches_all"),
        ("same", "shadowed"),
        ("other", "conflict"),
        ("vars", "unknown_variable"),
        ("look", "timed"),
        ("same", "never_fired"),
    } <= codes
    assert ("first", "never_fired") not in codes
    assert lint(rules)[0].level == "error"
    assert not any(finding.code == "never_fired" for finding in lint(rules))


def test_a_rule_that_never_fired_is_told_whether_search_answers_with_it() -> None:
    rules = [
        rule("parcel", "sentence", "发什么快递", "默认中通"),
        rule("bulk", "sentence", "批发多少钱", "请稍等", action=Action("hand_off")),
        rule("word", "regex", "返现", "没有返现"),
    ]
    told = {finding.rule_id: finding.message for finding in lint(RuleSet.build(rules), fired=())}
    assert "in other words, is not counted" in told["parcel"]
    assert "is not searched in other words" in told["bulk"]
    assert told["word"] == "It has never fired."


def test_lint_tells_of_actions_behind_sentences_and_of_rules_that_answer_for_entries() -> None:
    rules = RuleSet.build(
        [
            rule("address", "sentence", "地址写错了", "请稍等", action=Action("hand_off")),
            rule("person", "keywords", "", "请稍等", all=("投诉",), action=Action("hand_off")),
            rule("rash", "keywords", "", "先停用", all=("起疹子",)),
        ]
    )
    entries = {"起疹子退货": ("用了起疹子能退吗", "起疹子谁赔"), "运费": ("运费谁出",), "改址": ("地址写错了",)}
    found = {(one.rule_id, one.code): one.message for one in lint(rules, entries=entries)}
    assert found.keys() == {("address", "word_for_word"), ("rash", "answers_entry")}
    assert "“用了起疹子能退吗”" in found["rash", "answers_entry"]
    assert "“起疹子退货”" in found["rash", "answers_entry"]


@pytest.mark.parametrize(
    ("action", "kind", "value"),
    [
        ("hand_off:policy", "hand_off", "policy"),
        ("hand_off", "hand_off", ""),
        ("转人工", "hand_off", ""),
        ("转人工：客户情绪激动", "hand_off", "angry_customer"),
        ("hand_off:客户要求人工", "hand_off", "customer_request"),
        ("追问:order_no", "ask", "order_no"),
        ("话题:after_sales", "set_topic", "after_sales"),
    ],
)
def test_actions_are_written_in_either_language(action: str, kind: str, value: str) -> None:
    rule = from_record({"id": "one", "patterns": ["找店长"], "replies": ["好的"], "action": action})
    check_rule(rule)
    assert (rule.action.kind, rule.action.value) == (kind, value)


def test_an_unknown_reason_is_refused_with_those_that_there_are() -> None:
    rule = from_record({"id": "one", "patterns": ["我要投诉"], "replies": ["好的"], "action": "hand_off:complaint"})
    with pytest.raises(BadInput, match="“complaint” is no hand-off reason") as refused:
        check_rule(rule)
    assert "angry_customer (客户情绪激动)" in refused.value.hint


def test_a_stored_rule_with_an_unknown_reason_is_found_by_lint() -> None:
    rule = from_record({"id": "one", "patterns": ["我要投诉"], "replies": ["好的"], "action": "hand_off:complaint"})
    assert ("warning", "unknown_reason") in {(one.level, one.code) for one in lint(RuleSet.build([rule]))}
