"""What a message asks for, by its words: its parts, a later day, a gift, a price for more."""

from __future__ import annotations

import pytest

from kefu.core.decide.hearing.questions import questions_in, wish_after_the_question
from kefu.core.decide.hearing.wishes import asks_the_carrier, offers_a_price, puts_off, wants_a_gift


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("能开票吗 还有包邮不", ["能开票吗", "包邮不"]),
        ("你好 还有货吗", ["你好", "还有货吗"][1:]),
        ("我取消重新拍 白的多少钱", ["我取消重新拍", "白的多少钱"]),
        ("发长沙几天 要安装教程", ["发长沙几天", "要安装教程"]),
    ],
)
def test_each_wish_is_a_part_of_its_own(said: str, parts: list[str]) -> None:
    assert [part.removeprefix("你好 ") for part in questions_in(said)] == parts


@pytest.mark.parametrize(
    "said", ["能晚两天发吗", "过几天再发可以吗", "先别发货 我出差", "可以延迟发货吗", "发货能推迟吗"]
)
def test_to_be_sent_later(said: str) -> None:
    assert puts_off(said)


@pytest.mark.parametrize("said", ["几天能发", "晚上发货吗", "过几天能到吗", "怎么还不发"])
def test_when_it_is_sent_is_another_question(said: str) -> None:
    assert not puts_off(said)


@pytest.mark.parametrize(
    ("said", "gift"), [("有啥送的没", True), ("送啥不", True), ("你们送什么快递", False), ("什么时候送", False)]
)
def test_a_gift(said: str, gift: bool) -> None:
    assert wants_a_gift(said) is gift


@pytest.mark.parametrize(
    ("said", "bargains"),
    [
        ("多买几罐呢", True),
        ("多拍两件能便宜点吗", True),
        ("我多买了一件能退吗", False),
        ("多买两罐一共多少钱", False),
        ("分6期要多少利息", False),
    ],
)
def test_a_price_for_more(said: str, bargains: bool) -> None:
    assert offers_a_price(said) is bargains


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("这批日期新鲜不 我要4罐", "我要4罐"),
        ("能开票吗，那就来两盒", "那就来两盒"),
        ("我要4罐", ""),
        ("有货吗 我要几罐呢", ""),
        ("有货吗 我要买给孩子的", ""),
    ],
)
def test_so_many_after_a_question_are_wanted(said: str, taken: str) -> None:
    assert wish_after_the_question(said) == taken


@pytest.mark.parametrize(
    "text",
    [
        "发顺丰不",
        "顺丰可以不",
        "能走德邦吗",
        "你们用什么快递",
        "可以发京东快递吗",
        "发哪家快递",
        "顺丰要加多少钱",
        "换顺丰要补多少",
    ],
)
def test_a_courier_is_asked_for(text: str) -> None:
    assert asks_the_carrier(text)


@pytest.mark.parametrize(
    "text",
    [
        "我的顺丰到哪了",
        "顺丰几天到杭州",
        "中通单号多少",
        "放驿站可以吗",
        "顺丰发的还没到吗",
        "有货吗 发顺丰不",
        "这个快递盒怎么卖",
        "顺丰退回来了吗",
    ],
)
def test_a_parcel_or_another_question_is_none_for_a_courier(text: str) -> None:
    assert not asks_the_carrier(text)
