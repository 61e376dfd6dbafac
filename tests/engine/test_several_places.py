"""Goods that are to be sent to several places, and places of which descriptions say that goods are not sent there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import PAID, talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
cake,青禾鲜奶蛋糕,鲜奶蛋糕,蛋糕,个,CK-1,,88,冷链，海南不发
tea,青禾茉莉花茶,茉莉花茶,茶,罐,TE-1,,39,
"""
STOCK = "商家编码,仓库,数量\nCK-1,杭州仓,9\nTE-1,杭州仓,9\n"


@pytest.fixture
def sweets(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with a cake that is not sent to one province, and tea that is."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize(
    "text", ["茉莉花茶寄成都和北京分别几天到", "茉莉花茶一罐寄成都 一罐寄北京 几天到", "茉莉花茶 成都几天 北京几天"]
)
def test_each_place_has_its_day(sample_engine: Engine, sweets: Shop, text: str) -> None:
    (told,) = talk(sample_engine, sweets, text)
    assert "送达成都市" in told["reply"], told
    assert "送达北京市" in told["reply"]


@pytest.mark.parametrize("text", ["茉莉花茶发四川成都几天", "我在北京 茉莉花茶寄到成都几天"])
def test_one_place_is_one(sample_engine: Engine, sweets: Shop, text: str) -> None:
    (told,) = talk(sample_engine, sweets, text)
    assert told["reply"].count("送达") == 1, told
    assert "成都市" in told["reply"]


@pytest.mark.parametrize("texts", [["海南发不发"], ["发四川几天", "那海口呢"], ["海南能寄吗", "三亚呢 几天到"]])
def test_a_promise_for_any_goods_names_those_that_are_not_sent_there(
    sample_engine: Engine, sweets: Shop, texts: list[str]
) -> None:
    *_, told = talk(sample_engine, sweets, *texts)
    assert "鲜奶蛋糕：海南不发" in told["reply"], told


def test_elsewhere_nothing_is_said_of_it(sample_engine: Engine, sweets: Shop) -> None:
    (told,) = talk(sample_engine, sweets, "发四川几天")
    assert "不发" not in told["reply"], told


@pytest.mark.parametrize(
    "wish",
    [
        "漏写了单元号",
        "收货人写错了",
        "门牌号忘填了",
        "能晚两天再发吗",
        "下周一再发吧",
        "先别发货",
    ],
)
def test_what_is_to_be_mended_on_an_order_reaches_a_person(sample_engine: Engine, sweets: Shop, wish: str) -> None:
    number, digits = PAID
    (told,) = talk(sample_engine, sweets, f"订单{number} {wish} 尾号{digits}")
    assert told["handoff_reason"] == "policy", told


@pytest.mark.parametrize("text", ["到哪了", "今天发货吗", "什么时候发货"])
def test_an_order_that_is_only_asked_about_calls_nobody(sample_engine: Engine, sweets: Shop, text: str) -> None:
    number, digits = PAID
    (told,) = talk(sample_engine, sweets, f"订单{number} 尾号{digits} {text}")
    assert not told["handed_off"], told
