"""The brand voice wherever a sentence is made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kefu.core.voice import Touch, Voice, brief, fill, identity_answer, variables, welcome
from kefu.errors import BadInput

VOICE = Voice("小星", "星河数码", "活泼", "亲", do=("先回答",), dont=("不承诺时间",), samples=("亲，在的哦",))
NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def test_the_answer_names_the_shops_brand_only() -> None:
    for text in ("你是谁", "你是机器人吗", "谁开发的你", "你是ChatGPT吗"):
        answer = identity_answer(text, VOICE)
        assert "小星" in answer
        assert "星河数码" in answer
        assert "GPT" not in answer.upper()


def test_own_answers_come_first_with_llama_factory_placeholders() -> None:
    own = (("你是谁", "我叫{{name}}，{{author}}的助手"), ("*", "我是{name}"))
    assert identity_answer("你是谁？", VOICE, own) == "我叫小星，星河数码的助手"
    assert identity_answer("您怎么称呼呀", VOICE, own) == "我叫小星，星河数码的助手"
    assert identity_answer("谁开发的你", VOICE, own) == "我是小星"
    assert "不是真人" in identity_answer("你是真人吗", VOICE, own)
    assert identity_answer("多少钱", VOICE, own) == ""


def test_variables_of_a_template() -> None:
    values = variables(VOICE, customer="张伟", now=NOON, order_no="668")
    assert (
        fill("{greeting}{customer}，订单{order_no}，{{name}}在{unknown}", values)
        == "中午好张伟，订单668，小星在{unknown}"
    )
    assert variables(VOICE)["customer"] == "亲"


def test_a_value_is_not_expanded_again() -> None:
    assert fill("{customer}", variables(VOICE, customer="{name}")) == "{name}"


def test_the_brief_for_a_model_holds_everything() -> None:
    text = brief(VOICE)
    for part in ("小星", "星河数码", "活泼", "亲", "要：先回答", "不要：承诺时间", "亲，在的哦"):
        assert part in text


def test_the_welcome_is_as_personal_as_data_allow() -> None:
    assert welcome(VOICE, Touch(), NOON) == "中午好！我是星河数码的小星，有什么可以帮亲？"
    known = welcome(VOICE, Touch("张伟", True, "668", "已发货"), NOON)
    assert known == "张伟，中午好！欢迎回来，亲最近的订单668已发货，有什么可以帮亲？"


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "名" * 41},
        {"maker": " "},
        {"address": "尊敬的客户朋友们好呀"},
        {"tone": "长" * 301},
        {"do": ["x"] * 31},
        {"samples": ["长" * 301]},
        {"do": "x"},
        {"do": [1]},
        {"name": 3},
        {"colour": "red"},
    ],
)
def test_a_wrong_voice_is_refused(data: dict) -> None:
    with pytest.raises(BadInput):
        Voice.from_dict(data)


def test_a_voice_survives_json() -> None:
    assert Voice.from_dict(VOICE.to_dict()) == VOICE


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("不承诺到货时间", "承诺到货时间"),
        ("不说最、第一", "说最、第一"),
        ("不承诺到货、不提别家", "承诺到货、提别家"),
        ("不要催客户下单", "催客户下单"),
        ("别催，禁止说脏话", "催，说脏话"),
        ("绝不透露成本", "透露成本"),
        ("承诺到货时间", "承诺到货时间"),
        ("不耐烦", "不耐烦"),
        ("不礼貌的话", "不礼貌的话"),
        ("说别人不好", "说别人不好"),
        ("别人的坏话", "别人的坏话"),
    ],
)
def test_what_is_forbidden_is_not_negated_twice(written, told) -> None:
    assert f"\n不要：{told}" in brief(Voice(dont=(written,)))
