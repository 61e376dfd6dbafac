"""Rules that hand over: their reply is said, their reason is one that people know."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.core.rules.record import from_record
from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.rules import save_rules
from kefu.store.shops import Shop

HEAD = "编号,句子,任一关键词,回复,动作\n"


@pytest.mark.parametrize(("action", "reason"), [("转人工", "policy"), ("转人工:客户情绪激动", "angry_customer")])
def test_the_reply_of_a_rule_that_hands_over_is_said(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path, action: str, reason: str
) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(f"{HEAD}school,,食堂采购|学校采购,采购单由王经理跟进，这就请他来,{action}\n", encoding="utf-8")
    assert run_import(sample_engine.db, sample_shop.id, KINDS["rules"], path).written
    (told,) = talk(sample_engine, sample_shop, "我们学校采购五十套")
    assert (told["handed_off"], told["handoff_reason"]) == (True, reason), told
    assert "王经理" in told["reply"]


def test_an_import_refuses_a_reason_that_is_none(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(f"{HEAD}school,,食堂采购,稍等,hand_off:wholesale\n", encoding="utf-8")
    report = run_import(sample_engine.db, sample_shop.id, KINDS["rules"], path)
    assert not report.written
    assert "“wholesale” is no hand-off reason" in report.rows[0].message
    assert "policy (规定必须人工处理)" in report.rows[0].message


def test_a_reason_stored_before_they_were_checked_becomes_policy(sample_engine: Engine, sample_shop: Shop) -> None:
    record = {"id": "old", "patterns": ["找你们采购部"], "replies": ["马上转给采购部"], "action": "hand_off:wholesale"}
    with sample_engine.db.write() as connection:
        save_rules(connection, sample_shop.id, [from_record(record)])
    (told,) = talk(sample_engine, sample_shop, "找你们采购部")
    assert told["handoff_reason"] == "policy", told
    assert "采购部" in told["reply"]


@pytest.mark.parametrize(
    ("text", "for_a_trade"),
    [
        ("我开面馆的 想拿20个鼠标垫大号", True),
        ("公司团建用 鼠标垫大号要30个", True),
        ("鼠标垫大号要2个 公司用", False),
        ("鼠标垫大号有20个吗", False),
    ],
)
def test_who_buys_for_a_business_is_answered_by_the_rule_on_wholesale(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path, text: str, for_a_trade: bool
) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(f"{HEAD}many,,批发|团购,量大由王经理报价，这就请他来,转人工\n", encoding="utf-8")
    assert run_import(sample_engine.db, sample_shop.id, KINDS["rules"], path).written
    (told,) = talk(sample_engine, sample_shop, text)
    assert ("王经理" in told["reply"]) is for_a_trade, told
