"""Warnings that were told hold while the talk goes on about them; values and questions said in other words."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
lye,松涧管道疏通剂,疏通剂,清洁剂,瓶,LY-1,,26,
bleach,松涧漂白水,漂白水,清洁剂,瓶,BL-1,,18,
hook,松涧承重挂钩,挂钩,挂钩,个,HK-S,承重=2-6kg,12,
,,,,,HK-L,承重=6-15kg,19,
tablet,松涧泡腾清洁片,清洁片,清洁片,盒,TB-6,装量=6片装,21,
,,,,,TB-15,装量=15片装,45,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(
    f"{sku},杭州仓,30\n" for sku in ("LY-1", "BL-1", "HK-S", "HK-L", "TB-6", "TB-15")
)
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
说明,不能混用,疏通剂能和漂白水一起倒吗,不可以！两样混在一起会放出毒气，减半也不行。吸进去了请马上开窗，头晕就去医院。,,两种混着倒行吗|能掺漂白水吗
说明,清洁片用量,清洁片一次放几片,一桶水放一片，泡二十分钟再冲。,tablet,清洁片放多少合适
说明,清洁片能用多久,一盒清洁片能用多久,一个马桶每周一片，六片装约用一个半月。,tablet,几盒够用一年
售后,邮费,包邮吗,满88包邮，不满收9元。,,运费多少钱|邮费怎么算
"""


@pytest.fixture
def cleaning(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with cleaners of which two must not be mixed, hooks by the weight that they hold, and postage."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRIES)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


MIXED = "疏通剂能和漂白水一起倒吗"


@pytest.mark.parametrize(
    "text", ["你就告诉我倒多少", "我邻居都这么弄", "那我各倒一半", "少倒一点试试", "倒完有点头晕", "我喘不上气了"]
)
def test_what_was_warned_of_is_warned_of_again(sample_engine: Engine, cleaning: Shop, text: str) -> None:
    *_, told = talk(sample_engine, cleaning, MIXED, text)
    assert told["reply"].startswith("不可以"), told
    assert "不可以" in told["context"]


def test_a_person_is_called_where_the_warning_was_said_often(sample_engine: Engine, cleaning: Shop) -> None:
    *_, told = talk(sample_engine, cleaning, MIXED, "那倒多少", "就倒一次", "倒一半总行了")
    assert told["reply"].startswith("不可以"), told
    assert told["handoff_reason"] == "policy"


@pytest.mark.parametrize(
    ("text", "has"),
    [("清洁片一次放几片", "一桶水放一片"), ("那漂白水多少钱一瓶", "18.00元"), ("挂钩6-15kg的有货吗", "挂钩")],
)
def test_another_question_is_answered_after_a_warning(
    sample_engine: Engine, cleaning: Shop, text: str, has: str
) -> None:
    *_, told = talk(sample_engine, cleaning, MIXED, text)
    assert has in told["reply"], told
    assert "不可以" not in told["reply"]


def test_nothing_is_warned_of_before_it_was_told(sample_engine: Engine, cleaning: Shop) -> None:
    *_, told = talk(sample_engine, cleaning, "清洁片一次放几片", "那放一半行吗")
    assert "不可以" not in told["reply"], told


@pytest.mark.parametrize("text", ["6到15kg的那款有吗", "6至15公斤那款", "6~15千克的有货吗"])
def test_a_value_from_one_number_to_another_is_found_as_it_is_said(
    sample_engine: Engine, cleaning: Shop, text: str
) -> None:
    (told,) = talk(sample_engine, cleaning, text)
    assert "挂钩（6-15kg）" in told["reply"], told


def test_numbers_that_are_no_value_stay_as_they_are(sample_engine: Engine, cleaning: Shop) -> None:
    (told,) = talk(sample_engine, cleaning, "漂白水30到40块的有吗")
    assert "漂白水有现货" in told["reply"], told


@pytest.mark.parametrize("text", ["寄到嘉兴几天能到 邮费呢", "发温州要多久 那运费呢"])
def test_the_postage_is_told_beside_the_time(sample_engine: Engine, cleaning: Shop, text: str) -> None:
    *_, told = talk(sample_engine, cleaning, "清洁片放多少合适", "一盒能泡几次", text)
    assert "送达" in told["reply"], told
    assert "包邮" in told["reply"]


@pytest.mark.parametrize("text", ["两盒够唔够用三个月", "买2盒够用半年吗", "一盒清洁片够唔够用一个月"])
def test_whether_so_many_are_enough_for_a_time_is_not_asked_of_the_stock(
    sample_engine: Engine, cleaning: Shop, text: str
) -> None:
    *_, told = talk(sample_engine, cleaning, "清洁片6片装多少钱", text)
    assert "每周一片" in told["reply"], told


@pytest.mark.parametrize("text", ["要8盒够不够", "要20盒够吗"])
def test_whether_the_shop_has_so_many_still_is(sample_engine: Engine, cleaning: Shop, text: str) -> None:
    *_, told = talk(sample_engine, cleaning, "清洁片6片装多少钱", text)
    assert told["route"] == "stock", told
