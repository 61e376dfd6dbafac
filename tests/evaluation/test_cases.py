"""The conversations that the sample shop must hold, and that a wrong case says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.engine import Engine
from kefu.errors import BadInput
from kefu.evaluation.cases import check, failures, load_cases, run_case
from kefu.store.shops import Shop

CASES = Path(__file__).resolve().parents[1] / "cases"
ACCEPTANCE = load_cases(CASES / "acceptance.yaml")


@pytest.mark.parametrize("case", ACCEPTANCE, ids=lambda case: case.id)
def test_the_sample_shop_holds_the_acceptance_conversations(case, sample_engine: Engine, sample_shop: Shop) -> None:
    outcomes = list(run_case(sample_engine, sample_shop, case))
    assert failures(outcomes, CASES / "acceptance.yaml") == []


def test_a_failure_names_file_line_and_what_was_wrong(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("- id: a\n  turns:\n    - {say: 请发货, route: stock, reply_contains: [不存在的字]}\n")
    [line] = failures(list(run_case(sample_engine, sample_shop, load_cases(path)[0])), path)
    assert line.startswith("wrong.yaml:3 [a] “请发货” → route rule, expected stock; the reply lacks “不存在的字”")


def test_an_unknown_expectation_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("- id: a\n  turns:\n    - {say: 请发货, rote: stock}\n")
    with pytest.raises(BadInput, match="line 3: rote"):
        load_cases(path)


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("id: a\n")
    with pytest.raises(BadInput, match="list of cases"):
        load_cases(path)


def test_nothing_is_checked_that_is_not_expected(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "free.yaml"
    path.write_text("- id: a\n  turns:\n    - {say: 随便说说}\n")
    [outcome] = run_case(sample_engine, sample_shop, load_cases(path)[0])
    assert list(check(outcome.case, outcome.expected, outcome.decision)) == []
