"""What is said to a customer who is upset or waits too long for help, and the call for a person."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision
from kefu.core.dialogue import Pending
from kefu.core.emotion import Emotion, soothe
from kefu.core.handoff import opening_sentence
from kefu.core.voice import fill, variables

_FEELINGS = {"urgent": "着急", "dissatisfied": "不满"}


def hand_off(reading: Reading, reason: str, why: str, said: str | None = None) -> Decision:
    """A person takes over for ``reason``, ``said`` instead of the shop's opening sentence."""
    opening = opening_sentence(reading.parts.desk, reading.asked.now)
    reply = said if said is not None else say(reading, opening)
    intent = "human_request" if reason == "customer_request" else reading.topic
    return Decision("human", reply, intent, handoff_reason=reason, reason=why, failed=reason != "customer_request")


def soothed(reading: Reading, emotion: Emotion, decision: Decision) -> Decision:
    """``decision`` with a word for a feeling that is new in this conversation; a person after failures in a row.

    A rule's sentence is the shop's own and stays as it is.
    """
    if decision.route in ("", "rule", "human_active") or decision.handoff_reason == "angry_customer":
        return decision
    state, parts = reading.state, reading.parts
    if decision.pending and not _same_question(decision.pending, state.pending):
        decision = replace(decision, failed=False)
    upset = emotion.level in ("dissatisfied", "angry")
    if upset and decision.pending and _same_question(decision.pending, state.pending):
        sorry = called(reading, parts.emotion.soothe_repeat)
        return hand_off(reading, "unknown_question", "complains of an open question", sorry)
    failures = state.failures + 1 if decision.failed else 0
    calming = soothe(emotion, failures, parts.emotion)
    if calming.hand_off and decision.route != "human":
        why = f"{failures} failed turns in a row"
        return hand_off(reading, calming.hand_off, why, called(reading, calming.sentence))
    if emotion.level == "calm" and _complains(reading, decision):
        word = say(reading, parts.emotion.soothe_dissatisfied)
        return decision if word in state.last_turn.reply else replace(decision, reply=word + decision.reply)
    if emotion.level not in ("urgent", "dissatisfied") or emotion.level == state.emotion or calming.hand_off:
        return decision
    word = say(reading, calming.sentence) if decision.reply else ""
    told = f"\n客户这时有些{_FEELINGS[emotion.level]}，先用半句话安抚，再回答。" if decision.context else ""
    return replace(decision, reply=word + decision.reply, context=decision.context + told)


def _complains(reading: Reading, decision: Decision) -> bool:
    """Whether a person is called for a complaint in plain words (猫吃了你家粮拉稀三天了)."""
    surely = reading.intent.confidence >= reading.parts.thresholds.sure
    called = decision.route == "human" and not decision.rule_id and reading.parts.emotion.enabled
    return called and decision.intent == "complaint" and surely


def _same_question(now: Pending, before: Pending | None) -> bool:
    """Asking for something new is no failure; asking the same again is."""
    return before is not None and now.asks_the_same(before)


def called(reading: Reading, sentence: str) -> str:
    """What is said when a person is called: at night also when people will be there."""
    desk, now = reading.parts.desk, reading.asked.now
    return say(reading, sentence if desk.is_open(now) else sentence + opening_sentence(desk, now))


def say(reading: Reading, sentence: str) -> str:
    """A template in the shop's voice."""
    return fill(sentence, variables(reading.parts.voice, customer=reading.state.customer.name, now=reading.asked.now))
