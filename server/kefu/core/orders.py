"""Orders: whose they are, how late they are, and what is said about them. Never another customer's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kefu.core.catalogue.phrases import opening, say_day, say_time
from kefu.core.text import normalise, with_digits
from kefu.errors import BadInput

OrderStatus = Literal[
    "unpaid", "deposit", "paid", "part_shipped", "shipped", "delivered", "cancelled", "refunding", "part_refunded",
    "refunded",
]  # fmt: skip

STATUSES: dict[str, str] = {
    "unpaid": "待付款",
    "deposit": "定金已付",
    "paid": "已付款",
    "part_shipped": "部分发货",
    "shipped": "已发货",
    "delivered": "已签收",
    "cancelled": "已取消",
    "refunding": "退款中",
    "part_refunded": "部分退款",
    "refunded": "已退款",
}
"""Status → how it is said; imports take either."""

TO_BE_SENT = ("paid", "part_shipped")
"""Paid, and something of it has not left."""
NOT_SENT = ("unpaid", "paid")
REFUNDS = ("refunding", "part_refunded", "refunded")
OPEN = ("unpaid", "deposit", "paid", "part_shipped", "shipped", "refunding")

_NUMBER = re.compile(r"(?<![a-z0-9])[a-z]{0,6}[-_]?\d[\d-]{6,38}\d(?![a-z0-9])")
_LAST4 = re.compile(r"(?:尾号|后四位|末四位|后4位|尾数)\D{0,4}(\d{4})(?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_FOUR = re.compile(r"(?<![\d.a-z-])(\d{4})(?![\d.a-z-]|\s*[年月日号点元块])")
_FOUR_ALONE = re.compile(r"(?:[我的是这个手机电话号码\s,，:：.。]|就是)*\d{4}[的哦啊吧呢\s,，.。!]*")
"""The answer to 后四位是多少: 1234, 是1234."""


@dataclass(frozen=True, slots=True)
class OrderItem:
    sku: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """``phone_last4`` is all that is kept of the phone. Times are aware; ``promised_at`` = shipped by then."""

    order_no: str
    status: OrderStatus
    buyer_id: str = ""
    phone_last4: str = ""
    items: tuple[OrderItem, ...] = ()
    ordered_at: datetime | None = None
    paid_at: datetime | None = None
    promised_at: datetime | None = None
    shipped_at: datetime | None = None
    carrier: str = ""
    tracking: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise BadInput(f"“{self.status}” is no order status.", f"Use one of {', '.join(STATUSES)}.")
        if self.phone_last4 and not re.fullmatch(r"\d{4}", self.phone_last4):
            raise BadInput(
                f"{self.order_no}: the phone's last four digits are four digits.",
                "Give the whole number or four digits.",
            )

    def is_of(self, caller: Caller) -> bool:
        """By the channel's buyer id, which nobody can guess."""
        return bool(caller.buyer_id) and caller.buyer_id == self.buyer_id

    def belongs_to(self, caller: Caller) -> bool:
        """By buyer id, or by the phone's last four digits."""
        return self.is_of(caller) or (bool(caller.phone_last4) and caller.phone_last4 == self.phone_last4)

    def holds_one_of(self, skus: frozenset[str]) -> bool:
        """Whether one of ``skus`` was ordered; of none any order will do."""
        return not skus or any(item.sku in skus for item in self.items)

    def is_late(self, now: datetime) -> bool:
        """Paid, not shipped or only in part, and the promised time is over."""
        return self.status in TO_BE_SENT and self.promised_at is not None and now > self.promised_at


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as known: the channel's buyer id, the last four digits the customer gave."""

    buyer_id: str = ""
    phone_last4: str = ""


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """What a sentence says: order numbers and four digits of a phone, either may be absent; ``states`` are the keys of
    ``STATUSES`` that an order may have of which its words speak, () for any; ``skus`` the goods of which it must hold
    one, none for any."""

    order_nos: tuple[str, ...] = ()
    phone_last4: str = ""
    states: tuple[str, ...] = ()
    skus: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """``urge``: write an urge record and hand over with ``handoff_reason``. ``status`` is a key of ``STATUSES``;
    ``skus`` are what was ordered; ``again`` is what is said in place of ``reply`` if that was said just before;
    ``holds`` says all that was ordered."""

    found: bool
    reply: str
    status: str = ""
    order_no: str = ""
    missing: tuple[str, ...] = ()
    ask: str = ""
    candidates: tuple[str, ...] = ()
    urge: bool = False
    handoff_reason: str = ""
    skus: tuple[str, ...] = ()
    again: str = ""
    holds: str = ""


NameOf = Callable[[str], str]
"""SKU → the name shown to the customer, ``""`` if the catalogue has it no more."""


def read_question(text: str) -> OrderQuestion:
    """Order numbers and phone digits in a sentence. A mobile number is never taken for an order number.

    Four digits alone, or beside an order number, are the phone's.
    """
    folded = with_digits(normalise(text).text)
    phones = _PHONE.findall(folded)
    numbers = _NUMBER.findall(_PHONE.sub(" ", folded))
    last4 = _LAST4.search(folded) or (_FOUR.search(folded) if numbers or _FOUR_ALONE.fullmatch(folded) else None)
    digits = last4[1] if last4 else phones[0][-4:] if phones else ""
    states = next((states for words, states in _OF_STATES if words.search(folded)), ())
    return OrderQuestion(tuple(dict.fromkeys(n.strip("-") for n in numbers)), digits, states)


def digits_of_a_phone(text: str) -> str:
    """The last four digits of a phone that the words call so (尾号8765) or that is given whole; "" if neither."""
    folded = with_digits(normalise(text).text)
    named, phones = _LAST4.search(folded), _PHONE.findall(folded)
    return named[1] if named else phones[0][-4:] if phones else ""


def names_its_last_digits(text: str) -> bool:
    """Whether four digits are called the last of a phone, by which orders are found (尾号8765), not a whole number."""
    return _LAST4.search(with_digits(normalise(text).text)) is not None


OF_A_PART = re.compile(
    r"只(?:收|到|发|来)|少[发了]|剩下|其余|没[收发]全"
    r"|.到(?:货|手)?了[ ,]{0,2}(?:那|可|但)?[^ ,。?!]{1,8}(?:呢|[还都]没|没[到有])"
)
"""Some of an order has come and some has not (怎么只收到一箱; 台灯到了 灯罩呢)."""
_OF_STATES = (
    (re.compile(r"定金|尾款|预售"), ("deposit",)),
    (re.compile(r"[没未待](?:付|支付|给钱)|忘.{0,2}付"), ("unpaid",)),
    (re.compile(r"付款?了[吗没么不]|付款?成功"), ("unpaid", "paid")),
    (OF_A_PART, ("part_shipped",)),
    (re.compile(r"退.{0,10}(?:钱|款)|(?:钱|款).{0,4}退"), REFUNDS),
    (re.compile(r"快递|物流|包裹|运单|派送|到哪|收到"), ("part_shipped", "shipped", "delivered")),
    (re.compile(r"[没不未].{0,2}发货|催|发货"), ("paid", "part_shipped")),
)
"""Words of a question → the states of the orders that it may be about (我还有一单没付款)."""


def order_answer(
    asked: OrderQuestion, orders: Sequence[Order], caller: Caller, now: datetime, name_of: NameOf, address: str = "您"
) -> OrderAnswer:
    """``orders`` are those with the numbers asked for, or the caller's own when no number was given (newest first).

    An order that is not the caller's is answered exactly as one that does not exist.
    """
    head = opening(address)
    mine = [order for order in orders if order.belongs_to(caller) and order.holds_one_of(asked.skus)]
    if asked.order_nos:
        if len(mine) == 1:
            return _about(mine[0], now, name_of, head)
        if not mine:
            return _not_found(asked, caller, head)
        return _which(mine, name_of, head)
    if not mine and not caller.phone_last4:
        ask = "麻烦您提供一下订单号，以及下单手机号的后四位，我帮您查一下。"
        return OrderAnswer(False, head + ask, missing=("order_no", "phone_last4"), ask=ask)
    if not mine or not caller.buyer_id:  # four digits alone are shared by one customer in ten thousand
        ask = "为了保护您的订单信息，麻烦再提供一下订单号，我帮您查一下。"
        return OrderAnswer(False, head + ask, missing=("order_no",), ask=ask)
    spoken_of = [order for order in mine if order.status in asked.states][: 1 if "delivered" in asked.states else None]
    current = spoken_of or [order for order in mine if order.status in OPEN] or mine[:1]
    return _about(current[0], now, name_of, head) if len(current) == 1 else _which(current, name_of, head)


def tried_too_often(address: str = "您") -> OrderAnswer:
    """The answer once too many digits were wrong, the same whether or not there is such an order."""
    said = "为了保护订单信息，这笔订单的核对次数已达上限，我请同事来帮您核实，请稍等。"
    return OrderAnswer(False, opening(address) + said, handoff_reason="policy")


def _not_found(asked: OrderQuestion, caller: Caller, head: str) -> OrderAnswer:
    number = asked.order_nos[0].upper()
    if not caller.phone_last4:  # every customer of Dify has an id, that of the account which ordered is another
        ask = "麻烦您提供一下下单手机号的后四位，核对后我帮您查订单。"
        return OrderAnswer(False, head + ask, missing=("phone_last4",), ask=ask, order_no=number)
    ask = "麻烦您核对一下订单号和下单手机号的后四位，我再帮您查一下。"
    return OrderAnswer(
        False, f"{head}没有查到属于您的订单{number}。{ask}", missing=("order_no",), ask=ask, order_no=number
    )


def _which(orders: Sequence[Order], name_of: NameOf, head: str) -> OrderAnswer:
    shown = [f"{order.order_no}（{_items(order, name_of)}{STATUSES[order.status]}）" for order in orders[:5]]
    ask = f"您有{len(orders)}笔订单：{'、'.join(shown)}{'等' if len(orders) > 5 else ''}，请问您问的是哪一笔？"
    return OrderAnswer(
        True, head + ask, missing=("order_no",), ask=ask, candidates=tuple(order.order_no for order in orders[:5])
    )


def _items(order: Order, name_of: NameOf) -> str:
    names = [f"{name}×{item.quantity}" for item in order.items if (name := name_of(item.sku))]
    more = "等" if len(names) > 2 else ""
    return f"{'、'.join(names[:2])}{more}，" if names else ""


def _about(order: Order, now: datetime, name_of: NameOf, head: str) -> OrderAnswer:
    items = _items(order, name_of).rstrip("，")
    everything = "、".join(f"{name_of(item.sku) or item.sku}×{item.quantity}" for item in order.items)
    holds = f"{head}您的订单{order.order_no}里是：{everything}，{STATUSES[order.status]}。请您核对，要改请告诉我。"
    what = f"您的订单{order.order_no}{f'（{items}）' if items else ''}"
    said, late = _SAYINGS[order.status](order, now), order.is_late(now)
    return OrderAnswer(
        True, f"{head}{what}{said}", order.status, order.order_no, urge=late, handoff_reason="policy" if late else "",
        skus=tuple(item.sku for item in order.items), again=f"{head}{_ONCE_MORE}{said}{_UNSAID.get(order.status, '')}",
        holds=holds if order.items else "",
    )  # fmt: skip


def _unpaid(_order: Order, _now: datetime) -> str:
    return "还没有付款，付款后我们会尽快为您安排发货。"


def _deposit(order: Order, now: datetime) -> str:
    in_time = order.promised_at is not None and now <= order.promised_at
    promised = f"，承诺{_moment(order.promised_at, now)}前发出" if order.promised_at and in_time else ""
    return f"定金已付，尾款待付，付清尾款后安排发货{promised}，请留意订单页面的付尾款时间。"


def _paid(order: Order, now: datetime) -> str:
    return f"已付款，{_to_be_sent(order, now)}"


def _to_be_sent(order: Order, now: datetime) -> str:
    """When what has not left is sent."""
    if order.promised_at is None:
        return "正在为您安排发货，具体发货时间暂不确定。"
    promised = _moment(order.promised_at, now)
    if order.is_late(now):
        return f"原定{promised}前发货，现在已经超时，非常抱歉。我已经为您登记加急催发，并转给同事马上跟进。"
    return f"正在为您安排发货，承诺{promised}前发出，请您放心。"


def _part_shipped(order: Order, now: datetime) -> str:
    return f"部分商品{_shipped(order, now)}其余商品{_to_be_sent(order, now)}"


def _shipped(order: Order, now: datetime) -> str:
    when = f"已于{_moment(order.shipped_at, now)}发出" if order.shipped_at else "已经发出"
    if order.carrier and order.tracking:
        return f"{when}，由{order.carrier}承运，运单号{order.tracking}，您可以凭单号查询物流进度。"
    if order.carrier or order.tracking:
        return f"{when}（{order.carrier or '运单号' + order.tracking}），您可以在订单页面查看详情。"
    return f"{when}，运单号暂未更新，您可以稍后在订单页面查看。"


def _delivered(order: Order, _now: datetime) -> str:
    by = f"由{order.carrier}送达并" if order.carrier else ""
    return f"已经{by}签收，如果您没有收到或者商品有问题，请告诉我，我马上帮您处理。"


def _cancelled(_order: Order, _now: datetime) -> str:
    return "已经取消，如果还需要，您可以重新下单。"


def _refunding(_order: Order, _now: datetime) -> str:
    return "正在办理退款，处理进度和到账时间以订单页面为准。"


def _part_refunded(order: Order, now: datetime) -> str:
    rest = f"其余商品{_shipped(order, now)}" if order.shipped_at or order.tracking else "其余商品的进度请看订单页面。"
    return f"有部分商品已经退款，款项会按原支付方式退回，到账时间以支付平台为准。{rest}"


def _refunded(_order: Order, _now: datetime) -> str:
    return "已经退款，款项会按原支付方式退回，到账时间以支付平台为准。"


_SAYINGS: dict[str, Callable[[Order, datetime], str]] = {
    "unpaid": _unpaid,
    "deposit": _deposit,
    "paid": _paid,
    "part_shipped": _part_shipped,
    "shipped": _shipped,
    "delivered": _delivered,
    "cancelled": _cancelled,
    "refunding": _refunding,
    "part_refunded": _part_refunded,
    "refunded": _refunded,
}


_ONCE_MORE = "目前的进度没有变化："
_UNSAID = {
    "paid": "能不能更早暂不确定。",
    "part_shipped": "能不能更早暂不确定。",
    "shipped": "具体哪天送到暂不确定，请以物流进度为准。",
}
"""Status → what is not known of it, for who asks on."""


def _moment(moment: datetime, now: datetime) -> str:
    local = moment.astimezone(now.tzinfo)
    return f"{say_day(local.date(), now.date())}{say_time(local.time())}"
