"""What a message wishes for, by its words: work that is paid for is no wish for a person."""

from __future__ import annotations

import pytest

from kefu.core.decide.wishes import without_manual_work


@pytest.mark.parametrize(
    "text",
    ["换油人工费呢", "人工多少钱", "人工费怎么算", "安装人工要多少", "换灯泡人工呢", "包人工吗", "含不含人工",
     "加上人工一共多少", "要人工草坪的", "人工养殖的还是野生的", "有没有人工安装", "人工合成革的",
     "换机油的人工贵不贵", "人工另算吗"],
)  # fmt: skip
def test_labour_and_what_is_made_by_it_name_nobody(text: str) -> None:
    assert "人工" not in without_manual_work(text)


@pytest.mark.parametrize(
    "text",
    ["转人工", "人工", "人工呢", "人工客服", "换人工", "帮我换成人工", "换个人工客服", "我要换货 人工",
     "脚垫换货转人工", "人工服务", "人工要等多久", "人工几点上班", "有没有人工",
     "加上人工客服微信", "找人工", "人工多少人在线"],
)  # fmt: skip
def test_a_wish_for_a_person_stays(text: str) -> None:
    assert "人工" in without_manual_work(text)


def test_both_in_one_message_leave_the_wish() -> None:
    assert without_manual_work("转人工问下人工费").count("人工") == 1
