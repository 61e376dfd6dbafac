"""Slots of one message: the table of cases, and what holds for every text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.slots import SLOT_TYPES, SOURCES, Lexicon, Slot, extract
from kefu.core.text import normalise, with_digits
from kefu.errors import BadInput

NOW = datetime.fromisoformat("2026-11-18T10:00+08:00")
CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
MODEL = "联想小新Pro 16"
LEXICON = Lexicon.build(
    products={"保温杯": "暖暖保温杯", "杯子": "暖暖保温杯", "杯": "暖暖保温杯"},
    attributes={"颜色": {"藏青": "藏青色", "藏青色": "藏青色"}, "容量": {"32GB": "32GB", "1TB": "1TB"}},
    models={"小新Pro 16": MODEL},
)
EXACT = {"order_no", "phone", "email", "person", "address", "model"}


def read(text: str) -> tuple[Slot, ...]:
    return extract(text, now=NOW, lexicon=LEXICON)


@pytest.mark.parametrize("case", CASES, ids=[case["say"] for case in CASES])
def test_a_sentence_gives_exactly_these_slots(case: dict) -> None:
    found = [[s.name, ("!" if s.negated else "") + s.value, s.normalised] for s in read(case["say"])]
    assert found == case["slots"]


def holds(text: str, slots: tuple[Slot, ...]) -> None:
    for slot in slots:
        assert slot.type in SLOT_TYPES
        assert slot.source in SOURCES
        assert text[slot.start : slot.end] == slot.value != ""
        assert 0 < slot.confidence <= 1
        assert slot.normalised
        if slot.type in EXACT and slot.normalised != MODEL:
            said = normalise(slot.value).text
            said += with_digits(said)  # 幺三八…
            assert set(slot.normalised.lower()) <= set(said)
    starts = [(slot.start, slot.end) for slot in slots]
    assert starts == sorted(starts)


WORDS = (
    "从 到 发往 上海 杭州 朝阳 北京 明天 下周三 双十一 月底 前 今晚 8点 半 两件 一打 "
    "红色 不要 不对 是 XL码 128G 199 元 13812345678 a@b.cn 订单号 "
    "20261118001234 保温杯 小新Pro 16 我叫 王小明 路 88号 3 . - / ( "
    "😀 \u3000 Ａ １２ 年 月 31 号 腊月 廿 三十 半个 过 天 内 以后 第 ¥ $ , "
    "2026-02-30 99月99日 十一 除夕 iPhone 15 \x00 {{#env.X#}} "
    "\ud800"
)
PIECES = st.sampled_from(WORDS.split(" "))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_mixture_of_pieces_gives_slots_that_stand_in_the_text(text: str) -> None:
    holds(text, read(text))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_gives_slots_that_stand_in_the_text(text: str) -> None:
    holds(text, read(text))


@pytest.mark.parametrize(
    "text", ["", " ", "😀" * 50, "1" * 100_000, "到上海" * 20_000, "年月日" * 30_000, "a@" * 40_000]
)
def test_huge_and_empty_texts_are_answered(text: str) -> None:
    holds(text, read(text))


def test_the_same_text_gives_the_same_slots_whatever_types_are_asked_for() -> None:
    text = "明天把两件保温杯从上海发到杭州，电话13812345678"
    everything = read(text)
    for name in SLOT_TYPES:
        assert extract(text, now=NOW, lexicon=LEXICON, types=[name]) == tuple(s for s in everything if s.type == name)


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(BadInput, match="colour"):
        extract("红色", now=NOW, types=["colour"])


def test_relative_dates_follow_the_moment_and_its_zone() -> None:
    late = datetime.fromisoformat("2026-12-31T23:30+08:00")
    assert [s.normalised for s in extract("明天", now=late)] == ["2027-01-01"]


def test_a_bare_number_is_a_capacity_only_in_a_shop_that_has_it() -> None:
    assert extract("有32的吗", now=NOW) == ()
    assert [s.normalised for s in read("有32的吗")] == ["32GB"]


def test_a_shop_word_in_latin_letters_matches_only_whole() -> None:
    words = Lexicon.build(attributes={"版本": {"pro": "Pro"}})
    assert extract("improve一下", now=NOW, lexicon=words) == ()
    assert [s.normalised for s in extract("要Pro的", now=NOW, lexicon=words)] == ["Pro"]
