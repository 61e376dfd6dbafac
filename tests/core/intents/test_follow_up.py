"""Short follow-ups keep the intent that was talked about; a new topic or a mere “好的” does not."""

from __future__ import annotations

import pytest

from kefu.core.intents.follow_up import leans_on_the_past


@pytest.mark.parametrize("text", ["那蓝的呢", "大号呢", "那要是小码呢"])
def test_a_short_follow_up_keeps_the_intent(model, text):
    result = model.classify(text, ("你好", "白色的有现货没还有货吗"))
    assert result.label == "stock"


def test_a_carried_intent_is_less_sure_and_says_where_it_comes_from(model):
    topic = model.classify("还有货吗白色的有现货没")
    result = model.classify("那浅咖色呢", ("还有货吗白色的有现货没",))
    assert (result.label, result.source, result.unknown) == ("stock", "history", False)
    assert result.confidence < topic.confidence


def test_a_full_message_stands_for_itself(model):
    assert model.classify("电子发票在哪里下载啊", ("白色的有现货没",)).label == "invoice"


@pytest.mark.parametrize("text", ["好的", "好的谢谢", "嗯嗯", "谢谢你", "知道了"])
def test_an_acknowledgement_carries_nothing_over(model, text):
    assert not leans_on_the_past(text)
    assert model.classify(text, ("白色的有现货没",)).source == "local"


def test_an_unknown_message_before_gives_no_topic(model):
    assert model.classify("那绿的呢", ("世界杯最后是谁赢了呀",)).source == "local"
