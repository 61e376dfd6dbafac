"""Emotion, measured on sentences of our own, and what is done about it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.emotion import CALM, LEVELS, Emotion, EmotionSettings, read_emotion, soothe
from kefu.errors import BadInput

ROWS = list(csv.DictReader((Path(__file__).parent / "data" / "emotion.csv").read_text("utf-8").splitlines()))


def _score(level: str, split: str = "") -> tuple[float, float]:
    """(precision, recall) of ``level``."""
    rows = [row for row in ROWS if not split or row["split"] == split]
    pairs = Counter((row["level"], str(read_emotion(row["text"]).level)) for row in rows)
    right = pairs[level, level]
    said = sum(count for (_, found), count in pairs.items() if found == level)
    there = sum(count for (wanted, _), count in pairs.items() if wanted == level)
    return right / said, right / there


def test_the_set_is_large_enough_and_has_every_level() -> None:
    assert len({row["text"] for row in ROWS}) == len(ROWS) >= 200
    assert all(sum(row["level"] == level for row in ROWS) >= 30 for level in LEVELS)


@pytest.mark.parametrize("split", ["", "dev", "held", "test", "fresh"])
def test_angry_is_said_with_precision(split: str) -> None:
    """`test` was written after the word lists, `fresh` after the shapes of complaints: calls that name no bad word."""
    precision, recall = _score("angry", split)
    assert precision >= 0.9
    assert recall >= (0.6 if split == "fresh" else 0.8)


def test_the_other_levels_are_useful() -> None:
    assert min(_score("calm")) >= 0.85
    assert min(_score("urgent")) >= 0.8
    assert min(_score("dissatisfied")) >= 0.8


@pytest.mark.parametrize("split", ["dev", "held", "test", "fresh"])
def test_an_apology_is_rarely_out_of_place(split: str) -> None:
    """Of the sentences called dissatisfied; of those that are, half are found even where no bad word is said."""
    precision, recall = _score("dissatisfied", split)
    assert precision >= 0.85
    assert recall >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        *("鼠标垫大号和中号都有吗", "键盘鼠标都有货吗", "你是不是人工智能", "那我给我爸妈的账号充可以吗"),
        *("我的旧硬盘是SATA协议的能不能用", "券说不满足条件", "没来得及付款", "好吧那就这样吧", "标价就是卖价吗"),
    ],
)
def test_words_of_anger_inside_other_words_are_calm(text: str) -> None:
    assert read_emotion(text).level == "calm"


def test_evidence_is_the_customers_own_words() -> None:
    text = "　你们就是一群【骗子】！"
    found = read_emotion(text)
    assert found.level == "angry"
    assert found.span is not None
    assert "骗子" in text[found.span[0] : found.span[1]]
    assert all(word in text for word in found.evidence.split())


@pytest.mark.parametrize("text", ["", "   ", "？？？", "😀😀", "\u200b\u200b", "\ud800", "a" * 100_000])
def test_nothing_said_is_calm(text: str) -> None:
    assert read_emotion(text) == CALM


@pytest.mark.parametrize("text", ["我不想要了怎么取消", "不想买了", "十岁的狗 牙口不好 吃啥", "腰不好睡啥"])
def test_a_change_of_mind_and_a_trouble_of_one_s_own_are_no_complaint(text: str) -> None:
    assert read_emotion(text).level == "calm"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120), st.sampled_from(LEVELS))
def test_any_text_has_a_level_and_a_span_inside_it(text: str, previous: str) -> None:
    found = read_emotion(text, previous=previous)
    assert found.level in LEVELS
    assert found.span is None or 0 <= found.span[0] < found.span[1] <= len(text)


def test_anger_does_not_vanish_at_once() -> None:
    assert read_emotion("你们真垃圾", previous="calm").level == "angry"
    assert read_emotion("有点慢，催了", previous="angry").level == "dissatisfied"
    assert read_emotion("好的，谢谢", previous="angry").level == "calm"


def test_thresholds_are_the_shops() -> None:
    strict = EmotionSettings(angry=0.5)
    lenient = EmotionSettings(angry=50)
    assert read_emotion("骗人的", strict).level == "angry"
    assert read_emotion("你们就是骗子！！！", lenient).level == "dissatisfied"
    assert read_emotion("你们就是骗子！！！", EmotionSettings(enabled=False)) == CALM


def test_anger_is_soothed_and_handed_over() -> None:
    done = soothe(Emotion("angry"), 0)
    assert done.hand_off == "angry_customer"
    assert "抱歉" in done.sentence


def test_repeated_failure_is_handed_over_calm_or_not() -> None:
    assert soothe(CALM, 1).hand_off == ""
    assert soothe(CALM, 2).hand_off == "unknown_question"
    assert soothe(CALM, 2, EmotionSettings(repeats=3)).hand_off == ""


def test_the_level_that_calls_a_person_is_configurable() -> None:
    assert soothe(Emotion("dissatisfied"), 0).hand_off == ""
    assert soothe(Emotion("dissatisfied"), 0, EmotionSettings(hand_off_at="dissatisfied")).hand_off == "angry_customer"
    assert soothe(Emotion("angry"), 0, EmotionSettings(hand_off_at="never")).hand_off == ""


@pytest.mark.parametrize(
    "data",
    [
        {"angry": 0},
        {"angry": "2"},
        {"angry": True},
        {"repeats": 0},
        {"hand_off_at": "calm"},
        {"colour": 1},
        {"enabled": 1},
    ],
)
def test_wrong_settings_are_refused(data: dict) -> None:
    with pytest.raises(BadInput):
        EmotionSettings.from_dict(data)


@pytest.mark.parametrize(
    "text",
    [
        "空气炸锅烤几分钟",
        "气炸锅能做蛋糕吗",
        "天然气炸了怎么办",
        "燃气炸裂会赔吗",
        "暖气坏了能修吗",
        "充气人偶有货吗",
        "打气坏掉了",
    ],
)
def test_air_and_gas_are_no_temper(text: str) -> None:
    assert read_emotion(text).level not in ("angry", "dissatisfied")


@pytest.mark.parametrize("text", ["气炸了", "你们快把我气炸了", "我真的气坏了", "生气死了你们"])
def test_a_temper_is_one(text: str) -> None:
    assert read_emotion(text).level in ("angry", "dissatisfied")


@pytest.mark.parametrize("text", ["没货还卖个什么", "么得货还挂起干啥", "没有货你们还上架"])
def test_what_is_offered_without_stock_is_complained_of(text: str) -> None:
    assert read_emotion(text).level == "dissatisfied"


@pytest.mark.parametrize("text", ["没货了还卖吗", "没货就是卖完了吧", "有没有货卖"])
def test_a_question_for_stock_is_no_complaint(text: str) -> None:
    assert read_emotion(text).level == "calm"
