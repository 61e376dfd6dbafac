"""Stages for goods: asked about in so many words, or by a flow that has decided so already."""

from __future__ import annotations

import re

from kefu.core.decide.goods import GOODS_INTENTS, answer_goods, asks_what_fits, known_device
from kefu.core.decide.reading import Reading
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written_stages import knowledge
from kefu.core.emotion import Emotion

_STILL_THERE = re.compile(r"还有.{0,4}[吗嘛没不么]|有没有|有货|现货|库存|卖不卖|在卖|卖吗")


def goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Stock, price, delivery, compatibility."""
    intent = reading.topic
    if intent not in GOODS_INTENTS:
        named_outright = reading.resolution.product is not None and reading.resolution.how in ("name", "code")
        still_there = intent == "virtual_goods" and _STILL_THERE.search(reading.text.text)
        if named_outright and (reading.alone.how == "code" or still_there):
            return answer_goods(reading, ports, "stock_query")
        if not (named_outright and reading.asks_nothing and not reading.sure):
            return None
        intent = "stock_query"
    if intent == "stock_query" and _asks_for_the_device(reading):
        intent = "compatibility"
    if intent == "compatibility" and not asks_what_fits(reading):
        return None
    if not reading.follow.keeps_intent and not reading.sure and not _about_goods(reading):
        return None
    answer = answer_goods(reading, ports, intent)
    if answer.missing == ("product",) and not answer.found:
        # 能发顺丰吗 names no goods, the shop's rules know it; and 加钱也行 goes on about what they said.
        before = reading.state.turns[-1].route if reading.state.turns else ""
        if before in ("knowledge", "rule") or reading.parts.written.alike(reading.text.text):
            return knowledge(reading, ports, emotion) or answer
    return answer


def forced_goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The flow has decided already that this is about goods (Dify's classifier, or the stock workflow)."""
    intent = reading.follow.intent if reading.follow.intent in GOODS_INTENTS else "stock_query"
    return answer_goods(reading, ports, intent)


def _asks_for_the_device(reading: Reading) -> bool:
    """A kind of goods that must fit is asked for where the customer's device is known (那换个大点的固态行吗)."""
    kind = reading.resolution.category if not reading.resolution.product else ""
    return bool(kind and known_device(reading)) and reading.parts.compatibility.speaks_of({kind}, ())


def _about_goods(reading: Reading) -> bool:
    """An unsure intent about goods is believed when the text or the conversation names something to be asked about."""
    named_here = reading.resolution.kind != "none" or bool(reading.resolution.candidates)
    return named_here or reading.follow.is_follow_up or bool(reading.follow.product)
