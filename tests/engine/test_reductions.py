"""What a basket comes to after the shop's own reductions."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格
brush,溪桥狼毫毛笔,毛笔,毛笔,支,BR-1,,45
ink,溪桥墨汁,墨汁,墨汁,瓶,IN-1,,28
felt,溪桥毛毡,毛毡,毛毡,张,FE-S,尺寸=小号,20
,,,,,FE-L,尺寸=大号,36
"""
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,30\n" for sku in ("BR-1", "IN-1", "FE-S", "FE-L"))
ENTRY = "知识库,标题,问题,内容\n售后,满减,满减怎么算,{}\n"
CLEAR, UNCLEAR = "满88减6，满188减20，拍下自动减。", "指定商品满88减6，以页面为准。"


def fill(engine: Engine, shop: Shop, folder: Path, offer: str) -> None:
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRY.format(offer))):
        path = folder / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(engine.db, shop.id, KINDS[kind], path).written


@pytest.mark.parametrize(
    ("said", "has"),
    [
        (["毛笔来两支 墨汁来一瓶 一共多少钱", "满减之后呢"], "减后112.00元"),
        (["毛笔三支多少钱 墨汁两瓶", "减完多少钱"], "减后171.00元"),
        (["毛笔五支多少钱", "能满减多少"], "减后205.00元"),
        (["墨汁多少钱", "满减后多少"], "还差60.00元"),
        (["毛笔两支 墨汁一瓶 满减后一共多少"], "减后112.00元"),
    ],
)
def test_what_is_taken_off_the_sum_is_told(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path, said: list[str], has: str
) -> None:
    fill(sample_engine, sample_shop, tmp_path, CLEAR)
    *_, told = talk(sample_engine, sample_shop, *said)
    assert has in told["reply"], told
    assert "付款页面为准" in told["reply"]


def test_nothing_is_taken_off_where_the_offer_is_of_some_goods_only(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path
) -> None:
    fill(sample_engine, sample_shop, tmp_path, UNCLEAR)
    *_, told = talk(sample_engine, sample_shop, "毛笔来三支多少钱", "满减之后呢")
    assert "减后" not in told["reply"], told


def test_nothing_is_taken_off_while_the_size_is_open(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> None:
    fill(sample_engine, sample_shop, tmp_path, CLEAR)
    *_, told = talk(sample_engine, sample_shop, "毛毡五张多少钱", "满减之后呢")
    assert "减后" not in told["reply"], told
