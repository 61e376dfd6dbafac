"""What is left of a message without greeting and thanks."""

from __future__ import annotations

import pytest

from kefu.core.courtesy import said_besides_thanks, without_courtesies


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("你好,请问怎么下单呀", "怎么下单"),
        ("亲,想退款", "想退款"),
        ("好吧 怎么下单", "怎么下单"),
        ("客服,电话多少谢谢", "电话多少"),
        ("想问一下包邮吗亲", "包邮吗"),
        ("在吗在吗", ""),
        ("亲 在不在", ""),
        ("亲肤吗", "亲肤吗"),
        ("在不锈钢的吗", "在不锈钢的吗"),
        ("客服电话多少", "客服电话多少"),
        ("hill牌的", "hill牌的"),
        ("嗯" * 199, ""),
        ("嗯" * 300, "嗯" * 300),
    ],
)
def test_a_question_is_left(text: str, left: str) -> None:
    assert without_courtesies(text) == left


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["嗯," * 99 + "x", "你好 " * 60, "呀" * 199 + "x", "亲," * 99])
def test_no_message_holds_it(text: str) -> None:
    """A pattern that tries every way to part the courtesies would take years here."""
    without_courtesies(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("算了太慢了 台灯呢", "台灯呢"),
        ("好的谢谢,那能开票不", "那能开票不"),
        ("行吧 谢谢 来两个台灯", "来两个台灯"),
        ("好的谢谢 没什么问题了", ""),
        ("算了吧 我再看看别家有没有", ""),
        ("好的呢谢谢", ""),
        ("谢谢 台灯收到了", ""),
        ("你好 在吗", ""),
        ("行 下次要买再来", ""),
    ],
)
def test_what_is_asked_or_named_beside_thanks_is_left(text: str, left: str) -> None:
    assert said_besides_thanks(text, lambda clause: "台灯" in clause) == left
