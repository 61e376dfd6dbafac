"""A word typed with another of the same sound is read, and nothing else is changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.core.sounds import Homophones, sound_of

WORDS = ("白色", "武汉", "苏州", "膨润土", "多少钱", "包邮", "发票", "说明书", "折叠桌", "x3")
SPOKEN = Homophones(WORDS)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("百色的还有吗", "白色的还有吗"),
        ("发武汗几天", "发武汉几天"),
        ("书州能到不", "苏州能到不"),
        ("膨闰土怎么卖", "膨润土怎么卖"),
        ("多小钱一张", "多少钱一张"),
        ("包油不 能开发飘不", "包邮不 能开发票不"),
        ("哲叠桌有货吗", "折叠桌有货吗"),
        ("稣州", "苏州"),
    ],
)
def test_a_word_of_the_same_sound_is_written_as_the_one_meant(said: str, meant: str) -> None:
    assert SPOKEN.respelled(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "白色的发武汉多少钱",  # nothing is mistyped
        "败絮",  # sounds otherwise
        "我要五罕",  # not one character is the same
        "x4有吗",
        "",
        "👍👍 OK",
    ],
)
def test_other_text_stays_as_it_is(said: str) -> None:
    assert SPOKEN.respelled(said) == said


def test_a_longer_word_goes_before_one_that_it_begins_with() -> None:
    assert Homophones(["包邮", "包邮吗"]).respelled("包油吗") == "包邮吗"


def test_sounds_that_many_do_not_tell_apart_are_one() -> None:
    assert sound_of("上色") == sound_of("桑涩")
    assert sound_of("林") == sound_of("零")
    assert sound_of("武汉") != sound_of("无锡")


@given(st.text(max_size=60))
def test_length_is_kept_and_once_is_enough(text: str) -> None:
    """Spans of slots in the respelled text hold in the customer's."""
    once = SPOKEN.respelled(text)
    assert len(once) == len(text)
    assert SPOKEN.respelled(once) == once
