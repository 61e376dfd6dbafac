"""The stage for by whom parcels are sent: what the shop has written of its couriers, whatever was spoken of before."""

from __future__ import annotations

from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import asks_the_carrier
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import ruled_or_written, surely_written
from kefu.core.emotion import Emotion

_IN_THE_SHOPS_WORDS = ("发什么快递", "用什么快递", "可以指定快递吗")


def carrier(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The shop's entry or rule on couriers, however they are asked for (顺丰可以不, 走什么快递); not of an order that
    was just shown, which has its own."""
    if not asks_the_carrier(reading.text.text) or reading.asks_by_number or reading.state.last_turn.route == "order":
        return None
    own = surely_written(reading, ports, emotion)
    return own or ruled_or_written(reading, _IN_THE_SHOPS_WORDS, ports, emotion)
