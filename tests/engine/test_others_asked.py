"""Another than the goods spoken of: a cheaper or a better one, or one that is there now."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,备货天数,描述
lamp-a,澄明夹子灯,夹子灯,台灯,盏,LA-W,颜色=白色,39,,
,,,,,LA-B,颜色=黑色,39,,
lamp-b,澄明护眼台灯,护眼灯,台灯,盏,LB,颜色=白色,129,,
lamp-c,澄明明柱台灯,明柱灯,台灯,盏,LC,颜色=银色,259,,
lamp-d,澄明旅行小灯,旅行灯,台灯,盏,LD,颜色=绿色,19,,
fan-a,澄明落地扇,落地扇,风扇,台,FA,,199,15,
fan-b,澄明循环扇,循环扇,风扇,台,FB,,239,,
cover-a,澄明甲十手机套,甲十手机套,手机套,个,CA,机型=甲10,25,,
cover-b,澄明乙七手机套,乙七手机套,手机套,个,CB,机型=乙7,15,,
"""
COUNTS = {"LA-W": 9, "LA-B": 9, "LB": 5, "LC": 4, "LD": 0, "FA": 7, "FB": 3, "CA": 3, "CB": 3}
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,{count}\n" for sku, count in COUNTS.items())


@pytest.fixture
def lamps(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with lamps at four prices, of which the cheapest is sold out, and a fan that is not there yet."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["有没有便宜点的", "还有更便宜的吗", "再便宜一点的有没有", "想要便宜些的"])
def test_cheaper_ones_of_the_kind_are_told(sample_engine: Engine, lamps: Shop, text: str) -> None:
    *_, told = talk(sample_engine, lamps, "明柱灯多少钱", text)
    assert "129.00元" in told["reply"], told
    assert "39.00元" in told["reply"]
    assert "旅行" not in told["reply"]  # sold out
    assert "259.00元" not in told["reply"]


@pytest.mark.parametrize("text", ["有没有好一点的", "再贵点的呢", "有高端一点的吗", "还有更好的没"])
def test_dearer_ones_are_told_the_nearest_price_first(sample_engine: Engine, lamps: Shop, text: str) -> None:
    *_, told = talk(sample_engine, lamps, "夹子灯多少钱", text)
    assert "护眼台灯" in told["reply"].partition("明柱")[0], told
    assert "259.00元" in told["reply"]


def test_a_limit_holds_beside_it(sample_engine: Engine, lamps: Shop) -> None:
    *_, told = talk(sample_engine, lamps, "夹子灯多少钱", "再贵点的有吗 两百以内")
    assert "129.00元" in told["reply"], told
    assert "259.00元" not in told["reply"]


def test_what_was_told_of_them_is_what_is_spoken_of_next(sample_engine: Engine, lamps: Shop) -> None:
    *_, told = talk(sample_engine, lamps, "夹子灯白色的多少钱", "有没有好一点的 两百以内", "那个有货吗")
    assert "护眼" in told["reply"], told


@pytest.mark.parametrize("text", ["能便宜点吗", "便宜点的话我买两盏", "再便宜点呗", "最便宜多少"])
def test_who_bargains_is_offered_no_other_goods(sample_engine: Engine, lamps: Shop, text: str) -> None:
    *_, told = talk(sample_engine, lamps, "明柱灯多少钱", text)
    assert "便宜一些的有" not in told["reply"], told


def test_goods_for_another_phone_are_none(sample_engine: Engine, lamps: Shop) -> None:
    *_, told = talk(sample_engine, lamps, "甲十手机套多少钱", "有没有便宜点的")
    assert "乙七" not in told["reply"], told


@pytest.mark.parametrize("text", ["那有现货的能代替吗", "有没有现货的", "有类似的现货吗"])
def test_what_is_there_is_offered_instead_of_what_comes_later(sample_engine: Engine, lamps: Shop, text: str) -> None:
    *_, told = talk(sample_engine, lamps, "落地扇有货吗", text)
    assert "循环扇" in told["reply"], told
    assert "现货3台" in told["reply"]
