"""What is wanted of an order besides its state: kept while it is asked whose order it is, then for a person."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.decide.goods.answer import GOODS_INTENTS
from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import asks_for_a_change
from kefu.core.decide.orders.money import (
    asks_for_the_rest_to_pay,
    asks_how_much_came_back,
    presses_for_a_refund,
    waits_for_a_refund,
)
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import surely_written
from kefu.core.decide.written.ways_of_asking import KNOWLEDGE_INTENTS
from kefu.core.dialogue import State
from kefu.core.emotion import Emotion
from kefu.core.orders import NOT_SENT, OF_A_PART, REFUNDS
from kefu.core.text import normalise

WISH, STATUS = "wish", "order_status"
"""What an open question for an order's number remembers, and what the conversation does once it was shown."""

_STATE = re.compile(
    r"到账|退款?.{0,4}[到没]|[到没]退|退.{0,4}[钱款]呢|进度|处理[到得完]|审核"
    r"|(?:什么时候|啥时候|几[号时]|哪天|多久|怎么还).{0,4}[发到送]"
)
"""What an order's own data say of a refund (退款到没到账啊 20261120000615) or of its way."""
_STOPS = re.compile(
    r"^(?!.*(?:再不|不发)).*(?:取消|退[了掉]|退款?(?:怎么|咋|吧|可以|[了呀啊吗不]?$)"
    r"|(?:怎么|咋|如何|想|[要能]|可以|申请|给我|帮我|直接|办).{0,2}退(?![货换回]))"
)
_NOT_WANTED = re.compile(r"不想?要了|不买了")
_HOW_LONG = re.compile(r"^(?!.*[发送]).*(?:[几多].{0,3}[天久]|什么时候|啥时候|[几哪][天号]|到账)")
_OF_ONE_NOT_SENT, _OF_A_REFUND = "怎么取消订单", "退款多久到账"
"""What is asked, however it is worded, of an order that was shown (退款怎么弄; 到底要几天)."""


_REMARK = re.compile(
    r"(?:备注|留言).{0,4}(?:忘|没|漏|错|少)|(?:忘|漏|没|少|错).{0,3}(?:备注|留言)"
    r"|(?:改|加|补|换)(?:一?下|个|上)?(?:备注|留言)|(?:备注|留言).{0,3}(?:改|加|补|换)(?:成|上|一?下)"
)
_CONTENT = re.compile(
    r"没[买拍下选订]错|[买拍下选订]错(?:了?没有?|了?吗)"
    r"|^(?!.*[能可会]).*[买拍下选订]的(?:是|有).{0,14}(?:[对是]吧|对吗|吗|吧)\W*$"
    r"|[买拍下选订]的(?:是|有)?(?:什么|啥|哪[个款种])(?:[颜规型尺大款]|\W*$)|订单(?:里|上)?面?(?:是|有|买)[了的]?(?:什么|啥|哪)"
)
_MY_GOODS = re.compile(
    r"我(?:的|那个?|这个?).{1,12}(?:呢|[发到退寄做好]{1,2}[货款出]?了?(?:没有?|吗|么|不))\W*$"
    r"|(?:我(?:的|那个?|这个?)|[买拍定订]做?了?的|那个).{1,12}(?:怎么还[没不]|啥时候|什么时候|几[号天]|哪天|多久).{0,3}[发到退寄做送]"
    r"|[买拍定订]做?了?的.{1,12}[发到退寄做好]{1,2}[货款出]?了?(?:没有?|吗|么|不)\W*$"
    r"|.{2,12}(?:退款了?|退了|做好了?|寄出?了|发货?了)(?:没有?|吗|么|不)\W*$"
)
_OWN_CHOICE = re.compile(
    r"我(?:之前|上次|刚才?|昨天|前天|当时)?[买拍选订](?:下|单)?的(?:[^,。?!]{0,6}是)?(?:什么|啥|哪[个种]?|几|多大)"
    r"(?:号色|色号?|颜色|码|尺码|规格|型号|口味|款式?|号(?!.{0,2}[发到送寄]))"
    r"|我[^,。?!]{0,4}[买拍选订](?!过)[^,。?!]{0,10}(?:什么|啥|哪|几|多大)(?!.{0,4}(?:时候|[钱价]|天|[发到送寄]))[^,。?!]{0,5}来着"
    r"|[^想要,。?!]{2,}还是[^,。?!]{1,8}我(?:之前|上次|当时)?[买拍选订]的\W*$"
    r"|我(?:之前|上次|当时)?[买拍选订]的[^,。?!]{0,10}是[^,。?!]{1,8}还是"
)
"""Which one was chosen, of what was bought (粉底我选的几号来着, 面霜是清爽还是滋润的我买的)."""
_NOT_RECEIVED = re.compile(
    r"(?:签收|妥投|已送达|已到达?|放.{0,4}(?:驿站|柜|门口))了?.{0,10}(?:[没未]有?(?:收|拿|看|见|找|取)到|没有?(?:东西|快递|包裹|货|啊|人)|找不到|不见)"
    r"|[没未]有?(?:收|拿|见|取)到.{0,10}(?:签收|妥投|已送达)"
)
_IS_PAID = re.compile(r"(?:已经|刚刚?|都).{0,3}付|付(?:好|过|成功)|付款?了(?!.{0,4}[能会可])")
_NOT_PAID = re.compile(r"[买拍订下]了?.{0,12}(?:[还都]?没|未|忘).{0,2}(?:付|给钱|支付)")


def remark_is_missing(text: str) -> bool:
    """Whether the remark of an order is to be written or changed (备注忘写了)."""
    return _REMARK.search(text) is not None


def asks_its_content(text: str) -> bool:
    """Whether it is asked what an order holds (我没拍错吧)."""
    return _CONTENT.search(text) is not None or asks_what_was_chosen(text)


def asks_what_was_chosen(text: str) -> bool:
    """Whether it is asked which variant was bought, in words that speak of the customer's own choice."""
    return _OWN_CHOICE.search(text) is not None


def was_not_received(text: str) -> bool:
    """Whether a parcel that is said to have arrived has not (显示签收了 我没收到): no state of it answers."""
    return _NOT_RECEIVED.search(text) is not None


def speaks_of_goods_bought(text: str) -> bool:
    """Whether the state of something that was ordered is asked (我的台灯呢, 定做的窗帘做好没), if it was."""
    return _MY_GOODS.search(text) is not None


def was_not_paid(text: str) -> bool:
    """Whether something was ordered and not paid (我拍了个台灯没付钱)."""
    return _NOT_PAID.search(text) is not None


def says_it_is_paid(text: str) -> bool:
    """Whether the customer says to have paid (我刚付了)."""
    return _IS_PAID.search(text) is not None


def asks_its_state(text: str) -> bool:
    """Whether an order's own data answer."""
    return _STATE.search(text) is not None


def is_of_a_part(text: str) -> bool:
    """Whether it is asked for what has not come."""
    return OF_A_PART.search(text) is not None


def wish_for_an_order(reading: Reading) -> str:
    """What its number or the phone's digits are given for, in this message or before; "" if only its state is asked."""
    waiting = reading.state.pending
    if waiting and waiting.intent in ORDER_INTENTS and waiting.filled.get(WISH):
        return waiting.filled[WISH]
    if not reading.gives_order_facts:
        said = reading.asked.query
        return said if asks_for_a_change(reading.text.text) or was_not_received(reading.text.text) else ""
    wish = reading.state.last_turn.said if reading.only_facts else reading.asked.query
    text = normalise(wish).text
    if was_not_received(text) or ("退" in text and presses_for_a_refund(text)):
        return wish
    of_service = reading.asks_by_number and reading.topic in KNOWLEDGE_INTENTS
    other = (of_service or _is_to_be_stopped(reading, text)) and not asks_its_state(text)
    return wish if asks_for_a_change(text) or other else ""


def with_the_wish(reading: Reading, shown: Decision, wish: str) -> Decision:
    """The state of the order that was ``shown``, and a person for the ``wish`` if that is no answer to it."""
    if not wish or _tells(shown.status, wish) or not shown.status or shown.handed_off:
        return shown
    called = hand_off(reading, "policy", f"{shown.order_no}: {wish}")
    reply = f"{shown.reply}\n{called.reply}"
    return replace(shown, reply=reply, handoff_reason=called.handoff_reason, reason=called.reason)


def _tells(status: str, wish: str) -> bool:
    """Whether the state of an order answers what is wished."""
    text = normalise(wish).text
    if status == "part_shipped":
        return is_of_a_part(text)
    if status in REFUNDS:
        return "退" in text and not (asks_how_much_came_back(text) or presses_for_a_refund(text))
    if status == "cancelled" and "取消" in text:
        return True
    to_be_paid = status == "unpaid" and _OF_PAYING.search(text) is not None
    owed = status == "deposit" and asks_for_the_rest_to_pay(text)
    return (to_be_paid or owed) and not (asks_for_a_change(text) or _is_stopped(text))


_OF_PAYING = re.compile(r"付款|付钱|支付|[能没再还]付|付[吗么不得]")


def of_the_one_shown(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written for the state of the order that was shown: how one is stopped that has not left (退款怎么弄), not
    how goods are sent back; how long a refund takes. A person where nothing is written of stopping one."""
    text, state = reading.text.text, reading.state
    status = state.slots.get(STATUS)
    if not status or reading.asks_by_number or reading.alone.is_named:
        return None
    if status in REFUNDS and waits_for_a_refund(text):
        return hand_off(reading, "policy", f"waits for the refund of {state.order_no}")
    if status == "refunding" and _HOW_LONG.search(text):
        return _written_of(_OF_A_REFUND, reading, ports, emotion)
    of_a_kind = any(slot.type == "attribute" for slot in reading.slots)  # 调色的能退吗: what is said of such goods
    if status not in NOT_SENT or not _is_to_be_stopped(reading, text) or asks_its_state(text):
        return None
    if of_a_kind and (of_these := surely_written(reading, ports, emotion)):
        return of_these
    written = _written_of(_OF_ONE_NOT_SENT, reading, ports, emotion)
    return written or hand_off(reading, "policy", f"{state.order_no} is to be stopped: {reading.asked.query}")


def _is_to_be_stopped(reading: Reading, text: str) -> bool:
    goes_on_about_goods = reading.state.topic in GOODS_INTENTS
    return _is_stopped(text, not goes_on_about_goods)


def _is_stopped(text: str, or_not_wanted: bool = True) -> bool:
    return bool(_STOPS.search(text) or (or_not_wanted and _NOT_WANTED.search(text)))


def _written_of(question: str, reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    instead = Reading(reading.parts, replace(reading.asked, query=question), State())
    written = surely_written(instead, ports, emotion)
    return replace(written, intent=reading.topic) if written else None
