"""The stage for by whom parcels are sent: what the shop has written of its couriers, whatever was spoken of before."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.decide.reading import Reading
from kefu.core.decide.rule_stage import rule
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.wishes import asks_the_carrier
from kefu.core.decide.written_stages import surely_written
from kefu.core.emotion import Emotion

_IN_THE_SHOPS_WORDS = ("发什么快递", "用什么快递", "可以指定快递吗")


def carrier(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The shop's entry or rule on couriers, however they are asked for (顺丰可以不, 走什么快递); not of an order that
    was just shown, which has its own."""
    if not asks_the_carrier(reading.text.text) or reading.asks_by_number or reading.state.last_turn.route == "order":
        return None
    if written := surely_written(reading, ports, emotion):
        return written
    for words in _IN_THE_SHOPS_WORDS:
        asked = Reading(reading.parts, replace(reading.asked, query=words), reading.state)
        if written := rule(asked, ports, emotion) or surely_written(asked, ports, emotion):
            return written
    return None
