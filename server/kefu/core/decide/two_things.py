"""Two questions of different kinds in one message (后天能到广州吗，退货要钱吗): each is answered from its own words."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.decide.goods import GOODS_INTENTS
from kefu.core.decide.goods_stages import asks_the_fee, goods
from kefu.core.decide.order_stages import orders
from kefu.core.decide.questions import questions_in
from kefu.core.decide.reading import Reading
from kefu.core.decide.rule_stage import rule
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written_stages import SERVICE_INTENTS, knowledge
from kefu.core.emotion import Emotion

APART = 0.8
"""Confidence from which each half is believed to be about something of its own."""
SHORTEST = 3
"""Characters of a half; a shorter one (几天) leans on the other."""


def two_things(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Both answers, if both halves surely ask for different things; a person for the one that nobody wrote an answer
    to. None: the message is one question."""
    halves = questions_in(reading.asked.query)
    if len(halves) != 2 or min(map(len, halves)) < SHORTEST or reading.state.pending or reading.parts.intents is None:
        return None
    first, second = (Reading(reading.parts, replace(reading.asked, query=half), reading.state) for half in halves)
    ruled = [rule(half, ports, emotion) for half in (first, second)]
    if to_a_person := next((by_rule for by_rule in ruled if by_rule and by_rule.handed_off), None):
        return to_a_person
    if not all(by_rule or _is_sure(half) for by_rule, half in zip(ruled, (first, second), strict=True)):
        return None
    if not any(ruled) and _kind(first) == _kind(second):
        return None
    one = ruled[0] or _answer(first, ports, emotion)
    state = reading.state
    if one and (one.product or one.place):
        state = replace(state, product=one.product or state.product, place=one.place or state.place)
    goes_on = second if state is reading.state else Reading(reading.parts, second.asked, state)
    other = ruled[1] or _answer(goes_on, ports, emotion)
    if one and other:
        apart = other.reply != one.reply and not (one.missing and other.missing)
        return _both(one, other, reading.topic) if apart else None
    left_open = second if one else first
    known = one or other
    if known is None or not known.found or left_open.intent.label not in SERVICE_INTENTS:
        return None
    return _partly(reading, known, left_open)


def _is_sure(half: Reading) -> bool:
    return not half.intent.unknown and half.intent.confidence >= APART


def _kind(half: Reading) -> str:
    if asks_the_fee(half):
        return "fee"
    return "goods" if half.intent.label in GOODS_INTENTS else half.intent.label


def _answer(half: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    for stage in (orders, goods, knowledge):
        decision = stage(half, ports, emotion)
        if decision is not None:
            answered = (decision.found or decision.route == "ask") and decision.reply and not decision.handed_off
            return decision if answered else None
    return None


def _partly(reading: Reading, known: Decision, left_open: Reading) -> Decision:
    """What is known, and a person for the rest."""
    why = f"answered in part; nothing is written about “{left_open.asked.query}”"
    called = hand_off(left_open, "unknown_question", why)
    reply = f"{known.reply}\n关于“{left_open.asked.query}”：{called.reply}"
    return replace(
        known,
        reply=reply,
        needs_llm=False,
        context="",
        handoff_reason=called.handoff_reason,
        reason=why,
        missing=(),
        pending=None,
    )


def _both(one: Decision, other: Decision, topic: str) -> Decision:
    """Both replies as they stand; a question comes last, and what is left open is its. The intent is the one that the
    message as a whole has, if it is one of the two."""
    first, last = (other, one) if one.missing else (one, other)
    main = last if last.missing or first.route == "knowledge" else first
    return replace(
        main,
        reply=f"{first.reply}\n{last.reply}",
        intent=topic if topic in (one.intent, other.intent) else main.intent,
        needs_llm=False,
        context="",
        found=True,
        sources=tuple(dict.fromkeys((*first.sources, *last.sources))),
        hits=(*first.hits, *last.hits),
        product=main.product or first.product or last.product,
        reason=f"two things: {first.reason or first.route}; {last.reason or last.route}",
    )
