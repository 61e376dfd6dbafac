"""A number taken back asks the last question again; any other message stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kefu.core.decide.restated.corrected import corrected
from kefu.core.decide.values import Asked
from kefu.core.dialogue import State
from kefu.core.dialogue.state import Turn


@pytest.mark.parametrize(
    ("before", "said", "asks"),
    [
        ("6岁的 20斤能坐吗", "打错了 20公斤", "6岁的 20公斤能坐吗"),
        ("身高1.2米穿多大", "不对 是1.3米", "身高1.3米穿多大"),
        ("要3箱到宁波几天", "说错了，2箱", "要2箱到宁波几天"),
        ("要3箱 2盒 一共多少", "不是3箱 是4箱", "要4箱 2盒 一共多少"),
        ("6岁的 20斤能坐吗", "打错了 是20261120000123", "打错了 是20261120000123"),
        ("要3箱 2箱 分开发", "打错了 4箱", "打错了 4箱"),
        ("有货吗", "打错了 20公斤", "打错了 20公斤"),
        ("6岁的 20斤能坐吗", "20公斤的多少钱", "20公斤的多少钱"),
        ("6岁的 20斤能坐吗", "你们发错了 2件", "你们发错了 2件"),
    ],
)
def test_a_correction_asks_the_same_again(before: str, said: str, asks: str) -> None:
    asked = Asked(said, "c", datetime(2026, 12, 1, tzinfo=UTC))
    assert corrected(asked, State(turns=(Turn(before),), turn_count=1)).query == asks
