"""Two things that a conversation is about: what both cost, each of them, how far apart, and one in another's place."""

from __future__ import annotations

import pytest
from tests.engine.test_chosen_over_turns import garden as garden
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.store.shops import Shop


@pytest.mark.parametrize("asked", ["两个一起多少钱", "两样一起什么价", "那两个一起买多少钱"])
def test_both_are_the_one_chosen_and_the_one_still_open(sample_engine: Engine, garden: Shop, asked: str) -> None:
    *_, told = talk(sample_engine, garden, "花架还有吗 顺便问下浇水壶多少钱", "浇水壶要1.5升的", asked)
    assert "39.00元" in told["reply"], told
    assert "花架" in told["reply"]
    assert "78.00元" not in told["reply"]
    assert told["missing"]


def test_what_was_left_open_is_chosen_and_no_two_of_it(sample_engine: Engine, garden: Shop) -> None:
    texts = ["花架还有吗 顺便问下浇水壶多少钱", "浇水壶要1.5升的", "两个一起多少钱", "花架要三层的", "两个一起多少钱"]
    *_, chosen, told = talk(sample_engine, garden, *texts)
    assert "2个" not in chosen["reply"], chosen
    assert "合计128.00元" in told["reply"], told


def test_both_are_two_asked_about_one_after_the_other(sample_engine: Engine, garden: Shop) -> None:
    *_, told = talk(sample_engine, garden, "花架两层的多少钱", "1.5升的浇水壶呢", "两个一起多少钱")
    assert "合计108.00元" in told["reply"], told


def test_of_one_thing_both_are_two_pieces(sample_engine: Engine, garden: Shop) -> None:
    *_, told = talk(sample_engine, garden, "花架两层的多少钱", "两个一起多少钱")
    assert "138.00元" in told["reply"], told


def test_each_of_two_products_in_the_size_that_is_said(sample_engine: Engine, garden: Shop) -> None:
    *_, told = talk(sample_engine, garden, "自吸水花盆和托盘有货吗", "15cm的分别多少钱")
    assert "45.00元" in told["reply"], told
    assert "6.00元" in told["reply"]
    assert "58.00元" not in told["reply"]


@pytest.mark.parametrize("asked", ["砖红的和灰色的差多少钱", "灰色的比砖红的贵多少"])
def test_the_difference_is_told_in_each_size_that_both_come_in(sample_engine: Engine, garden: Shop, asked: str) -> None:
    *_, told = talk(sample_engine, garden, "陶土花盆怎么卖", asked)
    assert "20cm：" in told["reply"], told
    assert "相差4.00元" in told["reply"]
    assert "18.00元" not in told["reply"]


@pytest.mark.parametrize(
    "text", ["两层的花架和1.5升的浇水壶 加起来多少 包邮到大连吗", "花架两层 水壶1.5升 加起来多少 大连包邮不"]
)
def test_a_sum_and_the_postage_are_both_told(sample_engine: Engine, garden: Shop, text: str) -> None:
    (told,) = talk(sample_engine, garden, text)
    assert "合计108.00元" in told["reply"], told


@pytest.mark.parametrize("text", ["等等 换成花架吧", "等会儿 还是改成花架", "换成花架好了"])
def test_another_thing_in_the_place_of_the_one_spoken_of(sample_engine: Engine, garden: Shop, text: str) -> None:
    *_, told = talk(sample_engine, garden, "来一把浇水壶", text)
    assert told["route"] == "stock", told
    assert "花架" in told["reply"]


@pytest.mark.parametrize("texts", [["花架两层的多少钱", "收到的花架坏了 能换成新的吗"], ["好的 谢谢"]])
def test_an_exchange_is_no_other_choice(sample_engine: Engine, garden: Shop, texts: list[str]) -> None:
    *_, told = talk(sample_engine, garden, *texts)
    assert told["route"] != "stock", told
