"""Who is meant by a question: the assistant, or somebody else?"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kefu.core.identity import asked_about
from kefu.core.voice import Voice, identity_answer

PROBES = yaml.safe_load((Path(__file__).parent / "data" / "identity_probes.yaml").read_text(encoding="utf-8"))
LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("text", [text for language in LANGUAGES for text in PROBES["seen"]["others"][language]])
def test_a_question_about_others_is_none_about_oneself(text):
    assert asked_about(text).kind == ""
    assert identity_answer(text, Voice("小砚", "砚木数码")) == ""


@pytest.mark.parametrize("text", [text for language in LANGUAGES for text in PROBES["seen"]["oneself"][language]])
def test_a_question_about_the_assistant_is_known_without_any_learning(text):
    assert asked_about(text).kind


@pytest.mark.parametrize(("of", "least"), [("others", 1.0), ("oneself", 0.85)])
def test_questions_that_were_not_looked_at_are_read_as_well(of, least):
    texts = [text for language in LANGUAGES for text in PROBES["held_out"][of][language]]
    right = [bool(asked_about(text).kind) == (of == "oneself") for text in texts]
    assert sum(right) / len(texts) >= least


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你是谁", "name"),
        ("你是谁呀？", "name"),
        ("您怎么称呼", "name"),
        ("你叫什么名字", "name"),
        ("介绍一下你自己", "name"),
        ("Who are you?", "name"),
        ("你是机器人吗", "human"),
        ("你是人吗", "human"),
        ("谁开发的你", "maker"),
        ("你是哪家公司开发的", "maker"),
        ("Who created you", "maker"),
        ("你是ChatGPT吗", "model"),
        ("你是不是通义千问", "model"),
        ("你用的什么大模型", "model"),
        ("你好", ""),
        ("你们是哪里发货", ""),
        ("这是谁的订单", ""),
        ("有现货吗", ""),
        ("你家卖通义听悟会员吗", ""),
        ("机器人多少钱", ""),
        ("你是谁" + "啊" * 90, ""),
        ("你是真人还是机器人", "human"),
        ("跟我聊天的是程序吗", "human"),
        ("你用的是千问吧", "model"),
        ("你的底层模型是什么", "model"),
        ("谁训练了你", "maker"),
        ("你的主人是谁", "maker"),
        ("怎么称呼您", "name"),
        ("对了，你叫什么来着", "name"),
        ("are you a bot", "human"),
        ("are you based on GPT-4?", "model"),
        ("who trained you", "maker"),
        ("what's your name", "name"),
    ],
)
def test_what_is_asked_about_the_assistant(text, kind):
    assert asked_about(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "叫老板来",
        "说了半天你还是不懂，叫人",
        "用的啥快递",
        "真人还是机器",
        "有实体店吗，你们是哪里发货",
        "你是不是发错货了",
    ],
)
def test_words_of_the_same_look_ask_for_something_else(text):
    assert asked_about(text).kind == ""


def test_a_learnt_reading_is_believed_only_where_nobody_else_is_named():
    assert asked_about("你们老板叫什么").others
    assert asked_about("这款键盘是谁家生产的").others
    assert not asked_about("你几岁了").others
    assert not asked_about("真人还是机器").others
