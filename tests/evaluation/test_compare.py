"""Saved runs: read as they were written, compared only over the same questions, shown without a stranger's markup."""

from __future__ import annotations

import json

import pytest

from kefu.errors import BadInput
from kefu.evaluation.compare import compare_runs, neighbours
from kefu.evaluation.ladder_html import run_page
from kefu.evaluation.ladder_text import run_text
from kefu.evaluation.measured import Measured, Price, Row
from kefu.evaluation.runs import Run, read_run, write_run


def intents(rung: str, rights: list[bool], asks: str = "q") -> Measured:
    rows = [
        Row(f"{asks}{n}", "a<b>", "a<b>" if right else "c", right, ms=10.0 * n, calls=1, prompt_tokens=40,
            completion_tokens=2, near=("像", "c") if not right else (), again=(right, True))
        for n, right in enumerate(rights)
    ]  # fmt: skip
    return Measured("intent", rung, "base", tuple(rows))


SLOTS = Measured(
    "slots", "local", "", (Row("买两件", '{"n": "两件"}', "{}", right=False, marks={"n": "missed"}, invented=("n",)),)
)
IDENTITY = Measured("identity", "base", "base", (Row("你是谁", "either", "我是Qwen", False, "direct, zh", leak=True),))
ONE = Run("demo", "abc", 12, (intents("base, short", [True] * 4 + [False] * 6), SLOTS, IDENTITY),
          {"base": Price(0.001, 0.002)}, "CNY", (("intent", "tuned, short", "refused"),))  # fmt: skip
OTHER = Run("demo", "abc", 12, (intents("base, short", [True] * 10), intents("tuned, short", [True] * 9 + [False])))


def test_a_run_is_read_as_it_was_written(tmp_path):
    write_run(tmp_path / "run.json", ONE)
    assert read_run(tmp_path / "run.json") == ONE
    figures = json.loads((tmp_path / "run.json").read_bytes())["measured"][0]["figures"]
    assert figures["accuracy"][0] == 0.4


@pytest.mark.parametrize("text", ["", "[]", '{"format": 99}', '{"format": 1}', "{"])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BadInput, match=r"x\.json"):
        read_run(tmp_path / "x.json")


def test_the_same_rung_of_two_runs_is_compared_exactly():
    (found,) = compare_runs(ONE, OTHER)
    assert (found.before, found.after, found.won, found.lost, found.total) == (0.4, 1.0, 6, 0, 10)
    assert found.p == pytest.approx(2 / 64)
    assert found.points == pytest.approx(60)


def test_two_named_rungs_are_compared():
    found = compare_runs(ONE, OTHER, [("base, short", "tuned, short")])[1]
    assert (found.one, found.other, found.won, found.lost) == ("base, short", "tuned, short", 5, 0)
    with pytest.raises(BadInput, match="No section"):
        compare_runs(ONE, OTHER, [("base, short", "tuned")])


def test_other_questions_cannot_be_compared():
    with pytest.raises(BadInput, match="did not answer the same"):
        compare_runs(ONE, Run("demo", "x", 1, (intents("base, short", [True] * 10, "r"),)))
    with pytest.raises(BadInput, match="no rung in common"):
        compare_runs(ONE, Run("demo", "x", 1, ()))


def test_neighbours_are_compared_within_their_section():
    assert [(d.one, d.other) for d in neighbours(OTHER)] == [("base, short", "tuned, short")]
    assert neighbours(ONE) == []


def test_the_page_stands_alone_and_escapes_what_it_shows():
    page = run_page(ONE)
    assert "a<b>" not in page
    assert "a&lt;b&gt;" in page
    for part in ("<svg", "Confusion: base, short", "latency p95", "invented values", "direct, zh", "refused", "CNY"):
        assert part in page
    assert 'width="168.0"' in page, "a share of 0.4 takes 0.4 of 420"
    assert "http" not in page
    assert "<script" not in page


def test_the_terminal_shows_every_section_and_what_was_not_measured():
    text = run_text(ONE)
    for part in ("Intent: 10 questions", "Slots: 1 questions", "pass^2", "CNY of 1,000", "0/1, 1", "not measured"):
        assert part in text
