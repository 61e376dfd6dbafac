"""Who guesses at an order's phone digits meets a person, and learns nothing on the way."""

from __future__ import annotations

import pytest

from kefu.engine import TOOLS, Engine, ToolRequest
from kefu.store.shops import Shop

NUMBER, RIGHT = "202611190004", "8765"


def ask(engine: Engine, shop: Shop, digits: str, conversation: str, number: str = NUMBER) -> dict:
    query = f"帮我查下订单{number}，手机尾号{digits}"
    return TOOLS["order_lookup"](engine, shop, ToolRequest(query, conversation, "", "", {}))


@pytest.mark.parametrize("number", [NUMBER, "202611199999"])
def test_five_wrong_digits_are_answered_and_then_a_person_takes_over(
    sample_engine: Engine, sample_shop: Shop, number: str
) -> None:
    """The same whether or not there is such an order; the right digits open nothing any more."""
    said = [ask(sample_engine, sample_shop, f"000{n}", f"c{n}", number) for n in range(5)]
    assert all("没有查到" in answer["reply"] and not answer["handed_off"] for answer in said)
    late = ask(sample_engine, sample_shop, RIGHT, "c9", number)
    assert "核对次数已达上限" in late["reply"]
    assert (late["handed_off"], late["handoff_reason"], late["found"]) == (True, "policy", False)


def test_a_conversation_that_tries_one_order_after_another_is_stopped_too(
    sample_engine: Engine, sample_shop: Shop
) -> None:
    """Five pairs of number and digits."""
    for n in range(5):
        assert not ask(sample_engine, sample_shop, RIGHT, "c1", f"20261119888{n}")["handed_off"]
    assert ask(sample_engine, sample_shop, RIGHT, "c1")["handed_off"]


def test_a_buyer_who_is_known_or_right_is_never_stopped(sample_engine: Engine, sample_shop: Shop) -> None:
    """Eight times the right digits, in one conversation."""
    for _ in range(8):
        assert ask(sample_engine, sample_shop, RIGHT, "c1")["found"]


def test_an_order_is_told_with_the_variants_that_were_bought(sample_engine: Engine, sample_shop: Shop) -> None:
    told = ask(sample_engine, sample_shop, "9753", "c1", "202611180007")["reply"]
    assert "（飞岩 DDR4 笔记本内存条（16GB）×2、" in told


@pytest.mark.parametrize(
    ("said", "route", "told"),
    [
        ("请发货！！", "rule", "3-5分钟内为您发货"),
        ("今天还能发货吗", "ask", "15:00前付款，当天发货。如果您已经下单"),
        ("今天下单几点前发货", "ask", "15:00前付款，当天发货。如果您已经下单"),
        ("下单后多久发货", "delivery", "15:00前付款，当天发货"),
        ("能改地址吗", "knowledge", "未出库的订单可以"),
        ("我的快递到哪了", "ask", "订单号"),
        ("我昨天拍的什么时候发货", "ask", "订单号"),
        ("催一下", "ask", "订单号"),
        ("怎么还不发货啊", "ask", "订单号"),
    ],
)
def test_what_needs_no_number_is_told_before_one_is_asked_for(
    sample_engine: Engine, sample_shop: Shop, said: str, route: str, told: str
) -> None:
    answer = TOOLS["order_lookup"](sample_engine, sample_shop, ToolRequest(said, "c1", "", "", {}))
    assert (answer["route"], told in answer["reply"]) == (route, True), answer


def test_a_number_that_was_asked_for_is_no_rule(sample_engine: Engine, sample_shop: Shop) -> None:
    """After the question for it, in a shop whose rules know bare numbers or not."""
    TOOLS["order_lookup"](sample_engine, sample_shop, ToolRequest("我的快递到哪了", "c1", "", "", {}))
    answer = TOOLS["order_lookup"](sample_engine, sample_shop, ToolRequest(NUMBER, "c1", "", "", {}))
    assert "后四位" in answer["reply"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("能改地址吗", "未出库的订单可以"),
        ("今天下单几点前发货", "15:00前付款"),
        ("就是昨天买的那个键盘", "订单号"),
        ("我找不到了", "订单号"),
    ],
)
def test_another_question_is_answered_though_a_number_was_asked_for(
    sample_engine: Engine, sample_shop: Shop, said: str, told: str
) -> None:
    """What belongs to the order still waits for its number."""
    TOOLS["order_lookup"](sample_engine, sample_shop, ToolRequest("我的快递到哪了", "c1", "", "", {}))
    answer = TOOLS["order_lookup"](sample_engine, sample_shop, ToolRequest(said, "c1", "", "", {}))
    assert told in answer["reply"], answer
