"""Stages for when goods are sent, before anything is bought, and for countries that the delivery data do not know."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.answers.overview import NOT_ALL
from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.lead import say_lead
from kefu.core.catalogue.names.labels import full_name
from kefu.core.catalogue.phrases import opening
from kefu.core.decide.goods.answer import answer_goods, shelf_of
from kefu.core.decide.goods.meant import meant, names_nothing
from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import puts_off
from kefu.core.decide.orders.room import forced_orders
from kefu.core.decide.orders.wishes import STATUS, says_it_is_paid, was_not_paid
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import surely_written
from kefu.core.emotion import Emotion

_SENT = re.compile(
    r"发货|(?:几[号天日]|哪天|什么时候|啥时候).{0,3}(?:停(?:发|运|业|$)|放假|休息)|放假.{0,4}[吗么不]"
    r"|放不放假|(?<![几哪])(?<!什么时候)(?:上|不上)班[吗么不没]|发不发(?!货?[到往去给])"
    r"|(?:[能会可才]以?|(?:[今明后当]天|现在)[就都]?)发(?=得[了出走]|的了|[吗么嘛不没出走呢呀啊,。?! ]|$)"
    r"|(?:[今明后当]天|现在).{0,2}[能会可]以?(?:寄?走|寄)(?=[吗么嘛不没呢呀啊,。?! ]|$)"
    r"|(?:[几哪]点|什么时候|啥时候|多久|几天).{0,3}发"
)
_SENT_ELSE = re.compile(
    r"下[了的]单|已经|单了|[拍买定订]的|催|快点|赶紧|我[的那]|订单|单号|包裹|快递|怎么还|(?<!发)[没不未]发|[退换]"
    r"|发[到往去给错票什啥图]|发(?:货(?:地|仓|单|人)|顺丰|我|个|链接)|[从在]哪|哪[里儿个]"
)
"""An order that was placed, or another question: 怎么还不发货, 从哪里发货, 发什么快递."""


_ONCE_PAID = re.compile(
    r"付(?:了|完)?款?(?:以后|之后|后|的话)|(?:现在|今天|马上)[再就]?付|付(?:了|完)款?(?=[今明后当]天|马上|就|能)"
)
"""What was placed and is not paid is sent as what is bought now (付款后今天能发吗), unless it is said to be paid."""


def sending(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """When what is bought now would be sent (今天能发吗, 元旦发货吗), by the shop's hours and holidays; whether the
    customer has bought already is asked along."""
    text = reading.text.text
    asks = ASKS.search(text) and _SENT.search(text) and not _SENT_ELSE.search(text) and not puts_off(text)
    asks = asks and (reading.when is not None or "上班" not in text)  # 几点上班 asks for people
    unpaid = reading.state.slots.get(STATUS) == "unpaid" and not says_it_is_paid(text)
    paid_first = unpaid or _ONCE_PAID.search(text) is not None
    if not asks or reading.place or reading.gives_order_facts or (reading.state.order_no and not paid_first):
        return None
    if reading.asked.user_id and was_not_paid(text) and forced_orders(reading, ports, emotion).found:
        return None  # of an order that the buyer has
    shelf = shelf_of(reading, ports)
    day = reading.when.day if reading.when else None
    at_once, warehouses = _where_it_lies(reading, shelf)
    told = shelf.book.dispatch(reading.asked.now, day, warehouses)
    if not told:
        return None
    in_general = told if shelf.catalogue.all_leave_at_once or at_once else told + NOT_ALL
    later = day is not None and (day - reading.asked.now.date()).days > 1 and not shelf.book.is_holiday(day)
    if later and (written := surely_written(reading, ports, emotion)):
        return written  # 周末发货吗: what the shop says of it
    head = opening(shelf.address)
    bought = re.search(r"[拍买付下]了|付款了", text) is not None
    if (paid_first or not bought) and not names_nothing(reading) and not _is_of_sending(meant(reading).unknown):
        answer = answer_goods(reading, ports, "delivery_query")
        sold_out = answer.found and not answer.available and not answer.missing
        gone = _all_sold_out(reading, ports) if answer.missing else None
        return gone or (
            answer if sold_out else _told_first(answer, head, f"{in_general if answer.missing else told}。")
        )
    if (bought or reading.topic in ORDER_INTENTS) and not paid_first:
        answer = forced_orders(reading, ports, emotion)
        first = f"{_of_the_goods(reading) or in_general}。"
        return _told_first(answer, head, f"{first}如果您已经下单，") if answer.missing else answer
    return Decision("delivery", f"{head}{in_general}。", "delivery_query", delivery=in_general, found=True)


def _where_it_lies(reading: Reading, shelf: Shelf) -> tuple[bool, list[str]]:
    """Whether the goods spoken of all leave as soon as they are paid, and the warehouses that hold them."""
    states = [state for state in shelf.states([v.sku for v in meant(reading).variants]).values() if state.kind != "out"]
    at_once = bool(states) and all(state.kind == "in" for state in states)
    return at_once, [name for state in states if at_once for name, held in state.warehouses if held > 0]


def _of_the_goods(reading: Reading) -> str:
    """When the goods spoken of are sent, if they do not leave as all others do (付了款20号前能发吗, of a presale)."""
    found, today = meant(reading), reading.asked.now.date()
    lead = found.variant.lead_time if found.variant else None
    if found.product is None or found.variant is None or lead is None or not lead.holds(today):
        return ""
    return f"{full_name(found.product, found.variant)}{say_lead(lead, today)}"


_OF_SENDING = re.compile("放假|休息|上班|停发|停运|快递|发货|假期|正常")


def _is_of_sending(word: str) -> bool:
    """Whether what is no thing of this shop is a word of the question itself (元旦放假吗)."""
    return word != "" and _OF_SENDING.search(word) is not None


_ABROAD = re.compile(
    "美国|加拿大|英国|法国|德国|意大利|西班牙|荷兰|瑞士|瑞典|挪威|芬兰|丹麦|俄罗斯|澳大利亚|澳洲|新西兰|日本|韩国|朝鲜|泰国|越南|老挝|缅甸"
    "|柬埔寨|马来西亚|新加坡|印度尼西亚|印尼|菲律宾|印度|巴基斯坦|迪拜|阿联酋|沙特|土耳其|以色列|埃及|南非|巴西|墨西哥|欧洲|非洲|国外|海外|境外"
)
_FROM_ABROAD = re.compile("产|进口|制造|牌|版|正品|代购|[产来]自|国行|标准|款")


def abroad(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Another country is no place of the delivery data (美国呢): what is written about it, else a person."""
    text = reading.text.text
    found = _ABROAD.search(text)
    sends = reading.topic == "delivery_query" or reading.state.last_turn.intent == "delivery_query"
    if not found or not sends or reading.place or _FROM_ABROAD.search(text) or reading.alone.is_named:
        return None
    if written := surely_written(reading, ports, emotion):
        return written
    head = opening(shelf_of(reading, ports).address)
    said = f"{head}{found[0]}不在我们的配送数据里，能不能寄到暂不确定，我请同事帮您核实。"
    return replace(hand_off(reading, "missing_information", f"{found[0]} is abroad", said), route="delivery")


def _all_sold_out(reading: Reading, ports: Ports) -> Decision | None:
    """Of goods that are all gone, or of which some have a lead time, it is said when they come (草莓什么时候发货), not
    when others are sent."""
    shelf = shelf_of(reading, ports)
    states = shelf.states([variant.sku for variant in meant(reading).variants]).values()
    if not any(state.lead for state in states) and not (states and all(state.kind == "out" for state in states)):
        return None
    answer = answer_goods(reading, ports, "stock_query")
    waits = replace(answer.pending, intent="delivery_query") if answer.pending else None
    return replace(answer, pending=waits)  # of the one chosen then it is told when it is sent


def _told_first(answer: Decision, head: str, told: str) -> Decision:
    return replace(answer, reply=head + told + answer.reply.removeprefix(head))
