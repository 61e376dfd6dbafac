"""Thanks beside an answer or a wish are no farewell; one thing said in several ways; wishes that ask nothing."""

from __future__ import annotations

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.store.shops import Shop


@pytest.mark.parametrize(
    ("said", "route"),
    [
        (["32g的内存条多少钱", "松溪DDR4的，谢谢"], "stock"),
        (["机械键盘有哪些", "第二个 谢谢啦"], "stock"),
        (["内存条能装我电脑上吗", "联想小新Pro14，麻烦了"], "compatibility"),
        (["谢谢 L1鼠标有货吗"], "stock"),
    ],
)
def test_what_is_said_with_thanks_is_answered(
    sample_engine: Engine, sample_shop: Shop, said: list[str], route: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, *said)
    assert told["route"] in (route, "ask"), told
    assert "不客气" not in told["reply"]


@pytest.mark.parametrize("text", ["好的谢谢", "知道了，谢谢啦", "那我再想想 谢谢", "谢谢谢谢"])
def test_thanks_alone_are_a_farewell(sample_engine: Engine, sample_shop: Shop, text: str) -> None:
    *_, told = talk(sample_engine, sample_shop, "L1鼠标多少钱", text)
    assert told["route"] in ("smalltalk", "rule"), told


@pytest.mark.parametrize("text", ["付款已完成，请发货", "购买完成 请发货 谢谢", "付款已完成。请发货！辛苦了"])
def test_one_rule_said_in_two_ways_is_that_rule(sample_engine: Engine, sample_shop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, sample_shop, text)
    assert (told["route"], told["needs_llm"]) == ("rule", False), told


@pytest.mark.parametrize("text", ["付款已完成，鼠标多少钱", "请发货，怎么开发票"])
def test_a_clause_of_something_else_is_answered_too(sample_engine: Engine, sample_shop: Shop, text: str) -> None:
    (told,) = talk(sample_engine, sample_shop, text)
    assert told["route"] != "rule" or "\n" in told["reply"], told


@pytest.mark.parametrize(
    ("text", "has"), [("我要退货", "7天"), ("想退掉", "7天"), ("我想换个颜色", "换"), ("申请换货", "换")]
)
def test_a_wish_to_send_goods_back_is_told_how(sample_engine: Engine, sample_shop: Shop, text: str, has: str) -> None:
    (told,) = talk(sample_engine, sample_shop, text)
    assert told["route"] == "knowledge", told
    assert has in told["reply"]
