"""Words picked wrongly from an input method's list: goods, values, places and what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
hammock,渔溪帆布吊床,帆布吊床,吊床,张,HA-W,颜色=白色,119,
,,,,,HA-G,颜色=墨绿色,129,
clay,渔溪蓝藻泥面泥,蓝藻泥,手工泥,罐,CL-1,,36,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,40\n" for sku in ("HA-W", "HA-G", "CL-1"))


@pytest.fixture
def craft(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with hammocks in two colours and clay."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize(
    ("texts", "has", "hasnt"),
    [
        (["蓝早泥多少钱"], "36.00元", "没有查到"),
        (["帆布吊床有吗", "多小钱"], "119.00元", "没有查到"),
        (["帆布吊床有吗", "百色的"], "白色", "百色市"),
        (["帆布吊床白色有吗", "发武汗几天到"], "送达武汉市", "请问您要送到哪个城市"),
    ],
)
def test_what_only_sounds_like_it_is_understood(
    sample_engine: Engine, craft: Shop, texts: list[str], has: str, hasnt: str
) -> None:
    *_, told = talk(sample_engine, craft, *texts)
    assert has in told["reply"], told
    assert hasnt not in told["reply"]


def test_a_place_is_one_where_it_is_asked_about_sending(sample_engine: Engine, craft: Shop) -> None:
    *_, told = talk(sample_engine, craft, "帆布吊床白色有吗", "发百色几天到")
    assert "送达百色市" in told["reply"], told


def test_the_words_of_the_customer_are_kept(sample_engine: Engine, craft: Shop) -> None:
    """A slot holds what was typed, and beside it what that means."""
    *_, told = talk(sample_engine, craft, "帆布吊床有吗", "百色的")
    colours = [slot for slot in told["slots"].values() if slot["value"] == "百色"] if told["slots"] else []
    assert [slot["normalised"] for slot in colours] == ["白色"], told["slots"]


@pytest.mark.parametrize("text", ["有没有热气球卖", "顺风耳是谁", "。。。", "帮我写首诗"])
def test_what_is_not_sold_is_not_heard_into_a_message(sample_engine: Engine, craft: Shop, text: str) -> None:
    (told,) = talk(sample_engine, craft, text)
    assert not told["found"] or told["route"] in ("smalltalk", "identity", "llm"), told
