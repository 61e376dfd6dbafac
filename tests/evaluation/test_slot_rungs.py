"""Slots of a dialogue: what is right, what was never said, and what Dify's extractor makes of an answer."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from kefu.core.slots import Lexicon
from kefu.evaluation.climb import Pace, climb
from kefu.evaluation.frozen import FrozenRow
from kefu.evaluation.grounding import Grounding
from kefu.evaluation.measured import figures_of, slot_figures
from kefu.evaluation.slot_rungs import SlotTask, local_slot_rung, model_slot_rungs

NOW = datetime.fromisoformat("2026-11-20T14:00+08:00")
GROUNDING = Grounding(NOW, Lexicon.build(products={"赤刃": "赤刃 DDR5 内存条", "赤刃 ddr5 内存条": "赤刃 DDR5 内存条"}))
ROWS = (
    FrozenRow(
        "赤刃要两件，明天送到杭州", None, {"product": "赤刃", "quantity": "两件", "when": "明天", "place": "杭州"}
    ),
    FrozenRow("在吗", None, {"product": "", "quantity": "", "when": "", "place": ""}),
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("杭州", True),
        ("2件", True),
        ("2", True),
        ("2026-11-21", True),
        ("赤刃 DDR5 内存条", True),
        ("明 天", True),
        ("3", False),
        ("上海", False),
        ("2026-11-22", False),
        ("小米充电宝", False),
    ],
)
def test_a_value_is_said_if_it_stands_there_or_means_what_stands_there(value, said):
    assert GROUNDING.is_said(value, ROWS[0].spoken) is said


def test_a_number_must_stand_whole():
    assert not GROUNDING.is_said("20261", "订单202611220001")
    assert GROUNDING.is_said("202611220001", "订单202611220001")


def test_two_values_are_the_same_if_they_mean_the_same():
    assert GROUNDING.same("两件", "2 件")
    assert GROUNDING.same("明天下午", "2026-11-21 13:00/18:00")
    assert GROUNDING.same("杭州", "杭州市")
    assert not GROUNDING.same("两件", "三件")
    assert not GROUNDING.same("红色", "红色 L")


def answered(server, upstream, asks, *texts: str):
    """Figures and rows of the short rung and of Dify's prompt, when the model says ``texts`` in turn."""
    found = []
    task = SlotTask(ROWS, GROUNDING)
    for rung in model_slot_rungs(task, asks(), [("base", upstream), ("tuned", None)]):
        said = iter(texts)
        server.answers(reply=lambda body, said=said: next(said))
        found.append(climb(rung, task.held, Pace(), lambda *_: None))
    assert [one.rung for one in found] == ["base, short", "base, Dify's prompt"]
    return found


def values(measured) -> dict[str, float]:
    return {f.name: f.value for f in figures_of(measured)}


def test_right_wrong_missed_and_extra_values_are_counted(server, upstream, asks):
    first = {"product": "赤刃", "quantity": "两件", "when": "后天", "place": ""}
    second = {"product": "", "quantity": "", "when": "", "place": "北京"}
    whole = answered(server, upstream, asks, *(json.dumps(v, ensure_ascii=False) for v in (first, second)))[1]
    assert whole.rows[0].marks == {"product": "right", "quantity": "right", "when": "wrong", "place": "missed"}
    assert whole.rows[1].marks == {"place": "extra"}
    assert (whole.rows[0].invented, whole.rows[1].invented) == (("when",), ("place",))
    figures = values(whole)
    assert (figures["precision"], figures["recall"], figures["exact"]) == (0.5, 0.5, 0)
    assert figures["invented values"] == 0.5
    assert figures["node-valid"] == 1
    assert slot_figures(whole) == {"place": 0.0, "product": 1.0, "quantity": 1.0, "when": 0.0}


def test_an_answer_that_cannot_be_read_is_empty_for_dify_and_repaired_by_the_gateway(server, upstream, asks):
    """Dify's extractor never fails: it silently gives empty values."""
    short, whole = answered(server, upstream, asks, "product: 赤刃", '{"product": "赤刃"}')
    assert [row.unread for row in short.rows] == [True, False]
    assert values(short)["node-valid"] == 1
    assert [row.valid for row in whole.rows] == [False, False]
    assert whole.rows[0].got == "{}"


def test_the_gateway_drops_numbers_that_nobody_said(server, upstream, asks):
    said = json.dumps({"product": "", "quantity": "99999件", "when": "", "place": ""}, ensure_ascii=False)
    short, whole = answered(server, upstream, asks, said, said)
    assert values(short)["invented values"] == 0
    assert values(whole)["invented values"] == 1


def test_the_router_s_own_values_are_measured_without_a_model(sample_engine, sample_shop):
    snapshot = sample_engine.snapshots.of(sample_shop.id)
    task = SlotTask(ROWS, Grounding(NOW, snapshot.parts.lexicon))
    found = climb(local_slot_rung(task, snapshot, NOW), task.held, Pace(), lambda *_: None)
    assert {name: found.rows[0].marks[name] for name in ("quantity", "when", "place")} == dict.fromkeys(
        ("quantity", "when", "place"), "right"
    )
    assert values(found)["LLM calls"] == 0
