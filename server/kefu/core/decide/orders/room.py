"""What the order room says of an order: told, told again, or the question for its number."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.reading import Reading, sku_name
from kefu.core.decide.orders.money import asks_how_much_came_back, presses_for_a_refund
from kefu.core.decide.orders.shown import names_other_goods, was_shown
from kefu.core.decide.orders.wishes import STATUS, WISH, wish_for_an_order, with_the_wish
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.dialogue import Named, Pending
from kefu.core.emotion import Emotion
from kefu.core.orders import REFUNDS, OrderAnswer

CUT = 200
"""So many characters of a reply are compared: the conversation remembers no more than 300."""
TOLD_AGAIN = "its state was told just before"
NOT_THERE = re.compile(r"[没未](?:收|退|到账|看|见)到?|不到账|没有到")
"""Of money that the shop has sent back (我没收到啊)."""


def forced_orders(reading: Reading, ports: Ports, emotion: Emotion, goods: Collection[str] = ()) -> Decision:
    """The order room's answer, whatever the intent; of the order that holds one of the ``goods``, if any are given."""
    follow = reading.follow
    intent = reading.topic if reading.topic in ORDER_INTENTS else "order_status"
    waiting = reading.state.pending
    waited_for = reading.state.order_no if waiting and waiting.intent in ORDER_INTENTS else ""
    digits, wish = reading.phone_last4, wish_for_an_order(reading)
    shown = reading.state.order_no if not goods and was_shown(reading) else ""
    shown = "" if shown and names_other_goods(reading, ports) else shown
    number = "" if goods else reading.asked.order_no or follow.order_no or waited_for or shown
    answer = ports.orders(replace(reading.asked, phone_last4=digits), number, goods)
    if answer.status == "refunded" and number == reading.state.order_no and NOT_THERE.search(reading.text.text):
        return hand_off(reading, "policy", f"the refund of {number} has not arrived, says the customer")
    options = tuple(Named(number, number) for number in answer.candidates)
    proved = {"phone_last4": digits} if digits else {}
    filled = {**proved, WISH: wish} if wish else proved
    pending = Pending(intent, answer.missing, answer.ask, filled, options) if answer.missing else None
    before = "" if reading.gives_order_facts or not answer.again else reading.state.last_turn.reply
    again = not answer.handoff_reason and answer.reply[:CUT] in before
    if before and answer.again[:CUT] in before:
        return hand_off(reading, "policy", f"asks for the third time for {answer.order_no}")
    shown_now = as_decision(
        reading, replace(answer, reply=answer.again if again else answer.reply), intent, proved, pending
    )
    told = replace(shown_now, reason=TOLD_AGAIN if again else "")
    text = reading.text.text
    if answer.status in REFUNDS and (presses_for_a_refund(text) or asks_how_much_came_back(text)):
        called = hand_off(reading, "policy", f"more is wanted of the refund of {answer.order_no} than its state")
        return replace(
            told, reply=f"{told.reply}\n{called.reply}", handoff_reason=called.handoff_reason, reason=called.reason
        )
    return with_the_wish(reading, told, wish)


def as_decision(
    reading: Reading,
    answer: OrderAnswer,
    intent: str,
    proved: Mapping[str, str] = MappingProxyType({}),
    pending: Pending | None = None,
) -> Decision:
    """The decision that tells ``answer``; ``proved`` is what is remembered with it."""
    return Decision(
        route="ask" if answer.missing else "order",
        reply=answer.reply,
        intent=intent,
        found=answer.found,
        status=answer.status,
        order_no=answer.order_no,
        product=sku_name(reading, answer.skus[0]) if len(answer.skus) == 1 else None,
        missing=answer.missing,
        ask=answer.ask,
        pending=pending,
        remembered={**proved, STATUS: answer.status} if answer.found else {},
        urge=answer.urge,
        handoff_reason=answer.handoff_reason,
        failed=not answer.found and not reading.asks_by_number,
    )
