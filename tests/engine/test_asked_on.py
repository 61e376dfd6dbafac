"""What is asked on about a sentence that a rule has said."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

SENTENCE = "收据在小程序里申请，个人和单位都能写，一般2-4个工作日寄出，挂号信。"
RULES = f"编号,句子,任一关键词,回复\nreceipt,,纸质收据,{SENTENCE}\n"


@pytest.fixture
def office(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with a rule for receipts."""
    path = tmp_path / "rules.csv"
    path.write_text(RULES, encoding="utf-8")
    assert run_import(sample_engine.db, sample_shop.id, KINDS["rules"], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["个人的呢", "那单位呢", "多久能寄出", "几天寄出呀"])
def test_a_sentence_that_has_the_answer_is_said_again(sample_engine: Engine, office: Shop, text: str) -> None:
    *_, told = talk(sample_engine, office, "有纸质收据吗", text)
    assert told["reply"] == SENTENCE, told
    assert SENTENCE in told["context"]


def test_it_is_still_what_is_spoken_of_after_another_question(sample_engine: Engine, office: Shop) -> None:
    *_, told = talk(sample_engine, office, "可以给纸质收据不", "单位的呢", "几天寄出呀")
    assert told["reply"] == SENTENCE, told


@pytest.mark.parametrize("text", ["要交税点吗", "能加急不"])
def test_a_sentence_without_the_answer_is_not(sample_engine: Engine, office: Shop, text: str) -> None:
    *_, told = talk(sample_engine, office, "有纸质收据吗", text)
    assert told["reply"] != SENTENCE, told
