"""Stages for the customer's own orders: status and urging."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.answers.overview import NOT_ALL
from kefu.core.catalogue.phrases import opening
from kefu.core.decide.goods.answer import GOODS_INTENTS, answer_goods, shelf_of
from kefu.core.decide.goods.fit import answer_fit, names_only_a_device
from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading, sku_name
from kefu.core.decide.hearing.wishes import asks_for_a_change
from kefu.core.decide.orders.after_sale import exchanged
from kefu.core.decide.orders.money import (
    asks_for_the_rest_to_pay,
    asks_how_much_came_back,
    deposit_back,
    written_of_deposits,
)
from kefu.core.decide.orders.room import NOT_THERE, TOLD_AGAIN, as_decision, forced_orders
from kefu.core.decide.orders.shown import (
    is_about_an_order,
    names_goods,
    names_other_goods,
    of_the_order_shown,
    skus_named,
    skus_of_their_kinds,
    was_shown,
)
from kefu.core.decide.orders.wishes import (
    STATUS,
    asks_its_content,
    asks_its_state,
    asks_what_was_chosen,
    is_of_a_part,
    of_the_one_shown,
    remark_is_missing,
    says_it_is_paid,
    speaks_of_goods_bought,
    was_not_paid,
    was_not_received,
)
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import surely_written
from kefu.core.decide.written.ways_of_asking import KNOWLEDGE_INTENTS
from kefu.core.emotion import Emotion
from kefu.core.orders import REFUNDS, names_its_last_digits

_OWN_ORDER = re.compile(
    r"(?:我的|查一?下?我?的?|看看?我的)(?:订单|快递|包裹|物流)"
    r"|我.{0,8}[买拍定订]的.{0,10}(?:(?:什么时候|啥时候|几[号天]|哪天).{0,2}[发到送]|[发到][货了][吗没不]|物流)|(?:订单|快递|包裹|物流)[^,。?!]{0,4}(?:到哪|在哪|到了[吗没]|什么情况|状态|进度)"
)
"""An order of the customer's own, for shops that have taught no intent for it."""
_UNPAID = re.compile(r"(?:忘.{0,2}|还?没|还?未|待)(?:付款|付钱|支付)|我.{0,8}[拍买订下].{0,8}(?:付款?了|付款?成功)")
_MINE = re.compile(
    r"我(?:的|那).{0,10}(?:什么时候|啥时候|怎么还|几[号天]|到哪|[能会]?[发到])|我退的.{0,10}[钱款]"
    r"|我.{0,4}[买拍定订]的.{0,10}(?:什么时候|啥时候|怎么还|几[号天]|到哪|[发到]货?了?(?:没有?|吗|么|不))|寄回.{0,10}[钱款]"
    r"|退.{0,3}[钱款].{0,8}(?:到|多久|什么时候|呢)|退了.{0,8}(?:到账|到没|没到)|[钱款].{0,6}(?:什么时候|啥时候|几[号天]|多久|[还都]没).{0,3}退"
)
"""What a buyer whose orders are known says of one of them (我那四件套什么时候发, 我退的那个钱什么时候到)."""
_OTHER_VARIANT = re.compile(r"^(?!.*(?:地址|电话|手机|收[货件])).*[改换]成(?!功)")
"""能改成豆沙色吗, of an order that was just shown."""
_CHANGED_STILL = re.compile(
    r"^(?!.*(?:地址|电话|手机|收[货件]|快递|发票|抬头)).*(?:[改换](?:成|一?[个款种件条]|一?下)|(?:颜色|尺码|大小|规格|型号|款式|口味).{0,4}[改换])(?![功货新人])"
)
_ASKED_FOR = re.compile(r"(?:[帮给]我|[能想要]|可以|麻烦).{0,8}[改换]")
_SPLIT = re.compile(r"先(?:[发寄]|走(?!了))|(?:分开|分批|分两次|单独)[发寄]|拆单|拆开[发寄]")
NOT_ALL_SENT = ("unpaid", "deposit", "paid", "part_shipped")
"""States of orders of which something has not left: what they hold may still be another."""
_PRESSES = re.compile(
    r"催|[还怎].{0,4}[没不]|都.{0,5}(?:[天周号月]|礼拜|星期)了?|久|太慢|快点|急|一直|再不|什么情况|怎么回事"
)


def orders(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Order status and urging. What was said of an order already is not said once more: a person for who presses, other
    means for another question."""
    answer = _of_orders(reading, ports, emotion)
    if answer is None or answer.handed_off or answer.reason != TOLD_AGAIN:
        return answer
    text = reading.text.text
    if _PRESSES.search(text) or (answer.status == "unpaid" and says_it_is_paid(text)):
        return hand_off(reading, "policy", f"presses again for {answer.order_no}")
    return None if ASKS.search(text) and not _OF_ITS_WAY.search(text) else answer


def _of_orders(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    if reading.alone.how == "code":
        return None  # a barcode of the shop's is no order
    said = any(s.type == "order_no" for s in reading.slots)
    if _wants_another_variant(reading):
        return _another_variant(reading, ports)
    if _is_to_be_split(reading, ports):
        written = surely_written(reading, ports, emotion)
        return written or hand_off(reading, "policy", f"a part of {reading.state.order_no} is to be sent by itself")
    if exchange := exchanged(reading, ports, emotion):
        return exchange
    if remark_is_missing(reading.text.text) and (was_shown(reading) or reading.asked.user_id):
        written = surely_written(reading, ports, emotion) if ASKS.search(reading.text.text) else None
        return written or hand_off(reading, "policy", "the remark of an order is to be changed")
    if was_shown(reading) and names_only_a_device(reading) and (fit := _fit_of_what_was_ordered(reading, ports)):
        return fit
    if asks_its_content(reading.text.text) and (told := _content(reading, ports, emotion)):
        return told
    if was_not_received(reading.text.text):
        return surely_written(reading, ports, emotion) or _of_one_not_received(reading, ports, emotion)
    if known := _of_money(reading, ports, emotion) or of_the_one_shown(reading, ports, emotion):
        return known
    proves = said or reading.answered_digits is not None
    if not proves and reading.topic in ORDER_INTENTS and asks_for_a_change(reading.text.text):
        if written := surely_written(reading, ports, emotion):
            return written
        shown = was_shown(reading)
        if not shown and reading.asked.user_id and (told := forced_orders(reading, ports, emotion)).found:
            return told
        if shown or not ASKS.search(reading.text.text):
            return hand_off(reading, "policy", f"an order is to be changed: {reading.state.order_no or 'not named'}")
    waiting = reading.state.pending
    if waiting and waiting.intent in ORDER_INTENTS and reading.gives_order_facts:
        return forced_orders(reading, ports, emotion)
    if reading.topic == "urge_delivery" and not said and _before_buying(reading):
        return answer_goods(reading, ports, "delivery_query")
    if (said or _only_digits(reading)) and reading.only_facts:  # given for what was spoken of before
        return replace(forced_orders(reading, ports, emotion), intent=reading.topic)
    if _is_looked_up_by_digits(reading):
        return replace(forced_orders(reading, ports, emotion), intent=reading.topic)
    refund_told = was_shown(reading) and "退款" in reading.state.last_turn.reply
    if not said and refund_told and NOT_THERE.search(reading.text.text):
        return forced_orders(reading, ports, emotion)
    if (
        not said
        and _asks_something_else(reading, was_shown(reading))
        and (written := surely_written(reading, ports, emotion))
    ):
        return written
    if reading.asked.user_id and not said and (own := _own_order(reading, ports, emotion)):
        return own
    hardly = reading.intent.confidence < SURE_OF_AN_ORDER and not (said or reading.state.order_no)
    asks = ASKS.search(reading.text.text) is not None and not _OWN_ORDER.search(reading.text.text)
    if hardly and reading.topic in ORDER_INTENTS and asks and (written := surely_written(reading, ports, emotion)):
        return written  # 房子还在装修 能先拍下晚点发吗
    before = of_the_order_shown(reading, ports) or _ordered_before(reading)
    if (reading.topic == "delivery_query" and before) or _of_what_was_sent(reading):
        return forced_orders(reading, ports, emotion)
    if reading.topic in ORDER_INTENTS and (reading.sure or said or reading.follow.is_follow_up):
        was_told = reading.state.order_no != "" and reading.state.pending is None
        if not said and _asks_something_else(reading, was_told) and not _is_of_orders(reading):
            return None
        return forced_orders(reading, ports, emotion)
    knows_better = reading.sure and "order_status" in reading.sayable and reading.topic not in ORDER_INTENTS
    if _UNPAID.search(reading.text.text) and reading.asked.user_id and ASKS.search(reading.text.text):
        unpaid = forced_orders(reading, ports, emotion)
        if unpaid.found:
            return _sent_if_paid_now(reading, ports, unpaid) if unpaid.status == "unpaid" else unpaid
    if not said and (knows_better or not _OWN_ORDER.search(reading.text.text)):
        return None
    of_service = said and reading.topic in KNOWLEDGE_INTENTS and (reading.sure or reading.state.topic)
    if not of_service:
        return forced_orders(reading, ports, emotion)
    wanted = reading.phone_last4 != "" or is_of_a_part(reading.text.text) or "订单号" in reading.state.last_turn.reply
    if not asks_its_state(reading.text.text) and (not wanted or surely_written(reading, ports, emotion)):
        return None
    return replace(forced_orders(reading, ports, emotion), intent=reading.topic)


def _only_digits(reading: Reading) -> bool:
    """Whether the last digits of a phone are told without an order's number (尾号1234)."""
    return not reading.asks_by_number and names_its_last_digits(reading.asked.query)


def _is_looked_up_by_digits(reading: Reading) -> bool:
    """Whether the last digits of a phone are told with a question for the state of an order (我付了的 尾号1234)."""
    of_its_state = reading.topic in (*ORDER_INTENTS, "delivery_query") or asks_its_state(reading.text.text)
    return _only_digits(reading) and (of_its_state or says_it_is_paid(reading.text.text))


def _of_one_not_received(reading: Reading, ports: Ports, emotion: Emotion) -> Decision:
    """A person for a parcel that is said to be delivered, once it is known which."""
    if was_shown(reading):
        return hand_off(reading, "policy", f"{reading.state.order_no} has not been received, says the customer")
    return forced_orders(reading, ports, emotion)


_SENT_ALREADY = re.compile(
    r"(?:今[天早晚]|昨[天晚日]|前[天晚]|[早晚中]上|[上下]午|刚刚?|已经|周[一-日]|\d{1,2}[号日])[你们就都才]{0,2}[发寄]"
    r"(?:货|出|走|出来|过来)?了?的(?:那.|这.|快递|包裹|东西|货|订单|单子?).{0,8}"
    r"(?:到|几[号天点]|哪天|多久|什么时候|啥时候|物流|单号)"
)


def _of_what_was_sent(reading: Reading) -> bool:
    """Whether it is asked when that arrives which was sent (昨天发的那个几号能到), rather than what is bought now."""
    return _SENT_ALREADY.search(reading.text.text) is not None


def _of_money(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """A deposit, what is still to be paid, and what a refund came to: the buyer's order or the question for its number,
    a person for what it does not tell."""
    text = reading.text.text
    if reading.gives_order_facts:
        return None
    if back := deposit_back(reading, ports, emotion):
        return back
    owed = asks_for_the_rest_to_pay(text)
    if not owed and not asks_how_much_came_back(text):
        return None
    if owed and (written := written_of_deposits(reading, ports, emotion)):
        return written
    if reading.state.order_no:
        return hand_off(reading, "policy", f"{reading.state.order_no}: {reading.asked.query}")
    own = forced_orders(reading, ports, emotion)
    tells = own.status == "deposit" if owed else own.status in REFUNDS
    return own if tells or own.missing else None


def _wants_another_variant(reading: Reading) -> bool:
    """Whether the order spoken of is to hold another variant: what has not left in more words (颜色想换一个浅灰), also
    after another question."""
    text, shown = reading.text.text, was_shown(reading) or is_about_an_order(reading)
    if shown and _OTHER_VARIANT.search(text):
        return True
    changes = reading.state.slots.get(STATUS) in NOT_ALL_SENT and _CHANGED_STILL.search(text) is not None
    return changes and (shown or _ASKED_FOR.search(text) is not None)


def _is_to_be_split(reading: Reading, ports: Ports) -> bool:
    """Whether a part of the order spoken of is to be sent first (滚筒刷能先发吗)."""
    spoken_of = was_shown(reading) or is_about_an_order(reading)
    open_still = spoken_of and reading.state.slots.get(STATUS) in NOT_ALL_SENT
    return open_still and _SPLIT.search(reading.text.text) is not None and not names_other_goods(reading, ports)


def _another_variant(reading: Reading, ports: Ports) -> Decision:
    """A person for the change; whether the other one is there is said along, where that is asked."""
    called = hand_off(reading, "policy", f"{reading.state.order_no} is to hold another variant")
    there = answer_goods(reading, ports, "stock_query") if reading.topic == "stock_query" else None
    known = there and there.found and not there.missing
    return replace(called, reply=f"{there.reply}\n{called.reply}") if there and known else called


def _own_order(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The order of a buyer who is known that the message speaks of, if its state answers."""
    text = reading.text.text
    if bought := _of_goods_bought(reading, ports, emotion):
        return bought
    in_part = is_of_a_part(text)
    if was_shown(reading) or not (in_part or _MINE.search(text) or asks_how_much_came_back(text)):
        return None
    own = forced_orders(reading, ports, emotion)
    of_money = "退" in text or "寄回" in text
    answers = own.status == "part_shipped" if in_part else not of_money or own.status in REFUNDS
    return own if own.found and answers else None


def _of_goods_bought(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The order of a known buyer that holds the goods named, if the message speaks of goods that were ordered."""
    text, goods = reading.text.text, skus_named(reading)
    unpaid = was_not_paid(text)
    if not (unpaid or (goods and speaks_of_goods_bought(text))):
        return None
    own = forced_orders(reading, ports, emotion, goods)
    if not own.found and not unpaid:
        own = forced_orders(reading, ports, emotion, skus_of_their_kinds(reading))
    if unpaid:
        return _sent_if_paid_now(reading, ports, own) if own.status == "unpaid" else None
    refund = "退" in text and own.status not in REFUNDS
    return own if own.found and not refund else None


def _sent_if_paid_now(reading: Reading, ports: Ports, unpaid: Decision) -> Decision:
    """``unpaid``, with when what it holds is sent, or arrives where a place is named, if it is asked and paid now."""
    if unpaid.missing or not (ASKS.search(reading.text.text) and _PAID_NOW.search(reading.text.text)):
        return unpaid
    shelf = shelf_of(reading, ports)
    if reading.place is None or unpaid.product is None:
        told = shelf.book.dispatch(reading.asked.now, reading.when.day if reading.when else None)
        rest = "" if shelf.catalogue.all_leave_at_once else NOT_ALL
        return replace(unpaid, reply=f"{unpaid.reply}{told}{rest}。") if told else unpaid
    day = reading.when.words if reading.when else ""
    asked = replace(reading.asked, query=f"{day}能到{reading.place.name}吗" if day else f"几天到{reading.place.name}")
    state = replace(reading.state, product=unpaid.product, products=(), pending=None)
    promised = answer_goods(Reading(reading.parts, asked, state), ports, "delivery_query")
    if not promised.found or promised.missing:
        return unpaid
    promise = promised.reply.removeprefix(opening(shelf.address))
    return replace(unpaid, reply=f"{unpaid.reply}{promise}", place=promised.place)


_PAID_NOW = re.compile(
    r"(?:现在|今天|马上|立刻|这会儿?|等下|一会儿?)[再就才]?(?:去)?(?:付|支付|给钱)|付[了完]款?.{0,6}(?:[能会可几]|什么|啥|多久)"
    r"|[能会]到|几[天号]到|今天.{0,3}发"
)


def _content(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What the order holds that was shown, or the one of a buyer who is known, of the goods that are named if it is
    asked which were chosen; else it is asked which order."""
    shown = was_shown(reading) or is_about_an_order(reading)
    chosen = asks_what_was_chosen(reading.text.text)
    if not (shown or reading.asked.user_id):
        return forced_orders(reading, ports, emotion) if chosen else None
    asked, goods = replace(reading.asked, phone_last4=reading.phone_last4), skus_named(reading) if chosen else ()
    number = reading.state.order_no if shown or (chosen and reading.state.order_no) else ""
    answer = ports.orders(asked, number, goods)
    if chosen and not answer.holds:
        answer = ports.orders(asked, "", goods)
    if not answer.holds:
        of_an_order = chosen and not reading.state.product  # else of what was looked at
        return forced_orders(reading, ports, emotion, goods) if of_an_order else None
    told = replace(answer, reply=answer.holds, again="", urge=False, handoff_reason="")
    decision, meant = as_decision(reading, told, "order_status"), [sku for sku in answer.skus if sku in goods]
    return replace(decision, product=sku_name(reading, meant[0])) if len(meant) == 1 else decision


def _fit_of_what_was_ordered(reading: Reading, ports: Ports) -> Decision | None:
    """Whether the goods of the order shown fit the device that is named (我是21款的翠鸟); None where the data say
    nothing of them."""
    asked = replace(reading.asked, phone_last4=reading.phone_last4)
    for sku in ports.orders(asked, reading.state.order_no, ()).skus:
        found = reading.parts.catalogue.by_sku(sku)
        if found and reading.parts.compatibility.must_fit(found[0]):
            return answer_fit(reading, shelf_of(reading, ports), (found[0],), (sku,))
    return None


_OF_ITS_WAY = re.compile(
    r"到(?:哪|了|没|货|账|[吗么不])|[能会才]到|发[货了出走]|物流|快递|单号|签收|几[号天日]|哪天|多久|什么时候|啥时候"
    r"|[天早晚午]发|发(?=[吗么嘛不没 ,。?!]|$)|催|查|状态|怎么还"
)


def _asks_something_else(reading: Reading, shown: bool) -> bool:
    """A question after an order was ``shown`` that is not about its way (能加个贺卡不): it may be written."""
    text = reading.text.text
    return shown and ASKS.search(text) is not None and _OF_ITS_WAY.search(text) is None


def _is_of_orders(reading: Reading) -> bool:
    """Whether the message by itself, whatever was spoken of before, is about an order or its way."""
    return reading.heard(reading.asked.query) in (*ORDER_INTENTS, "delivery_query")


_ORDERED = re.compile(r"(?:昨[天晚日]|前[天儿]|上周|刚才|刚刚?|早上|上午|中午).{0,4}[下买拍付订]的")


def _ordered_before(reading: Reading) -> bool:
    """昨天下的单今天能到吗: of an order that is on its way, unless goods are named."""
    return bool(_ORDERED.search(reading.text.text)) and not names_goods(reading)


_BOUGHT = re.compile(
    r"催|怎么还|还[没不]|快点|赶紧|尽快|下[了的]?单|买了|买的|拍了|拍的|付了|付款|我的|订单|单号|包裹|快递"
)


def _before_buying(reading: Reading) -> bool:
    """能今天发吗 in a talk about goods: a question about these, not about an order that nobody spoke of."""
    state = reading.state
    about_goods = state.topic in GOODS_INTENTS and bool(state.product or state.products)
    return about_goods and not reading.follow.order_no and not _BOUGHT.search(reading.text.text)


SURE_OF_AN_ORDER = 0.7
"""Confidence under which what is written comes before the question for an order's number."""
