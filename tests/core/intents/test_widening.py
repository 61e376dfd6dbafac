"""A classifier's instruction may say what a class takes in besides its name."""

from __future__ import annotations

import pytest

from kefu.core.intents.widening import widen

INSTRUCTION = "不确定时选其他。\n库存查询包括：配送时效、兼容查询。\n售后 包括: 保修"


@pytest.mark.parametrize(
    ("name", "widened"),
    [
        ("库存查询", "库存查询/配送时效、兼容查询"),
        ("售后", "售后/保修"),
        ("产品使用", "产品使用"),
        ("查询", "查询"),
        ("a(b", "a(b"),
    ],
)
def test_a_class_takes_in_what_the_instruction_lists(name: str, widened: str) -> None:
    """Only the class of exactly that name, only up to the end of the sentence."""
    assert widen(name, INSTRUCTION) == widened
