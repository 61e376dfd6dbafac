"""What fires: tolerance, order, scope, cooldown, spans, variables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from kefu.core.rules import (
    Action,
    MatchContext,
    Pattern,
    Rule,
    RuleSet,
    Scope,
    choose,
    dump_plans,
    load_plans,
    render,
    variables_of,
)
from kefu.core.rules.record import from_record, to_record
from kefu.core.text import normalise
from kefu.errors import BadInput

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def rule(name: str, *patterns: str | Pattern, **more) -> Rule:
    """Texts with ^ or \\ in them are regexes, others sentences."""
    made = tuple(
        p if isinstance(p, Pattern) else Pattern("regex" if set(p) & set("^$\\.*+[(") else "sentence", p)
        for p in patterns
    )
    return Rule(name, made, more.pop("replies", ("好的",)), **more)


def answer(rules: list[Rule], text: str, context: MatchContext | None = None) -> str:
    """The id of the rule that fires, or nothing."""
    found = RuleSet.build(rules).match(normalise(text), context or MatchContext())
    return found.rule_id if found else ""


LESSON = [
    rule("paid", "^付款已完成$", r"^已购买[一二三四五六七八九十\d]+件$", "我已经下单了"),
    rule("cards", r"^没有收到网址和卡密，我已下单\d+份$"),
    rule("done", "^(订单已提交，)?购买完成$"),
    rule("send", "^请发货$", "^已下单，麻烦安排发货$"),
]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("付款已完成", "paid"),
        ("已购买三件", "paid"),
        ("我已经下单了", "paid"),
        ("没有收到网址和卡密，我已下单2份", "cards"),
        ("没有收到网址和卡密，我已下单１２份", "cards"),
        ("没有收到网址和卡密,我已下单2份。", "cards"),
        ("订单已提交，购买完成", "done"),
        ("訂單已提交，購買完成", "done"),
        ("购买完成", "done"),
        ("请发货", "send"),
        ("请发货！！", "send"),
        ("请 发货", "send"),
        ("😊请发货🙏🙏~~", "send"),
        ("已下单，麻烦安排发货", "send"),
        ("请发货吗", ""),
        ("不要请发货", ""),
    ],
)
def test_a_sentence_fits_whatever_its_spaces_widths_and_final_punctuation(text: str, name: str):
    assert answer(LESSON, text) == name


def test_the_first_by_priority_then_order_wins():
    rules = [
        rule("b", "发货.*", position=2),
        rule("a", "发货.*", position=1),
        rule("c", "^发货$", position=3, priority=9),
    ]
    assert answer(rules, "发货") == "c"
    assert answer(rules, "快发货") == "a"


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("^请发货$", "  请 发货！！", "请 发货"),
        ("没收到.*卡密", "我沒收到 你们的卡密呢", "沒收到 你们的卡密"),
        (r"\d{6,}", "订单　１２３４５６７ 呢", "１２３４５６７"),
        ("退款|退货", "我要退 货", "退 货"),
        ("(?<!不)要发票", "我要发票", "要发票"),
        (r"^买\d+件$", "买38件。", "买38件"),
        ("[?？]$", "有货吗？？", "？"),
    ],
)
def test_the_span_points_into_what_the_customer_typed(pattern: str, text: str, matched: str):
    found = RuleSet.build([rule("a", Pattern("regex", pattern))]).match(normalise(text))
    assert found is not None
    assert text[found.start : found.end] == matched


def test_named_groups_become_variables():
    found = RuleSet.build([rule("a", r"^我已下单(?P<count>\d+)份$")]).match(normalise("我已下单１２份"))
    assert found is not None
    assert render("收到 {count} 份", found.groups) == "收到 12 份"


@pytest.mark.parametrize(
    ("text", "fires"),
    [("退款太慢了", True), ("怎么还不退款，要多久", True), ("退款", False), ("已经退款了，不慢", False)],
)
def test_keywords_all_any_and_none(text: str, fires: bool):
    words = Pattern("keywords", all=("退款",), any=("慢", "多久"))
    assert bool(answer([rule("a", words, none=("不慢",))], text)) is fires


@pytest.mark.parametrize(
    ("scope", "context", "fires"),
    [
        (Scope(channels=("taobao",)), MatchContext(channel="Taobao"), True),
        (Scope(channels=("taobao",)), MatchContext(), False),
        (Scope(products=("p1",)), MatchContext(products=("P1", "内存")), True),
        (Scope(products=("p1",)), MatchContext(products=("p2",)), False),
        (Scope(first_message=True), MatchContext(first_message=True), True),
        (Scope(first_message=True), MatchContext(), False),
        (Scope(hours=(time(22), time(8))), MatchContext(now=NOW), True),
        (Scope(hours=(time(8), time(22))), MatchContext(now=NOW), False),
        (Scope(hours=(time(22), time(8))), MatchContext(), False),
        (Scope(days=(date(2026, 11, 20), date(2026, 11, 20))), MatchContext(now=NOW), True),
        (Scope(days=(date(2026, 11, 21), date(2026, 11, 22))), MatchContext(now=NOW), False),
    ],
)
def test_a_rule_fires_only_within_its_scope_and_else_the_next_one(scope: Scope, context: MatchContext, fires: bool):
    rules = [rule("scoped", "请发货", scope=scope), rule("next", "请发货", position=1)]
    assert answer(rules, "请发货", context) == ("scoped" if fires else "next")


def test_a_rule_rests_for_its_cooldown():
    rules = [rule("a", "请发货", cooldown_s=60)]
    for seconds, name in ((59, ""), (60, "a")):
        context = MatchContext(now=NOW, last_fired={"a": NOW - timedelta(seconds=seconds)})
        assert answer(rules, "请发货", context) == name


@pytest.mark.parametrize(
    ("other", "text", "name"),
    [
        (rule("other", "发货.*", position=0), "请发货", "other"),
        (rule("other", "发货.*", position=2), "请发货", "exact"),
        (rule("other", "发货.*", position=0), "请发货!", "other"),
        (rule("other", r"^请发货\d*$", position=0), "请发货", "other"),
        (rule("other", "[送发]货$", position=0), "请发货", "other"),
        (rule("other", "请发货", position=0, scope=Scope(channels=("taobao",))), "请发货", "exact"),
        (rule("other", "请发货", position=0, enabled=False), "请发货", "exact"),
    ],
)
def test_a_whole_sentence_does_not_jump_the_queue(other: Rule, text: str, name: str):
    """A message that is exactly a rule's sentence is found by one look-up; an earlier rule still comes first."""
    assert answer([other, rule("exact", "请发货", position=1)], text) == name


def test_an_edited_sentence_is_asked_in_its_new_place():
    base = RuleSet.build([rule("exact", "请发货", position=1), rule("late", "发货.*", position=5)])
    for edited, name in (
        (base.edit([rule("late", "发货.*", position=0)]), "late"),
        (base.edit([rule("exact", "在吗", position=1)]), "late"),
        (base.edit(removed=["exact"]), "late"),
        (base.edit([rule("new", "在吗", position=0)]), "exact"),
    ):
        found = edited.match(normalise("请发货"))
        assert found is not None
        assert found.rule_id == name


def test_a_disabled_rule_never_fires():
    assert answer([rule("a", "请发货", enabled=False)], "请发货") == ""


def test_variables_are_filled_once_and_absent_ones_leave_nothing():
    assert render("{customer}您好，{order_no}", {"customer": "{order_no}{{#env.X#}}"}) == "{order_no}{{#env.X#}}您好，"
    assert variables_of("{a} {b} {a} {不} {}") == ("a", "b")


def test_a_variant_whose_variables_are_known_is_preferred():
    replies = ("{customer}您好", "您好", "在的")
    assert [choose(replies, {}, pick) for pick in range(3)] == ["您好", "在的", "您好"]
    assert choose(replies, {"customer": "小王"}, 0) == "小王您好"
    assert choose((), {}) == ""


def test_a_refused_pattern_says_why_and_the_others_still_answer():
    rules = RuleSet.build([rule("bad", Pattern("regex", "(a"), Pattern("sentence", "请发货"))])
    assert [refusal.rule_id for refusal in rules.refused] == ["bad"]
    assert "(" in rules.refused[0].suggestion
    assert rules.match(normalise("请发货"))


def test_plans_survive_as_bytes_and_damaged_ones_are_made_anew():
    rules = [
        rule("a", "没收到.*卡密"),
        rule("b", r"^\d{6,}$", position=1),
        rule("c", "(?<!不)要发票", position=2),
        rule("d", r"(a+|b)+c|[吗呢]\w+$", position=3),
    ]
    first = RuleSet.build(rules)
    again = RuleSet.build(rules, plans=load_plans(dump_plans(first.plans)))
    assert again.plans == first.plans
    for text in ("没收到你的卡密", "1234567", "我要发票", "不要发票", "aabc"):
        assert str(again.match(normalise(text))) == str(first.match(normalise(text)))
    assert load_plans(b"\xff{") == {}
    assert load_plans(b'{"version":0,"plans":{}}') == {}


def test_a_rule_survives_as_a_record():
    full = rule(
        "a",
        "请发货",
        r"^\d+$",
        Pattern("keywords", all=("退",), any=("慢", "久")),
        none=("不",),
        priority=-3,
        scope=Scope(("taobao",), ("p1",), (time(22), time(8, 30)), (date(2026, 1, 1), date(2026, 1, 2)), True),
        enabled=False,
        cooldown_s=60,
        action=Action("hand_off", "policy"),
        note="双十一",
    )
    assert from_record(to_record(full)) == full
    assert to_record(rule("b", "好")) == {"id": "b", "patterns": [{"sentence": "好"}], "replies": ["好的"]}


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": "a b"},
        {"patterns": []},
        {"patterns": [{"regexp": "x"}]},
        {"patterns": [{"regex": ""}]},
        {"patterns": [{"all": []}]},
        {"replies": []},
        {"replies": [1]},
        {"priority": "high"},
        {"hours": "25:00-26:00"},
        {"hours": "8:00-8:00"},
        {"days": "2026-11-12..2026-11-11"},
        {"action": "explode"},
        {"action": "ask"},
        {"cooldown_s": -1},
        {"enabled": "no"},
        {"colour": "red"},
    ],
)
def test_a_wrong_record_is_refused_with_a_hint(change: dict):
    with pytest.raises(BadInput) as caught:
        from_record({"id": "a", "patterns": ["好"], "replies": ["好"], **change})
    assert caught.value.hint


def test_an_empty_set_answers_nothing():
    assert RuleSet.build([]).match(normalise("请发货")) is None
    assert RuleSet.build([]).edit([rule("a", "请发货")]).match(normalise("请发货")) is not None
