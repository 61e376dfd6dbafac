"""What is wanted of an order besides its state is kept while it is proved whose order it is."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from kefu.core.orders import OrderItem
from kefu.engine import TOOLS, Engine, ToolRequest
from kefu.store.orders import load_orders, save_orders
from kefu.store.shops import Shop

PAID = ("202611200001", "1234")
SHIPPED = ("202611190004", "8765")
UNPAID = ("202611200014", "5566")


def talk(engine: Engine, shop: Shop, *texts: str, buyer: str = "") -> list[dict[str, Any]]:
    """What `understand` says to each message of one conversation, of a buyer whom the channel may know."""
    conversation = uuid.uuid4().hex
    return [TOOLS["understand"](engine, shop, ToolRequest(text, conversation, buyer, "", {})) for text in texts]


@pytest.fixture
def in_part(sample_engine: Engine, sample_shop: Shop) -> str:
    """A buyer whose order has left in part."""
    with sample_engine.db.write() as connection:
        paid = load_orders(connection, sample_shop.id)["202611200021"]
        sent = {"status": "part_shipped", "carrier": "韵达快递", "tracking": "YD0000000000900"}
        order = replace(paid, order_no="202611200900", buyer_id="buyer-900", items=(OrderItem("CAB-HDMI-3"),), **sent)
        save_orders(connection, sample_shop.id, [order])
    return order.buyer_id


WISHES = {
    "an address, then the digits": ["收货地址改成杭州市西湖区文三路1号 订单{0}", "{1}"],
    "all in one message": ["订单{0} 尾号{1} 帮我换个收件人"],
    "a service spoken of before the number": ["你们发的型号不对 怎么办", "订单{0}", "{1}"],
    "it is not wanted any more": ["{0}这单我不想要了 尾号{1}"],
    "asked back before the digits": ["{0}帮我改下地址", "什么后四位啊", "{1}"],
    "told with the digits": ["查下订单{0}", "{1} 帮我改地址"],
    "digits that were wrong at first": ["{0}帮我改下收货电话", "0000", "是{1}"],
}


@pytest.mark.parametrize("name", WISHES)
def test_a_wish_for_an_order_reaches_a_person_with_its_state(
    sample_engine: Engine, sample_shop: Shop, name: str
) -> None:
    *_, said = talk(sample_engine, sample_shop, *(text.format(*PAID) for text in WISHES[name]))
    assert said["handoff_reason"] == "policy", said
    assert f"您的订单{PAID[0]}（" in said["reply"]


@pytest.mark.parametrize(
    "texts",
    [
        ["我退款的钱呢 202611180009", "8642"],
        ["202611180009 8642 我的退款呢"],
        ["退货的钱到哪了 订单202611180009 尾号8642"],
    ],
)
def test_the_state_of_a_refund_is_looked_up_by_number(
    sample_engine: Engine, sample_shop: Shop, texts: list[str]
) -> None:
    *_, said = talk(sample_engine, sample_shop, *texts)
    assert said["handoff_reason"] == ""
    assert "您的订单202611180009（" in said["reply"]
    assert "已经退款" in said["reply"]


@pytest.mark.parametrize(
    "text",
    [
        "我买的线只收到一半",
        "你们少发了东西吧",
        "202611200900 尾号7878 怎么只到了一个",
        "订单202611200900 7878 剩下的呢",
    ],
)
def test_what_has_come_in_part_is_told_before_a_person_is_called(
    sample_engine: Engine, sample_shop: Shop, in_part: str, text: str
) -> None:
    known = "" if "202611200900" in text else in_part
    (said,) = talk(sample_engine, sample_shop, text, buyer=known)
    assert said["handoff_reason"] == ""
    assert "其余商品正在为您安排发货，承诺今天（11月20日）18:00前发出" in said["reply"]


def test_an_invoice_for_an_order_needs_no_proof_before_a_person_is_called(
    sample_engine: Engine, sample_shop: Shop
) -> None:
    (said,) = talk(sample_engine, sample_shop, "我202611180007那单要补张票")
    assert said["handoff_reason"] != ""


@pytest.mark.parametrize("asks", ["退款怎么弄", "我不想要了 退了吧", "可以退吗"])
def test_an_order_that_has_not_left_is_stopped_not_sent_back(
    sample_engine: Engine, sample_shop: Shop, asks: str
) -> None:
    *_, unsent = talk(sample_engine, sample_shop, "{} {}".format(*PAID), asks)
    assert "直接取消" in unsent["reply"]
    assert "直接取消" not in talk(sample_engine, sample_shop, "{} {}".format(*SHIPPED), asks)[-1]["reply"]


def test_what_is_not_wanted_among_goods_stops_no_order(sample_engine: Engine, sample_shop: Shop) -> None:
    *_, said = talk(sample_engine, sample_shop, "{} {}".format(*PAID), "U盘有吗", "不要了")
    assert said["handoff_reason"] == ""


def test_a_state_is_not_said_twice_in_the_same_words(sample_engine: Engine, sample_shop: Shop) -> None:
    first, second, third = talk(sample_engine, sample_shop, "{} {}".format(*SHIPPED), "大概哪天能到", "几号能到")
    assert "SF0000000000101" in second["reply"]
    assert "具体哪天送到暂不确定" in second["reply"]
    assert first["reply"] != second["reply"]
    assert third["handoff_reason"] == "policy"


@pytest.mark.parametrize("asks", ["能不能今天发 明天出差了", "可以早点发吗"])
def test_sooner_than_promised_is_not_answered_by_rules_for_other_goods(
    sample_engine: Engine, sample_shop: Shop, asks: str
) -> None:
    *_, said = talk(sample_engine, sample_shop, "{} {}".format(*PAID), asks)
    assert "承诺今天（11月20日）18:00前发出" in said["reply"]
    assert "能不能更早暂不确定" in said["reply"]


def test_who_would_pay_now_is_told_until_when_it_is_sent_today(sample_engine: Engine, sample_shop: Shop) -> None:
    shown, sent = talk(sample_engine, sample_shop, "我拍的硬盘付款了吗", "那我现在付 今天能发不", buyer="buyer-013")
    assert "还没有付款" in shown["reply"]
    assert "前付款" in sent["reply"]


def test_another_variant_is_a_person_s_and_its_stock_is_told(sample_engine: Engine, sample_shop: Shop) -> None:
    *_, said = talk(sample_engine, sample_shop, "202611190006 1357", "能换成白色的吗 白色有货吗")
    assert said["handoff_reason"] == "policy"
    assert "现货" in said["reply"] or "缺货" in said["reply"]


def test_a_phone_after_the_question_for_an_order_is_no_call_back(sample_engine: Engine, sample_shop: Shop) -> None:
    *_, asked = talk(sample_engine, sample_shop, "查下我的订单", "我电话13812340000")
    assert (asked["handoff_reason"], "再提供一下订单号" in asked["reply"]) == ("", True)


@pytest.fixture
def of_goods(sample_engine: Engine, sample_shop: Shop) -> dict[str, str]:
    """Buyers with one order each, by its state."""
    found = {}
    with sample_engine.db.write() as connection:
        paid = load_orders(connection, sample_shop.id)["202611200021"]
        for at, status in enumerate(("unpaid", "paid", "shipped", "refunding", "refunded")):
            number, buyer = f"2026112009{at}1", f"buyer-91{at}"
            items = (OrderItem("CAB-HDMI-3"), OrderItem("MS-L1-WH", 2))
            sent = {"carrier": "韵达快递", "tracking": f"YD000000000091{at}"} if status == "shipped" else {}
            one = replace(paid, order_no=number, buyer_id=buyer, items=items, status=status, **sent)
            save_orders(connection, sample_shop.id, [one])
            found[status] = buyer
    return found


@pytest.mark.parametrize(
    ("status", "text", "says"),
    [
        ("unpaid", "我拍了根hdmi线没付钱", "还没有付款"),
        ("paid", "我的hdmi线呢", "已付款"),
        ("paid", "买的hdmi线发货了没", "已付款"),
        ("shipped", "我那个hdmi线几号能到", "YD0000000000912"),
        ("refunding", "我那根hdmi线退款了没", "正在办理退款"),
        ("refunded", "hdmi线退款了吗", "已经退款"),
    ],
)
def test_goods_that_were_ordered_are_told_from_the_buyers_order(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], status: str, text: str, says: str
) -> None:
    (told,) = talk(sample_engine, sample_shop, text, buyer=of_goods[status])
    assert told["route"] == "order", told
    assert says in told["reply"]


@pytest.mark.parametrize("text", ["我的u盘呢", "hdmi线怎么用", "hdmi线还有货吗", "我的hdmi线坏了怎么办"])
def test_an_order_without_these_goods_or_another_question_is_not_answered_with_its_state(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], text: str
) -> None:
    (told,) = talk(sample_engine, sample_shop, text, buyer=of_goods["paid"])
    assert told["route"] != "order", told


@pytest.mark.parametrize("text", ["我没拍错吧", "鼠标是白色的对吧 我没拍错吧", "我买的是什么"])
def test_what_an_order_holds_is_told(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], text: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, "我的订单到哪了", text, buyer=of_goods["paid"])
    assert "里是：" in told["reply"]
    assert "×2" in told["reply"]


@pytest.mark.parametrize("text", ["备注忘写了 要白色的", "下单忘了备注", "帮我加个备注 送到门卫"])
def test_a_remark_of_an_order_is_for_a_person(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], text: str
) -> None:
    (told,) = talk(sample_engine, sample_shop, text, buyer=of_goods["paid"])
    assert told["handoff_reason"] == "policy"


def test_another_variant_is_a_persons_after_a_person_too(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str]
) -> None:
    *_, told = talk(sample_engine, sample_shop, "我的订单到哪了", "帮我换成对的", buyer=of_goods["paid"])
    assert told["handoff_reason"] == "policy"


def test_a_refund_that_is_urged_is_told_and_handed_over(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str]
) -> None:
    *_, told = talk(sample_engine, sample_shop, "退款到哪了", "催一下吧", buyer=of_goods["refunding"])
    assert told["handoff_reason"] == "policy"


@pytest.mark.parametrize("text", ["几号到湖南", "那个hdmi线啥时候到南京"])
def test_a_place_after_an_order_on_its_way_makes_no_new_promise(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], text: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, "我的订单到哪了", text, buyer=of_goods["shipped"])
    assert told["route"] == "order"
    assert "前付款" not in told["reply"]


def test_other_goods_after_an_order_are_promised_as_ever(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str]
) -> None:
    *_, told = talk(
        sample_engine, sample_shop, "我的订单到哪了", "Q87红轴黑色寄到南京几天能到", buyer=of_goods["shipped"]
    )
    assert "前付款" in told["reply"]


def test_who_waits_for_a_refund_that_was_shown_meets_a_person_not_the_rule_again(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str]
) -> None:
    *_, told = talk(sample_engine, sample_shop, "退款到哪了", "都寄回去一周了 钱呢", buyer=of_goods["refunding"])
    assert (told["route"], told["handoff_reason"]) == ("human", "policy")


@pytest.mark.parametrize(("status", "reason"), [("refunded", "policy"), ("paid", "policy")])
def test_what_a_refund_came_to_is_told_by_a_person(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], status: str, reason: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, "我的订单到哪了", "你们退了我多少", buyer=of_goods[status])
    assert told["handoff_reason"] == reason


@pytest.fixture
def on_deposit(sample_engine: Engine, sample_shop: Shop) -> str:
    """The number of an order of which a deposit is paid; its phone ends in 3321."""
    with sample_engine.db.write() as connection:
        paid = load_orders(connection, sample_shop.id)["202611200021"]
        order = replace(paid, order_no="202611200921", buyer_id="buyer-921", phone_last4="3321", status="deposit")
        save_orders(connection, sample_shop.id, [order])
    return order.order_no


def test_the_rest_after_a_deposit_is_told_from_the_order_and_calls_nobody(
    sample_engine: Engine, sample_shop: Shop, on_deposit: str
) -> None:
    asked, told = talk(sample_engine, sample_shop, "我交了定金 啥时候付尾款啊", f"{on_deposit} 3321")
    assert asked["missing"] == ["order_no", "phone_last4"]
    assert ("尾款待付" in told["reply"], told["handoff_reason"]) == (True, "")


@pytest.mark.parametrize("text", ["定金能退不", "交的订金可以退给我吗"])
def test_a_deposit_is_not_given_back_by_what_holds_for_goods(
    sample_engine: Engine, sample_shop: Shop, on_deposit: str, text: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, f"{on_deposit} 尾号3321", text)
    assert told["handoff_reason"] == "policy"


def test_an_order_that_is_to_be_paid_calls_nobody(sample_engine: Engine, sample_shop: Shop) -> None:
    (told,) = talk(sample_engine, sample_shop, "有个硬盘忘付款了 现在还能付吗 {} {}".format(*UNPAID))
    assert ("还没有付款" in told["reply"], told["handoff_reason"]) == (True, "")


@pytest.mark.parametrize("asks", ["付了今天能走吗", "今天能发吗", "付完今天发得了不"])
def test_what_is_not_paid_yet_is_sent_as_what_is_bought_now(
    sample_engine: Engine, sample_shop: Shop, asks: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, "我拍的硬盘付款了吗", asks, buyer="buyer-013")
    assert "前付款" in told["reply"], told


def test_a_payment_that_the_order_does_not_show_is_for_a_person(sample_engine: Engine, sample_shop: Shop) -> None:
    *_, told = talk(sample_engine, sample_shop, "我拍的硬盘付款了吗", "我刚付了 今天能发吗", buyer="buyer-013")
    assert told["handoff_reason"] == "policy"


@pytest.mark.parametrize("text", ["我定的hdmi线什么时候发", "我订的hdmi线发了没", "我拍的线还要几天到"])
def test_what_i_ordered_in_any_word_is_my_order(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], text: str
) -> None:
    (told,) = talk(sample_engine, sample_shop, text, buyer=of_goods["paid"])
    assert told["route"] == "order", told


@pytest.mark.parametrize("text", ["颜色想换一个黑的 还来得及不", "能给我换个1米的吗", "鼠标能先发吗"])
def test_what_has_not_left_is_changed_by_a_person(
    sample_engine: Engine, sample_shop: Shop, of_goods: dict[str, str], text: str
) -> None:
    *_, told = talk(sample_engine, sample_shop, "我的订单到哪了", text, buyer=of_goods["paid"])
    assert told["handoff_reason"] == "policy", told
