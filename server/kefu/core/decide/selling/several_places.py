"""The stage for goods that are to be sent to several places (一个寄北京 一个寄海口): each has its own day."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.catalogue.phrases import opening
from kefu.core.decide.goods.answer import answer_goods
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision, Ports, address_of
from kefu.core.emotion import Emotion

MOST = 4
"""Places up to which each is answered."""


def several_places(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is promised for each place; None where one is named, or where one of them leaves something to ask."""
    if reading.topic != "delivery_query":
        return None
    places = reading.places
    if not 1 < len(places) <= MOST:
        return None
    head = opening(address_of(reading.parts.voice))
    answers = [
        answer_goods(
            Reading(reading.parts, replace(reading.asked, place=place.name), reading.state), ports, "delivery_query"
        )
        for place in places
    ]
    if any(answer.missing or answer.handed_off or not answer.reply for answer in answers):
        return None
    told = dict.fromkeys(answer.reply.removeprefix(head) for answer in answers)
    return replace(answers[-1], reply=head + "\n".join(told), reason=f"{len(places)} places named")
