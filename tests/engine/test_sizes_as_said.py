"""Sizes and amounts of goods in customers' own words: 双A, 十来斤, 要十斤, the number that a range begins with."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,规格别名,价格,描述
chestnut,山禾怀柔鲜栗子,鲜栗子|毛栗子,山货,袋,CN-3-A,净含量=3斤|级别=A|直径=22-25mm,,22,
,,,,,CN-3-AA,净含量=3斤|级别=AA|直径=25-29mm,双A,28,
,,,,,CN-3-AAA,净含量=3斤|级别=AAA|直径=29-33mm,,36,
,,,,,CN-6-AA,净含量=6斤|级别=AA|直径=25-29mm,,52,
yam,山禾铁棍山药,铁棍山药|山药,蔬菜,箱,YM-5-M,净含量=5斤|粗细=中条,,31,
,,,,,YM-5-L,净含量=5斤|粗细=大条,,37,
,,,,,YM-20-M,净含量=20斤|粗细=中条,,99,
,,,,,YM-20-L,净含量=20斤|粗细=大条,,119,
rice,山禾散装小米,散装小米,杂粮,斤,RI-1,产地=敖汉,,6,
"""
SKUS = [line.split(",")[5] for line in PRODUCTS.splitlines()[1:]]
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,60\n" for sku in SKUS)


@pytest.fixture
def farm(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with chestnuts, yams and millet."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["3斤的毛栗子三A的多少钱", "毛栗子三斤3a的什么价", "鲜栗子3A级 3斤装多少钱"])
def test_a_letter_and_how_often_is_the_letters(sample_engine: Engine, farm: Shop, text: str) -> None:
    (told,) = talk(sample_engine, farm, text)
    assert "36.00元" in told["reply"], told
    assert "28.00元" not in told["reply"]


def test_an_alias_of_one_variant_means_each_that_has_the_letters(sample_engine: Engine, farm: Shop) -> None:
    *_, told = talk(sample_engine, farm, "毛栗子怎么卖", "6斤的双A多少")
    assert "52.00元" in told["reply"], told


def test_two_such_letters_are_told_side_by_side(sample_engine: Engine, farm: Shop) -> None:
    *_, told = talk(sample_engine, farm, "毛栗子有货吗", "2A三斤的和3A三斤的各多少钱")
    assert "28.00元" in told["reply"], told
    assert "36.00元" in told["reply"]


@pytest.mark.parametrize(
    "text", ["山药来个二十来斤的 大条 多少钱", "我要二十斤山药 大条的多少钱", "山药要20斤 最大条的多少"]
)
def test_so_many_pounds_of_goods_in_packs_are_the_pack(sample_engine: Engine, farm: Shop, text: str) -> None:
    (told,) = talk(sample_engine, farm, text)
    assert "119.00元" in told["reply"], told
    assert "37.00元" not in told["reply"]


def test_so_many_pounds_of_what_is_sold_by_the_pound_are_counted(sample_engine: Engine, farm: Shop) -> None:
    (told,) = talk(sample_engine, farm, "散装小米我要5斤一共多少钱")
    assert "30.00元" in told["reply"], told


def test_the_number_between_two_ranges_chooses_neither(sample_engine: Engine, farm: Shop) -> None:
    (told,) = talk(sample_engine, farm, "3斤的毛栗子 29的多少钱")
    assert "28.00元" in told["reply"], told
    assert "36.00元" in told["reply"]


def test_the_number_that_a_range_begins_with_means_it(sample_engine: Engine, farm: Shop) -> None:
    (told,) = talk(sample_engine, farm, "毛栗子 22的多少钱")
    assert "22.00元" in told["reply"], told
    assert "36.00元" not in told["reply"]
