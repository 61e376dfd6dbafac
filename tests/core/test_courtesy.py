"""What is left of a message without greeting and thanks."""

from __future__ import annotations

import pytest

from kefu.core.courtesy import without_courtesies


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
