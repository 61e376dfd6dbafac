"""What a description says of one variant holds for that one: where it is not sent, how many one customer may buy."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
barrel,禾野橡木酒桶,橡木酒桶,酒桶,只,BA-5,容量=5L,199,内壁中度烘烤，每人限购3只
,,,,,BA-30,容量=30L,599,内壁重度烘烤，新疆不发
stove,禾野煤油炉,煤油炉,炉具,台,ST-1,,149,新疆西藏不发，每人限购1台
"""
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,40\n" for sku in ("BA-5", "BA-30", "ST-1"))


@pytest.fixture
def cellar(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with barrels in two sizes, described apart, and a stove."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["橡木酒桶发乌鲁木齐几天到", "月底前喀什能收到橡木酒桶吗"])
def test_a_variant_that_is_not_sent_there_is_told_beside_the_others(
    sample_engine: Engine, cellar: Shop, text: str
) -> None:
    (told,) = talk(sample_engine, cellar, text)
    promised, _, refused = told["reply"].partition("\n")
    assert "5L" in promised, told
    assert "30L" not in promised
    assert refused == "禾野橡木酒桶（30L）：新疆不发。"


def test_of_the_one_that_is_sent_nothing_is_refused(sample_engine: Engine, cellar: Shop) -> None:
    (told,) = talk(sample_engine, cellar, "5L的橡木酒桶到乌鲁木齐要多久")
    assert "预计" in told["reply"], told
    assert "不发" not in told["reply"]


@pytest.mark.parametrize("text", ["30L的橡木酒桶到乌鲁木齐要多久", "煤油炉发拉萨几天能到"])
def test_nothing_is_promised_of_what_is_not_sent_there(sample_engine: Engine, cellar: Shop, text: str) -> None:
    (told,) = talk(sample_engine, cellar, text)
    assert "不发" in told["reply"], told
    assert "预计" not in told["reply"]


def test_of_several_things_the_one_that_is_not_sent_there_is_told(sample_engine: Engine, cellar: Shop) -> None:
    (told,) = talk(sample_engine, cellar, "一个煤油炉和一只5L的橡木酒桶发乌鲁木齐几天到")
    assert "煤油炉：新疆西藏不发" in told["reply"], told
    assert "橡木酒桶（5L）" in told["reply"]


@pytest.mark.parametrize(
    ("text", "limited"), [("5L的橡木酒桶来5只", True), ("30L的橡木酒桶要5只", False), ("煤油炉拿2台", True)]
)
def test_how_many_one_may_buy_is_a_matter_of_the_variant(
    sample_engine: Engine, cellar: Shop, text: str, limited: bool
) -> None:
    (told,) = talk(sample_engine, cellar, text)
    assert ("限购" in told["reply"]) is limited, told
