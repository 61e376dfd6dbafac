"""A meaning is near another when two sentences say the same, whatever the words, and anything can be read."""

from __future__ import annotations

import numpy as np
import pytest

from kefu.core.intents.features import clean
from kefu.core.intents.meaning import Meaning, shipped

ZH = [
    ("什么时候能发货", "多久可以寄出来", "发票抬头写错了"),
    ("这个多少钱", "请问价格是多少", "我想换个颜色"),
    ("东西坏了怎么修", "出故障了能维修吗", "能便宜一点吗"),
    ("帮我找个人工", "我要跟真人客服讲话", "快递到哪里了"),
    ("我不想要了，把钱退给我", "申请退款", "有没有大一号的"),
    ("货还在路上吗", "查一下我的物流", "你叫什么名字"),
]
EN = [
    ("where is my parcel", "track the delivery of my package", "i want to change my password"),
    ("how much does it cost", "what is the price", "my screen is broken"),
    ("i would like my money back", "can i get a refund", "do you ship abroad"),
    ("someone stole my card", "my card was stolen", "how do i top up"),
]


@pytest.fixture(scope="module", params=["zh", "en"])
def meaning(request: pytest.FixtureRequest) -> Meaning:
    return shipped(request.param)


@pytest.mark.parametrize(
    ("language", "one", "same", "other"), [*(("zh", *row) for row in ZH), *(("en", *row) for row in EN)]
)
def test_other_words_for_the_same_lie_nearer_than_another_question(language, one, same, other):
    vectors = shipped(language).of_all([clean(text) for text in (one, same, other)])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_a_sentence_means_the_same_alone_and_among_others(meaning):
    texts = [clean(text) for text in ("你好", "几点发货", "在吗", "where is it", "how much is it", "0 0 0")]
    for text, among in zip(texts, meaning.of_all(texts), strict=True):
        assert np.allclose(meaning.of_all([text])[0], among, atol=1e-5)


@pytest.mark.parametrize("text", ["", "x", "的", "é", "привет", "ツ", "龘", "a" * 300, "好" * 300, "0", "好 a 0 " * 40])
def test_anything_can_be_read(meaning, text):
    vector = meaning.of_all([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1 if text else 0, abs=1e-5)


def test_nothing_is_read_beyond_the_last_place(meaning):
    start = "好" * len(meaning.places)
    assert np.allclose(meaning.of_all([start])[0], meaning.of_all([start + "坏"])[0], atol=1e-6)
