"""Messages that tell and do not ask: what a claim is about, how much is used; and who is asked about amounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
resin,果核松香膏,松香膏,松香,盒,RE-L,硬度=软,35,
,,,,,RE-H,硬度=硬,35,
glue,果核修补胶,修补胶,胶,支,GL-1,,22,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,30\n" for sku in ("RE-L", "RE-H", "GL-1"))
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
售后,皮肤红痒,用了松香膏手上起疹子怎么办,先停用，用清水洗净，严重的去医院；我们请售后主管联系您。,,用了手痒|碰了起红点
说明,修补胶用量,修补胶一次用多少,每条裂缝滴两滴，多了会溢出来腐蚀漆面。,glue,滴几滴合适
"""


@pytest.fixture
def strings(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with resin and glue, and what is written of rashes and drops."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRIES)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["松香膏软的那个 上周买的", "就是松香膏 前几天下单的那盒"])
def test_what_a_claim_is_about_is_not_looked_up_in_stock(sample_engine: Engine, strings: Shop, text: str) -> None:
    *_, told = talk(sample_engine, strings, "用了你们松香膏手上起疹子怎么办", text)
    assert told["route"] != "stock", told
    assert told["handoff_reason"] == "policy" or "先停用" in told["context"]


@pytest.mark.parametrize("text", ["松香膏软的那个有货吗", "那软的松香膏多少钱一盒"])
def test_what_is_wanted_after_a_claim_still_is(sample_engine: Engine, strings: Shop, text: str) -> None:
    *_, told = talk(sample_engine, strings, "用了你们松香膏手上起疹子怎么办", text)
    assert told["route"] == "stock", told


@pytest.mark.parametrize("text", ["修补胶 一条缝我滴五滴", "修补胶滴十次"])
def test_how_much_is_used_is_no_question_for_the_stock(sample_engine: Engine, strings: Shop, text: str) -> None:
    (told,) = talk(sample_engine, strings, text)
    assert told["route"] != "stock", told


def test_an_amount_is_not_asked_of_who_speaks_here(sample_engine: Engine, strings: Shop) -> None:
    *_, told = talk(sample_engine, strings, "修补胶怎么用", "你就说滴多少嘛")
    assert told["route"] != "identity", told


@pytest.mark.parametrize("text", ["你叫什么", "你是谁呀", "怎么称呼你"])
def test_who_speaks_here_is_still_told(sample_engine: Engine, strings: Shop, text: str) -> None:
    (told,) = talk(sample_engine, strings, text)
    assert told["route"] == "identity", told


def test_where_from_is_no_other_destination(sample_engine: Engine, strings: Shop) -> None:
    *_, told = talk(sample_engine, strings, "修补胶发北京几天能到", "从成都发是不是快些")
    assert "送达成都市" not in told["reply"], told


def test_goods_asked_for_in_a_farewell_are_shown(sample_engine: Engine, strings: Shop) -> None:
    *_, told = talk(sample_engine, strings, "松香膏软的来一盒", "算了先不要了 给我看看修补胶")
    assert "22" in told["reply"] + told["context"] or "修补胶" in told["reply"], told


@pytest.mark.parametrize("text", ["算了 再看看吧", "先不要了 考虑考虑"])
def test_a_farewell_is_still_one(sample_engine: Engine, strings: Shop, text: str) -> None:
    *_, told = talk(sample_engine, strings, "松香膏软的来一盒", text)
    assert told["route"] == "smalltalk", told
