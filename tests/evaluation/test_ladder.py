"""Rungs of intents on a real small model server, behind Dify's own parser."""

from __future__ import annotations

import pytest

from kefu.core.intents import Example, train
from kefu.core.rules import Pattern, Rule, RuleSet
from kefu.core.upstreams import Upstream
from kefu.errors import BadInput
from kefu.evaluation.climb import Pace, climb
from kefu.evaluation.frozen import FrozenRow
from kefu.evaluation.intent_rungs import Task, local_rungs, model_rungs, node_reading
from kefu.evaluation.measured import Measured, Price, Row, figures_of, mcnemar, percentile
from kefu.gateway.errors import UpstreamError

LEARNT = [
    *(
        Example(text, "ship")
        for text in ("怎么还不发货", "快点发货", "什么时候发货啊", "发货了吗", "催一下发货", "还没发货呢")
    ),
    *(Example(text, "stock") for text in ("还有货吗", "有没有现货", "红色有货吗", "库存多少", "现货有吗", "有货没有")),
]
HELD = [FrozenRow("快发货呀", "ship"), FrozenRow("有货吗亲", "stock"), FrozenRow("今天天气", "")]
ONCE = Pace()


def quiet(*_: object) -> None: ...


@pytest.fixture
def task() -> Task:
    return Task.of(LEARNT, HELD, {"ship": "催发货", "stock": "库存<查询>"})


def values(measured: Measured, *price: Price) -> dict[str, float]:
    return {f.name: f.value for f in figures_of(measured, *price)}


def test_local_rungs_cost_no_model_and_are_valid_for_dify(task):
    rules = RuleSet.build([Rule("r", (Pattern("keywords", any=("发货",)),), ("马上～",))])
    found = [climb(rung, task.held, ONCE, quiet) for rung in local_rungs(task, rules, train(task.learnt))]
    assert [one.rung for one in found] == ["rules", "local"]
    assert found[0].hits == [True, False, True]
    assert found[1].hits[:2] == [True, True]
    figures = values(found[1])
    assert (figures["LLM calls"], figures["node-valid"], figures["silent wrong class"]) == (0, 1, 0)


def test_the_same_answer_is_valid_in_the_short_question_and_unusable_behind_dify_s_prompt(task, server, upstream, asks):
    """The server always says 2, the number of the first intent."""
    server.answers(pieces=("2",))
    rungs = model_rungs(task, asks(), upstream, None, "话术")
    assert [rung.name for rung in rungs] == [
        "prompt, all scripts", "prompt + retrieval", "base, short", "base, Dify's prompt",
    ]  # fmt: skip
    found = [climb(rung, task.held, ONCE, quiet) for rung in rungs]
    assert found[2].hits == [True, False, False]
    assert values(found[2])["node-valid"] == 1
    assert (values(found[3])["node-valid"], values(found[3])["silent wrong class"]) == (0, 0)
    assert all(row.unread for row in found[3].rows)


def test_what_was_said_before_is_in_both_prompts(server, upstream, asks):
    held = [FrozenRow("那黑色的呢", "stock", before=(("K3 键盘有货吗", "有的，请问哪个颜色？"),))]
    task = Task.of(LEARNT, held, {})
    for rung in model_rungs(task, asks(), upstream, None, ""):
        climb(rung, task.held, ONCE, quiet)
    assert all("K3 键盘有货吗" in str(body["messages"]) for body in server.bodies)


def test_a_prompt_shows_all_scripts_and_no_more_examples_than_the_context_holds(server, asks):
    small = Upstream("small", "vllm", f"{server.url}/v1", "m", context_size=560)
    many = [*LEARNT, *(Example(f"第{n}个不一样的发货问题", "ship") for n in range(200))]
    task = Task.of(many, HELD, {})
    climb(model_rungs(task, asks(), small, None, "满99包邮")[0], task.held[:1], ONCE, quiet)
    system = server.bodies[0]["messages"][0]["content"]
    assert "满99包邮" in system
    shown = [line for line in system.splitlines() if line.startswith(("ship：", "stock："))]
    assert {line.partition("：")[0] for line in shown} == {"ship", "stock"}
    assert len(shown) < 20


def test_a_question_is_repeated_and_counts_as_passed_only_if_it_is_right_each_time(task, server, upstream, asks):
    answers = iter(["2", "2", "2", "3", *["3"] * 9])
    server.answers(reply=lambda body: next(answers))
    short = model_rungs(task, asks(), upstream, None, "")[2]
    found = climb(short, task.held, Pace(repeat=4, repeated=2), quiet)
    assert [row.again for row in found.rows] == [(True, True, True, False), (True, True, True, True), ()]
    assert values(found)["pass^4"] == 0.5
    assert found.hits == [True, True, False]


def test_several_workers_answer_in_the_order_of_the_questions(server, upstream, asks):
    held = [FrozenRow(f"问题{n}", "ship") for n in range(20)]
    task = Task.of(LEARNT, held, {})
    found = climb(model_rungs(task, asks(), upstream, None, "")[2], task.held, Pace(workers=5), quiet)
    assert [row.ask for row in found.rows] == [row.text for row in held]


def test_progress_is_told_after_each_question(task):
    told: list[tuple[str, int, int]] = []
    rules = local_rungs(task, RuleSet.build([]), train(task.learnt))[0]
    climb(rules, task.held, Pace(), lambda *step: told.append(step))
    assert told == [("intent: rules", n, 3) for n in (1, 2, 3)]


def test_an_upstream_that_is_away_is_an_error_of_its_rung(task, asks):
    away = Upstream("away", "vllm", "http://127.0.0.1:9/v1", "m", connect_timeout=0.2)
    rung = model_rungs(task, asks(wait=quiet), None, away, "")[0]
    with pytest.raises(UpstreamError):
        climb(rung, task.held, ONCE, quiet)


def test_class_one_without_being_named_is_silent(task):
    assert node_reading(task.classes, '{"category_id": "ship", "category_name": "催发货"}').valid
    assert node_reading(task.classes, '{"category_id": "99", "category_name": "x"}').silent
    broken = node_reading(task.classes, "催发货")
    assert (broken.valid, broken.silent) == (False, False)


def test_a_wrong_answer_shows_the_learnt_sentence_that_is_nearly_the_same(server, upstream, asks):
    task = Task.of(LEARNT, [FrozenRow("红色有货吗亲", "ship")], {})
    server.answers(pieces=("3",))
    row = climb(model_rungs(task, asks(), upstream, None, "")[2], task.held, ONCE, quiet).rows[0]
    assert row.near == ("红色有货吗", "stock")


def test_a_held_sentence_is_not_learnt_with_another_punctuation_either():
    task = Task.of(LEARNT, [FrozenRow(f"{LEARNT[0].text}？！", LEARNT[0].label)], {})
    assert LEARNT[0] not in task.learnt
    assert len(task.learnt) == len(LEARNT) - 1


def test_nothing_to_measure_is_refused():
    with pytest.raises(BadInput, match="nothing to measure"):
        Task.of(LEARNT, [], {})


def test_cost_counts_both_sides_at_their_price():
    row = Row("a", "x", "x", right=True, calls=1, prompt_tokens=500, completion_tokens=100)
    measured = Measured("intent", "base, short", "base", (row, row))
    assert values(measured, Price(0.002, 0.01))["cost of 1,000"] == pytest.approx(1000 * (0.001 + 0.001))


def test_statistics_have_their_textbook_values():
    assert mcnemar([True] * 10, [True] * 10) == 1.0
    assert mcnemar([False] * 6 + [True] * 4, [True] * 10) == pytest.approx(2 / 64)
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile([], 0.95) == 0
