"""Which words of a list belong to which number."""

from __future__ import annotations

import re

import pytest

from kefu.core.catalogue.several.portions import portions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("弯管10根 直管40个 堵头8个 一共", ["弯管10根", "直管40个", "堵头8个 一共"]),
        ("弯管 10根 直管 40个", ["弯管 10根", "直管 40个"]),
        ("两套100 一套90多少", ["两套100", "一套90多少"]),
        ("来两盒原味的再来4个苹果的", ["来两盒原味的", "再来4个苹果的"]),
        ("要三个键盘 鼠标两个", ["要三个键盘", "鼠标两个"]),
        ("古琴两个琴架一套", ["古琴两个", "琴架一套"]),
        ("黑的10个有不 顺便白的2个一起多少", ["黑的10个有不", "顺便白的2个一起多少"]),
        ("一箱24瓶多少钱", []),
        ("键盘两个", []),
    ],
)
def test_the_parts_with_a_number_of_their_own(text: str, parts: list[str]) -> None:
    counted = [match.span() for match in re.finditer(r"[一二两三四\d]+[个盒套箱瓶根](?!装)", text)]
    assert [text[start:end].strip() for start, end in portions(text, counted)] == parts
