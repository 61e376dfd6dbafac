"""doctor on the shop's own questions: what they cost, who reaches a person and why, what tuning moved."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.engine import Engine
from kefu.errors import BadInput
from kefu.evaluation.measured import Measured, Row
from kefu.evaluation.own_questions import Cost, ask_all, line_of, tuning_line, were_asked
from kefu.evaluation.runs import Run
from kefu.store.conversations import TurnRecord, list_turns
from kefu.store.shops import Shop


def ask(engine: Engine, shop: Shop, path: Path) -> list[Cost]:
    return ask_all(engine, shop, path, lambda _done: None)


def test_questions_are_decided_as_customers_would_be_answered_and_recorded_nowhere(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "own.txt"
    path.write_text("请发货\n平川鼠标垫大号有货吗\n内存条怎么装\n转人工\n", encoding="utf-8")
    costs = ask(sample_engine, sample_shop, path)
    assert [(cost.route, cost.calls) for cost in costs] == [("rule", 0), ("stock", 0), ("knowledge", 1), ("human", 0)]
    assert costs[-1].handoff_reason == "customer_request"
    with sample_engine.db.read() as connection:
        assert list_turns(connection, sample_shop.id) == []


def test_rows_of_one_conversation_follow_each_other(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("query,conversation\n灵雀L1白色有吗,a\n那黑色的呢,a\n那黑色的呢,\n", encoding="utf-8")
    assert [cost.route for cost in ask(sample_engine, sample_shop, path)][:2] == ["stock", "stock"]


@pytest.mark.parametrize("content", [b"", b" \n\n", "请发货".encode("gbk")])
def test_a_text_without_questions_or_in_another_encoding_is_refused(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        ask(sample_engine, sample_shop, path)


def test_the_line_counts_calls_and_names_what_nobody_knew() -> None:
    costs = [
        Cost("请发货", "rule", 0),
        Cost("怎么装", "knowledge", 1),
        Cost("猫粮有吗", "human", 0, "unknown_question"),
    ]
    line = line_of(costs, "questions of own.txt")
    assert (line.status, "猫粮有吗" in line.fix) == ("warn", True)
    assert "For a model 怎么装: ./kefu chat --material" in line.fix
    assert "请发货" not in line.fix
    assert "0 LLM calls 2 (67 %)" in line.detail
    assert "1 call 1 (33 %), never more" in line.detail
    assert "a person 1 (33 %): unknown_question 1" in line.detail


def test_a_long_question_is_cut_and_stays_in_its_line() -> None:
    line = line_of([Cost("我要\n" + "很长" * 60, "human", 0, "unknown_question")], "turns")
    assert f"Nobody knew 我要 {'很长' * 18}很…: write rules" in line.fix


def test_more_than_one_call_is_a_warning_and_no_question_says_what_to_do() -> None:
    assert line_of([Cost("怎么装", "knowledge", 3)], "turns").status == "warn"
    assert "--questions FILE" in line_of([], "turns").fix
    assert line_of([Cost("请发货", "rule", 0)], "turns").status == "ok"


def test_recorded_turns_count_what_they_really_cost_and_leave_out_where_the_bot_was_silent() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    turns = [
        TurnRecord("c1", at, route, "怎么装", llm_calls=calls)
        for route, calls in (("llm", 2), ("human_active", 0), ("miss", 0))
    ]
    assert were_asked(turns) == [Cost("怎么装", "llm", 2)]


def test_turns_that_kefu_local_answered_for_a_model_are_told() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    costs = were_asked([TurnRecord("c1", at, "knowledge", "怎么装", detail={"needs_llm": True})])
    said = line_of([*costs, Cost("请发货", "rule", 0)], "turns").detail
    assert said.startswith("2 turns: 0 LLM calls 1 (50 %) (rule 1), 1 call 0 (0 %), never more; 1 (50 %) for 1 call")
    assert "answered by kefu-local without one" in said
    assert line_of(costs, "turns").detail.startswith("1 turns: 0 LLM calls 0 (0 %), 1 call")
    assert "kefu-local" not in line_of([Cost("请发货", "rule", 0)], "turns").detail


def test_tuning_is_told_by_the_run_of_the_ladder() -> None:
    def rung(name: str, got: str) -> Measured:
        return Measured("intent", name, "m", (Row("a", "stock", got, right=got == "stock"),))

    run = Run("demo", "set", 0, (rung("base, short", "price"), rung("tuned, short", "stock")))
    assert tuning_line(run).detail == "intent F1 0.000 → 1.000 (1 questions)"
    assert tuning_line(Run("demo", "set", 0, (rung("base, short", "price"),))).status == "warn"
    assert "eval ladder" in tuning_line(None).fix
