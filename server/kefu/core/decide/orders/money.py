"""Money that was paid for an order: a deposit and what is still owed, and refunds that are waited for."""

from __future__ import annotations

import re

from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import surely_written
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Entry

_WHEN_OR_HOW = "什么时候|啥时候|几[号点时天]|哪天|多久|怎么|咋|如何|在?哪[里儿]?"
_REST_OF_IT = re.compile(rf"(?:{_WHEN_OR_HOW}).{{0,6}}尾款|尾款.{{0,8}}(?:{_WHEN_OR_HOW}|呢\W*$)")
_BACK = re.compile(r"[定订]金.{0,6}退|退.{0,4}[定订]金")
_OF_DEPOSITS = re.compile(r"[定订]金|尾款|预售")
_HOW_MUCH = re.compile(
    r"退(?:了|过|给).{0,4}(?:多少|几[块元])|给我(?:们)?退.{0,3}(?:多少|几[块元])|(?:少|多)退了|退(?:少|多)了|退(?:的|得)[钱款]?(?:不对|不够|少)"
)
_WAITS = re.compile(
    r"(?:[钱款]|退).{0,8}(?:呢\W*$|[还都]没|没(?:收|看|见)到|没到账|不到账|去哪)|怎么还|什么情况|怎么回事"
)
_PRESSES = re.compile(r"怎么还[没不]|(?:都|已经).{0,8}(?:[天周月]|礼拜|星期)|催|快点|尽快|加急|赶紧|抓紧|太慢")


def asks_how_much_came_back(text: str) -> bool:
    """Whether it is asked what a refund came to (给我退了多少): no order holds that."""
    return _HOW_MUCH.search(text) is not None


def waits_for_a_refund(text: str) -> bool:
    """Whether somebody who was told of a refund still waits for it (钱呢), rather than asks how long it takes."""
    return presses_for_a_refund(text) or _WAITS.search(text) is not None


def presses_for_a_refund(text: str) -> bool:
    """Whether its state alone is no answer (催一下, 都寄回去五天了)."""
    return _PRESSES.search(text) is not None


def asks_for_the_rest_to_pay(text: str) -> bool:
    """Whether it is asked when or how the rest is paid of what a deposit was paid for (啥时候付尾款)."""
    return _REST_OF_IT.search(text) is not None


def deposit_back(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written of deposits to who wants one back (定金能退吗), else a person: what holds for goods that were
    sent is another thing."""
    text = reading.text.text
    if not _BACK.search(text) or not ASKS.search(text):
        return None
    return written_of_deposits(reading, ports, emotion) or hand_off(reading, "policy", "a deposit is wanted back")


def written_of_deposits(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What surely answers, if it speaks of deposits."""
    written = surely_written(reading, ports, emotion)
    return written if written and _speaks_of_deposits(written.hits[0].entry) else None


def _speaks_of_deposits(entry: Entry) -> bool:
    return _OF_DEPOSITS.search(" ".join((entry.title, entry.question, entry.content, *entry.tags))) is not None
