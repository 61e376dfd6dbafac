"""Orders: shown only to their buyer, and what is said in each state."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kefu.core.orders import Caller, Order, OrderItem, order_answer, read_question
from kefu.errors import BadInput

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
BUYER = Caller("buyer-1")


def order(number: str = "202611200001", status="paid", **more) -> Order:
    values = {"buyer_id": "buyer-1", "phone_last4": "1234", "items": (OrderItem("S", 2),), **more}
    return Order(number, status, **values)


def ask(text: str, orders, caller: Caller = BUYER):
    return order_answer(read_question(text), orders, caller, NOW, lambda sku: "电脑包" if sku == "S" else "", "亲")


@pytest.mark.parametrize(
    ("text", "numbers", "last4"),
    [
        ("我的订单202611200001怎么还不发货", ("202611200001",), ""),
        ("订单号：TB-20261120-0001 尾号1234", ("tb-20261120-0001",), "1234"),
        ("订单2026112000 手机13800001234", ("2026112000",), "1234"),
        ("13800001234", (), "1234"),
        ("手机尾号是 5678", (), "5678"),
        ("后四位5678", (), "5678"),
        ("5678", (), "5678"),
        ("是5678。", (), "5678"),
        ("QY20261120002 5678", ("qy20261120002",), "5678"),
        ("QY20261120002，2025年买的", ("qy20261120002",), ""),
        ("2800 的主板", (), ""),
        ("买了2件，3天了", (), ""),
        ("２０２６１１２００００１到哪了", ("202611200001",), ""),
        ("202611200001和202611200002", ("202611200001", "202611200002"), ""),
    ],
)
def test_numbers_and_phone_digits_are_read_from_the_sentence(text, numbers, last4) -> None:
    found = read_question(text)
    assert (found.order_nos, found.phone_last4) == (numbers, last4)


def test_paid_and_in_time_tells_the_promised_moment() -> None:
    found = ask("202611200001 什么时候发货", [order(promised_at=NOW + timedelta(hours=4))])
    assert (found.found, found.status, found.urge) == (True, "paid", False)
    assert (
        found.reply
        == "亲，您的订单202611200001（电脑包×2）已付款，正在为您安排发货，承诺今天（11月20日）18:00前发出，请您放心。"
    )


def test_paid_without_a_promise_names_no_moment() -> None:
    found = ask("202611200001", [order()])
    assert "暂不确定" in found.reply
    assert not found.urge


def test_late_is_urged_and_handed_over() -> None:
    found = ask("催一下202611200001", [order(promised_at=NOW - timedelta(minutes=1))])
    assert (found.urge, found.handoff_reason) == (True, "policy")
    assert "加急" in found.reply


def test_what_is_left_of_an_order_has_its_promise_and_is_urged_when_late() -> None:
    sent = {"status": "part_shipped", "carrier": "韵达快递", "tracking": "YD7"}
    in_time = ask("202611200001", [order(promised_at=NOW + timedelta(days=1), **sent)])
    assert "运单号YD7" in in_time.reply
    assert "其余商品正在为您安排发货，承诺明天（11月21日）14:00前发出" in in_time.reply
    late = ask("202611200001", [order(promised_at=NOW - timedelta(days=1), **sent)])
    assert (late.urge, late.handoff_reason) == (True, "policy")
    assert "其余商品原定昨天（11月19日）14:00前发货，现在已经超时" in late.reply


def test_shipped_tells_carrier_and_number() -> None:
    sent = order(status="shipped", shipped_at=NOW - timedelta(days=1), carrier="顺丰速运", tracking="SF100")
    assert "已于昨天（11月19日）14:00发出，由顺丰速运承运，运单号SF100" in ask("202611200001", [sent]).reply


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("unpaid", "还没有付款"),
        ("deposit", "定金已付，尾款待付，付清尾款后安排发货"),
        ("part_shipped", "部分商品已经发出"),
        ("delivered", "签收"),
        ("cancelled", "已经取消"),
        ("refunding", "正在办理退款"),
        ("part_refunded", "部分商品已经退款"),
        ("refunded", "已经退款"),
    ],
)
def test_every_other_state_has_its_sentence(status, says) -> None:
    assert says in ask("202611200001", [order(status=status)]).reply


def test_a_deposit_is_no_payment_that_goods_are_sent_for() -> None:
    late = ask("催一下202611200001", [order(status="deposit", promised_at=NOW - timedelta(days=1))])
    assert (late.urge, "承诺" in late.reply) == (False, False)
    soon = ask("202611200001", [order(status="deposit", promised_at=NOW + timedelta(days=1))])
    assert "付清尾款后安排发货，承诺明天（11月21日）14:00前发出" in soon.reply


def test_shipped_without_a_tracking_number_invents_none() -> None:
    assert "暂未更新" in ask("202611200001", [order(status="shipped")]).reply


@pytest.mark.parametrize("caller", [Caller("buyer-2"), Caller("", "9999"), Caller("buyer-2", "9999"), Caller()])
def test_another_customers_order_looks_exactly_like_none(caller: Caller) -> None:
    hidden = ask("202611200001", [order(carrier="顺丰速运", tracking="SF100", status="shipped")], caller)
    absent = ask("202611200001", [], caller)
    assert hidden == absent
    assert not hidden.found
    assert "SF100" not in hidden.reply


@pytest.mark.parametrize("caller", [Caller("buyer-1"), Caller("", "1234"), Caller("buyer-2", "1234")])
def test_the_buyer_or_the_matching_four_digits_open_it(caller: Caller) -> None:
    assert ask("202611200001", [order()], caller).found


def test_empty_ids_match_nothing() -> None:
    assert not order(buyer_id="", phone_last4="").belongs_to(Caller("", ""))


def test_without_a_number_the_buyers_open_order_is_meant() -> None:
    old = order("202611100001", "delivered")
    found = ask("什么时候发货", [order(promised_at=NOW + timedelta(hours=1)), old])
    assert found.order_no == "202611200001"


def test_several_open_orders_are_asked_about() -> None:
    found = ask("我的订单怎么样了", [order(), order("202611200002", "shipped")])
    assert (found.found, found.missing) == (True, ("order_no",))
    assert found.candidates == ("202611200001", "202611200002")
    assert "哪一笔" in found.ask


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("什么时候发货", "202611200001"),
        ("我的快递到哪了", "202611200002"),
        ("我还有一单没付款吧", "202611200003"),
        ("我退的钱什么时候到", "202611200004"),
    ],
)
def test_of_several_orders_the_one_that_the_words_speak_of_is_told(text, number) -> None:
    states = ("paid", "shipped", "unpaid", "refunded")
    found = ask(text, [order(f"20261120000{at}", state) for at, state in enumerate(states, start=1)])
    assert (found.found, found.order_no) == (True, number)


def test_four_digits_without_a_number_show_nothing() -> None:
    found = ask("尾号1234，到哪了", [order()], Caller("", "1234"))
    assert (found.found, found.missing) == (False, ("order_no",))


def test_who_gave_the_digits_is_asked_for_the_number_only() -> None:
    assert ask("查单 尾号8765", [], Caller("", "8765")).missing == ("order_no",)


def test_nobody_known_is_asked_for_number_and_digits() -> None:
    assert ask("什么时候发货", [], Caller()).missing == ("order_no", "phone_last4")


def test_a_number_without_digits_asks_for_the_digits() -> None:
    assert ask("202611200001", [order()], Caller()).missing == ("phone_last4",)


def test_an_order_checks_itself() -> None:
    with pytest.raises(BadInput):
        order(status="lost")
    with pytest.raises(BadInput):
        order(phone_last4="12345")
