"""What Kefu does for a shop's own intents."""

from __future__ import annotations

import pytest

from kefu.core.intents import IntentNames, role_of, roles_of


@pytest.mark.parametrize(
    ("intent", "role"),
    [
        (IntentNames("stock_query"), "stock_query"),
        (IntentNames("stock"), "stock_query"),
        (IntentNames("i1", "查库存"), "stock_query"),
        (IntentNames("i2", "查询当地产品库存", (), ("还有货吗", "有现货没", "L码有吗")), "stock_query"),
        (IntentNames("i3", "", ("stock_query",)), "stock_query"),
        (IntentNames("Human-Agent", "找人"), ""),
        (IntentNames("转人工"), "human_request"),
        (IntentNames("cui", "催单"), "urge_delivery"),
        (IntentNames("q7", "", (), ("多少钱", "这个什么价", "能便宜点吗", "售价多少")), "price_query"),
        (IntentNames("size", "选尺码", (), ("穿多大", "偏大吗", "170穿L还是XL")), ""),
    ],
)
def test_an_intent_is_known_by_its_names_or_its_examples(intent: IntentNames, role: str) -> None:
    assert role_of(intent) == role


def test_a_name_that_only_touches_a_role_does_not_get_its_answers() -> None:
    """修改订单 must not be answered with an order's status."""
    changing = ("地址写错了帮我改一下", "想换个收货人", "备注能加吗", "把颜色改成白的")
    assert role_of(IntentNames("modify", "修改订单状态", (), changing)) == ""


def test_examples_that_speak_of_two_roles_equally_decide_nothing() -> None:
    assert role_of(IntentNames("mix", "", (), ("多少钱", "有货吗", "什么价", "现货吗"))) == ""


def test_only_intents_with_a_role_are_listed() -> None:
    assert roles_of([IntentNames("stock"), IntentNames("size")]) == {"stock": "stock_query"}
