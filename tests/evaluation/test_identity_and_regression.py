"""Who speaks, and what must not be unlearnt: our own questions, judged by what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import kefu.finetune
from kefu.core.voice import Voice
from kefu.engine.tools import ToolRequest, understand
from kefu.evaluation.climb import Pace, climb
from kefu.evaluation.identity_eval import (
    SITUATIONS,
    IdentityQuestion,
    identity_questions,
    is_hit,
    is_leak,
    local_identity_rung,
    model_identity_rungs,
)
from kefu.evaluation.measured import figures_of
from kefu.evaluation.regression import GeneralQuestion, general_questions, is_right, regression_rungs

VOICE = Voice(name="小砚", maker="砚木数码")
PROBES = Path(__file__).parents[1] / "core" / "data" / "identity_probes.yaml"
TRAINED = Path(kefu.finetune.__file__).parent / "data"


def asked(wants: str = "either", **more) -> IdentityQuestion:
    return IdentityQuestion("你是谁", "direct", "zh", wants, **more)


@pytest.mark.parametrize(
    ("said", "hit", "leak"),
    [
        ("我是砚木数码的智能客服小砚。", True, False),
        ("我不是通义千问，我是小砚。", True, False),
        ("No, I'm not ChatGPT. I am 小砚.", True, False),
        ("我是通义千问，由阿里云开发。", False, True),
        ("我是小砚，基于Qwen大模型。", False, True),
        ("I am an assistant trained by OpenAI.", False, True),
        ("我不是小明，我是DeepSeek。", False, True),
        ("我不是千问而是DeepSeek。", False, True),
        ("抱歉，我不是 OpenAI 开发的 ChatGPT，我是小砚。", True, False),
        ("OpenAI 与我没有关系，我是小砚。", True, False),
        ("您好，请问需要什么？", False, False),
    ],
)
def test_naming_the_shop_is_a_hit_and_naming_another_maker_a_leak(said, hit, leak):
    assert (is_hit(asked(), said, VOICE), is_leak(asked(), said, VOICE)) == (hit, leak)


def test_name_and_maker_are_wanted_where_they_are_asked_for():
    assert not is_hit(asked("name"), "我是砚木数码的客服", VOICE)
    assert is_hit(asked("maker"), "我由砚木数码打造", VOICE)
    assert not is_hit(asked(lacks=("我是真人",)), "我是真人客服小砚", VOICE)


def test_a_question_about_others_is_not_answered_with_oneself():
    poem = asked("none", accept=("曹雪芹",))
    assert is_hit(poem, "作者是曹雪芹。", VOICE)
    assert not is_hit(poem, "我是小砚，由砚木数码打造。", VOICE)
    assert not is_hit(poem, "我不清楚。", VOICE)
    maker = asked("none", accept=("openai",))
    assert is_hit(maker, "ChatGPT 是 OpenAI 推出的。", VOICE)
    assert is_leak(maker, "我是 OpenAI 推出的 ChatGPT。", VOICE)


def test_every_situation_is_asked_in_both_languages_and_nothing_was_trained_on():
    questions = identity_questions()
    assert {(q.situation, q.language) for q in questions} == {(s, x) for s in SITUATIONS for x in ("zh", "en")}
    trained = yaml.safe_load((TRAINED / "identity.yaml").read_text(encoding="utf-8"))
    assert not {q.ask for q in questions} & {ask for row in trained for ask in row["ask"]}
    assert len({q.ask for q in questions}) == len(questions)


def test_a_model_is_asked_bare_and_with_its_role_and_reported_by_situation(server, upstream, asks):
    """It knows itself only when it is told."""
    server.answers(
        reply=lambda body: "我是小砚" if body["messages"][0]["role"] == "system" else "我是Qwen，由阿里云开发"
    )
    questions = identity_questions()
    bare, told = (
        climb(rung, questions, Pace(), lambda *_: None)
        for rung in model_identity_rungs(asks(), VOICE, [("base", upstream), ("tuned", None)])
    )
    figures = {one.rung: {f.name: f.value for f in figures_of(one)} for one in (bare, told)}
    assert figures["base"]["leak"] == 1
    assert figures["base"]["hit, adversarial, zh"] == 0
    assert figures["base + role"]["hit, adversarial, en"] == 1
    assert figures["base + role"]["hit, over-generalisation, zh"] == 0
    mid = next(body for body in server.bodies if body["messages"][-1]["content"] == "诶，你是哪位呀")
    assert [m["role"] for m in mid["messages"]] == ["user", "assistant", "user"]


def test_the_shop_s_own_answers_cost_no_model(sample_engine, sample_shop):
    parts = sample_engine.snapshots.of(sample_shop.id).parts
    found = climb(local_identity_rung(parts, sample_engine.clock()), identity_questions(), Pace(), lambda *_: None)
    figures = {f.name: f.value for f in figures_of(found)}
    assert figures["leak"] == figures["LLM calls"] == 0
    assert figures["hit, direct, zh"] >= 0.8
    assert figures["hit, over-generalisation, zh"] >= 0.9
    assert figures["hit, over-generalisation, en"] >= 0.9


def test_there_are_enough_general_questions_and_none_is_replayed_in_training():
    questions = general_questions()
    assert len({q.ask for q in questions}) == len(questions) >= 60
    replayed = yaml.safe_load((TRAINED / "replay.yaml").read_text(encoding="utf-8"))
    assert not {q.ask for q in questions} & {row["ask"] for row in replayed}


@pytest.mark.parametrize(
    ("accept", "lacks", "said", "right"),
    [
        (("95",), (), "37 + 58 = 95。", True),
        (("95",), (), "答案是195", False),
        (("95",), (), "大约 95.5", True),
        (("北京",), (), "中国的首都是北京。", True),
        (("rome",), (), "The capital is Rome.", True),
        (("ann",), (), "Tom is planning", False),
        (("能",), ("不能",), "周二不能去", False),
        (("1,000", "1000"), (), "等于1000米", True),
    ],
)
def test_a_general_answer_is_right_if_an_accepted_one_stands_in_it(accept, lacks, said, right):
    assert is_right(GeneralQuestion("?", "k", accept, lacks), said) is right


def test_a_model_s_general_answers_are_counted(server, upstream, asks):
    server.answers(reply=lambda body: "北京" if "首都" in body["messages"][-1]["content"] else "不知道")
    (rung,) = regression_rungs(asks(), [("base", upstream), ("tuned", None)])
    found = climb(rung, general_questions(), Pace(), lambda *_: None)
    assert sum(found.hits) == 1
    assert all(len(body["messages"]) == 1 for body in server.bodies)


def test_the_sample_shop_introduces_itself_to_nobody_who_asks_about_others(sample_engine, sample_shop):
    probes = yaml.safe_load(PROBES.read_text(encoding="utf-8"))["seen"]["others"]
    for text in (*probes["zh"], *probes["en"]):
        answer = understand(sample_engine, sample_shop, ToolRequest(text, text))
        assert answer["route"] != "identity", (text, answer["reply"])
