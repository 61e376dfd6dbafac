"""The ladder and its statistics, on a real small model server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))

from openai_server import OpenAIServer

from kefu.core.intents import Example, train
from kefu.core.rules import RuleSet
from kefu.core.upstreams import Upstream
from kefu.errors import BadInput
from kefu.evaluation.ladder import (
    Ask,
    Task,
    climb,
    figures_of,
    local_rungs,
    mcnemar,
    model_rungs,
    node_reading,
    pass_all,
    percentile,
)
from kefu.evaluation.ladder_html import ladder_page
from kefu.gateway.http import Pool

LEARNT = [
    *(
        Example(text, "ship")
        for text in ("怎么还不发货", "快点发货", "什么时候发货啊", "发货了吗", "催一下发货", "还没发货呢")
    ),
    *(Example(text, "stock") for text in ("还有货吗", "有没有现货", "红色有货吗", "库存多少", "现货有吗", "有货没有")),
]
HELD = [Example("快发货呀", "ship"), Example("有货吗亲", "stock"), Example("今天天气", "")]


@pytest.fixture
def task() -> Task:
    return Task.of(LEARNT, HELD, {"ship": "催发货", "stock": "库存<查询>"})


def test_local_rungs_cost_no_model_and_are_valid_for_dify(task):
    results = list(climb(task, local_rungs(task, RuleSet.build([]), train(task.learnt))))
    assert [result.name for result in results] == ["rules", "local"]
    figures = {f.name: f.value for f in figures_of(task, results[1])}
    assert (figures["LLM calls a question"], figures["node-valid"], figures["silent wrong class"]) == (0, 1, 0)
    assert results[1].hits(task.held)[:2] == [True, True]


def test_model_rungs_are_asked_once_counted_and_resumed_from_the_cache(task, tmp_path):
    """The server always says 2 (the first intent): valid in short prompts, unusable behind Dify's own prompt."""
    with OpenAIServer() as server:
        server.answers(pieces=("2",))
        pool = Pool()
        base = Upstream("base", "vllm", f"{server.url}/v1", "m")
        first = Ask(pool, tmp_path / "cache.jsonl")
        results = list(climb(task, model_rungs(task, first, base, None, "话术")))
        pool.close()
    assert [r.name for r in results] == [
        "prompt, all scripts",
        "prompt + retrieval",
        "base, short",
        "base, Dify's prompt",
    ]
    assert results[2].hits(task.held) == [True, False, False]
    tokens = [next(f.value for f in figures_of(task, r) if f.name == "tokens a question") for r in results]
    assert tokens[0] > tokens[2]
    with (tmp_path / "cache.jsonl").open("ab") as file:
        file.write(b'["half')
    again = Ask(Pool(), tmp_path / "cache.jsonl")
    resumed = list(climb(task, model_rungs(task, again, base, None, "话术")))
    assert [r.hits(task.held) for r in resumed] == [r.hits(task.held) for r in results]
    page = ladder_page(task, results)
    assert "库存<查询>" not in page
    assert page.count("<svg") == 3


def test_an_upstream_that_is_away_leaves_its_rung_out(task):
    said: list[str] = []
    away = Upstream("away", "vllm", "http://127.0.0.1:9/v1", "m", connect_timeout=0.2)
    assert list(climb(task, model_rungs(task, Ask(Pool()), None, away, ""), said.append)) == []
    assert "not measured" in said[-1]


def test_class_one_without_being_named_is_silent(task):
    assert node_reading(task, '{"category_id": "ship", "category_name": "催发货"}').valid
    assert node_reading(task, '{"category_id": "99", "category_name": "x"}').silent
    broken = node_reading(task, "催发货")
    assert (broken.valid, broken.silent) == (False, False)


def test_labels_that_nothing_is_known_of_are_refused():
    with pytest.raises(BadInput, match="Unknown label: x"):
        Task.of(LEARNT, [Example("a", "x")], {})


def test_statistics_have_their_textbook_values():
    assert mcnemar([True] * 10, [True] * 10) == 1.0
    assert mcnemar([False] * 6 + [True] * 4, [True] * 10) == pytest.approx(2 / 64)
    assert pass_all([[True, True], [True, False], [True, True], [True, True]]) == 0.5
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile([], 0.95) == 0
