"""Questions that ask the same come together, others do not, and nobody's data stay in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.clusters import Grouper, as_pattern, as_question, ended_unanswered, group, pick_title
from kefu.core.privacy import mask_personal

TOPICS = [
    ["可以货到付款吗", "支持货到付款不", "请问能货到付款吗", "货到付款支持吗亲"],
    ["这个防水吗", "防不防水啊", "这款是防水的吗", "请问防水吗"],
    ["可以改地址吗", "地址填错了怎么改", "我想改一下收货地址"],
    ["能送贺卡吗", "可以写贺卡吗", "帮我放一张贺卡"],
    ["可以上门安装吗", "包安装吗", "师傅上门安装要钱吗"],
    ["你们几点下班", "客服几点下班", "几点下班呀"],
    ["能开发票吗", "怎么开发票", "发票怎么开"],
    ["有实体店吗", "你们有实体店吗", "实体店在哪里"],
    ["充电要多久", "充满电要多久", "充电需要多久"],
    ["怎么退货", "我要退货", "退货怎么操作"],
]


def test_questions_about_the_same_come_together() -> None:
    """Of all pairs that share a topic most are together, and of those together nearly all share a topic."""
    questions = [(text, topic) for topic, texts in enumerate(TOPICS) for text in texts]
    groups = group([text for text, _ in questions])
    where = {index: number for number, members in enumerate(groups) for index in members}
    pairs = [(i, j) for i in range(len(questions)) for j in range(i)]
    same = [(i, j) for i, j in pairs if questions[i][1] == questions[j][1]]
    together = [(i, j) for i, j in pairs if where[i] == where[j]]
    right = [pair for pair in together if pair in set(same)]
    assert len(right) / len(together) >= 0.95
    assert len(right) / len(same) >= 0.8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎么开发票", "怎么退货"),
        ("能送贺卡吗", "能送到新疆吗"),
        ("包安装吗", "包邮吗"),
        ("几点下班", "几点发货"),
        ("这个防水吗", "这个有黑色吗"),
        ("支持货到付款吗", "支持七天无理由吗"),
        ("可以改地址吗", "可以改颜色吗"),
        ("电池能用多久", "发货要多久"),
    ],
)
def test_a_shared_frame_is_not_a_shared_question(one: str, other: str) -> None:
    assert len(group([one, other])) == 2


def test_the_largest_group_comes_first_and_its_commonest_question_names_it() -> None:
    questions = ["包安装吗", "防水吗", "防水吗", "这个防水吗"]
    assert [len(members) for members in group(questions)] == [3, 1]
    assert pick_title(["这个防水吗", "防水吗", "防水吗"]) == "防水吗"


def test_numbers_do_not_keep_questions_apart() -> None:
    one, other = as_question("订单TB20261122001234能合并吗"), as_question("订单TB20261122009999能合并吗")
    assert one == other == "订单[单号]能合并吗"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_may_be_a_question(text: str) -> None:
    question = as_question(text)
    grouper = Grouper()
    grouper.add(1, question)
    assert grouper.find(question) in (1, None)
    kind, pattern = as_pattern(question or "x")
    assert kind == "sentence" or re.compile(pattern)


def test_a_masked_question_becomes_a_pattern_for_every_number() -> None:
    kind, pattern = as_pattern(as_question("订单6680012345678能合并吗(急)"))
    assert kind == "regex"
    assert re.search(pattern, "订单1234567890123能合并吗(急)")
    assert not re.search(pattern, "订单能合并吗(急)")
    assert as_pattern("能合并吗") == ("sentence", "能合并吗")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我手机号13812345678", "我手机号[手机号]"),
        ("电话 138-1234-5678", "电话 [手机号]"),
        ("订单TB20261122001234到哪了", "订单[单号]到哪了"),
        ("身份证11010119900101123X", "身份证[证件号]"),
        ("邮箱zhang.wei@example.com", "邮箱[邮箱]"),
        ("微信号zhangwei88", "微信[账号]"),
        ("我叫张伟，没收到", "我叫[姓名]，没收到"),
        ("寄到文一西路998号3幢201室吧", "[地址]吧"),
        ("地址改成浙江省杭州市西湖区文三路123号5幢502", "[地址]"),
        ("L码要100件", "L码要100件"),
        ("型号RTX4090有吗", "型号RTX4090有吗"),
    ],
)
def test_personal_data_are_masked(text: str, masked: str) -> None:
    assert mask_personal(text) == masked


def test_which_turns_count_as_unanswered() -> None:
    assert ended_unanswered("human", "unknown_question", False)
    assert ended_unanswered("human", "low_confidence", False)
    assert ended_unanswered("llm", "", True)
    assert not ended_unanswered("human", "customer_request", False)
    assert not ended_unanswered("rule", "", True)
    assert not ended_unanswered("llm", "", False)
