"""Scoring slots against marked sentences."""

from __future__ import annotations

from datetime import datetime

import pytest

from kefu.errors import BadInput
from kefu.evaluation.slots import Tally, score

NOW = datetime.fromisoformat("2026-11-18T10:00+08:00")


def marked(text: str, *slots: tuple[str, str]) -> dict[str, object]:
    places = [
        {"type": kind, "start": text.index(value), "end": text.index(value) + len(value)} for kind, value in slots
    ]
    return {"text": text, "slots": places}


def test_right_spurious_and_overlooked_slots_are_counted_once_for_each_text() -> None:
    rows = [
        marked("明天从上海发到杭州", ("date", "明天"), ("from_city", "上海"), ("to_city", "杭州")),
        marked("明天从上海发到杭州", ("date", "明天"), ("from_city", "上海"), ("to_city", "杭州")),
        marked("后天到南京", ("to_city", "南京")),
        marked("晴天在北京", ("date", "晴天")),
    ]
    result = score(rows, now=NOW, types=["date", "from_city", "to_city"])
    assert result.types["date"] == Tally(right=1, spurious=1, overlooked=1)
    assert result.types["to_city"] == Tally(right=2)
    assert result.cities == Tally(right=3, spurious=1)
    assert (result.pairs, result.pairs_right) == (1, 1)


def test_a_pair_is_right_by_the_divisions_that_are_meant_and_by_the_marked_words() -> None:
    rows = [
        marked("从杭州市寄到苏州", ("from_city", "杭州"), ("to_city", "苏州")),
        marked("从杭州市寄到无锡", ("from_city", "杭州"), ("to_city", "锡")),
    ]
    result = score(rows, now=NOW, types=["from_city", "to_city"])
    assert (result.pairs, result.pairs_right, result.pairs_meant) == (2, 0, 1)


def test_the_smp_names_of_slots_are_understood() -> None:
    row = {"text": "到南京", "slots": [{"name": "endLoc_city", "start": 1, "end": 3}]}
    assert score([row], now=NOW, types=["to_city"]).types["to_city"].f1 == 1


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert Tally().f1 == 1


def test_a_row_without_slots_is_refused() -> None:
    with pytest.raises(BadInput, match="slots"):
        score([{"text": "好", "slots": None}], now=NOW, types=["date"])
