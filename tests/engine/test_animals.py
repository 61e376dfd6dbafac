"""Goods for animals: those for the one spoken of, none of another's, and what is at home is not what is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
catcomb,野陂猫用除毛梳,猫梳,除毛梳,把,CC-S,适用体重=1-4kg,28,
,,,,,CC-L,适用体重=4-9kg,36,
dogcomb,野陂犬用除毛梳,狗梳,除毛梳,把,DC-S,适用体重=2-10kg,32,禁止给猫用
,,,,,DC-L,适用体重=10-40kg,48,
hutch,野陂木质狗屋,狗屋,狗屋,个,HU-1,,188,
shampoo,野陂宠物香波,宠物香波,香波,瓶,SH-1,,42,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(
    f"{sku},杭州仓,30\n" for sku in ("CC-S", "CC-L", "DC-S", "DC-L", "HU-1", "SH-1")
)
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
说明,狗梳猫不能用,犬用除毛梳猫能用吗,不能，犬用的梳齿太硬，会刮伤猫的皮肤。,dogcomb,狗的梳子给猫用行吗
说明,狗屋清洗,狗屋怎么清洗,拆下垫子，木板用湿布擦。,hutch,狗屋能水洗吗
"""


@pytest.fixture
def pets(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with combs for cats and for dogs, a house for dogs and a shampoo for all."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRIES)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize(
    ("text", "has", "hasnt"),
    [
        ("我家柯基 除毛梳多少钱", "32.00元", "28.00元"),
        ("家里有只英短 除毛梳多少钱", "1-4kg", "2-10kg"),
        ("狗狗用的除毛梳怎么卖", "48.00元", "36.00元"),
    ],
)
def test_goods_are_those_for_the_animal_spoken_of(
    sample_engine: Engine, pets: Shop, text: str, has: str, hasnt: str
) -> None:
    (told,) = talk(sample_engine, pets, text)
    assert has in told["reply"], told
    assert hasnt not in told["reply"]


@pytest.mark.parametrize("text", ["除毛梳多少钱", "猫和狗的除毛梳都多少钱"])
def test_both_are_told_where_neither_is_meant_alone(sample_engine: Engine, pets: Shop, text: str) -> None:
    (told,) = talk(sample_engine, pets, text)
    assert "28.00元" in told["reply"], told
    assert "32.00元" in told["reply"]


@pytest.mark.parametrize("text", ["兔子的屋有吗", "仓鼠用的屋子有没有货"])
def test_goods_for_another_animal_are_not_offered_as_the_ones_asked_for(
    sample_engine: Engine, pets: Shop, text: str
) -> None:
    *_, told = talk(sample_engine, pets, "木质狗屋有货吗", text)
    assert "没有查到" in told["reply"], told
    assert "狗屋" in told["reply"]


@pytest.mark.parametrize("text", ["兔子的香波有吗", "狗的屋有货吗"])
def test_goods_for_that_animal_or_for_all_are(sample_engine: Engine, pets: Shop, text: str) -> None:
    (told,) = talk(sample_engine, pets, text)
    assert "没有查到" not in told["reply"], told


@pytest.mark.parametrize("text", ["能给猫用吗 家里还有只橘猫", "给猫咪用行不行", "猫可以用吗"])
def test_what_is_written_of_another_animal_comes_before_the_stock(sample_engine: Engine, pets: Shop, text: str) -> None:
    *_, told = talk(sample_engine, pets, "犬用除毛梳10-40kg有货吗", text)
    assert told["reply"].startswith("不能"), told


@pytest.mark.parametrize("text", ["兔子能睡狗屋吗", "狗屋给猫睡可以吗"])
def test_nothing_is_said_of_an_animal_that_nothing_is_written_of(sample_engine: Engine, pets: Shop, text: str) -> None:
    (told,) = talk(sample_engine, pets, text)
    assert "暂不确定" in told["reply"], told
    assert "狗屋" in told["context"]


def test_goods_for_the_animal_itself_are_answered(sample_engine: Engine, pets: Shop) -> None:
    (told,) = talk(sample_engine, pets, "狗能用的除毛梳有货吗")
    assert told["route"] == "stock", told


@pytest.mark.parametrize(
    "text",
    [
        "我家两只猫一只3斤一只11斤 除毛梳各要哪个 一共多少钱",
        "家里养了一只加菲一只英短 加菲11斤英短3斤 猫梳各要哪个 一共多少钱",
    ],
)
def test_who_lives_at_home_is_not_what_is_wanted(sample_engine: Engine, pets: Shop, text: str) -> None:
    (told,) = talk(sample_engine, pets, text)
    assert "合计64.00元" in told["reply"], told
    assert "没有查到" not in told["reply"]


def test_what_is_wanted_beside_them_is_counted(sample_engine: Engine, pets: Shop) -> None:
    (told,) = talk(sample_engine, pets, "我家两只狗 要三瓶宠物香波 多少钱")
    assert "126.00元" in told["reply"], told
