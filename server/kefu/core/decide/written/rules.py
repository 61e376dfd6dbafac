"""The stage for the shop's own rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from kefu.core.courtesy import asked_with_ma, said_once, without_courtesies, without_thanks
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.dialogue import Pending
from kefu.core.emotion import Emotion
from kefu.core.handoff import REASONS
from kefu.core.rules import MatchContext, RuleMatch, choose
from kefu.core.text import normalise
from kefu.core.voice import variables


def rule(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The shop's own rules."""
    state = reading.state
    products = (state.product.id, state.product.name) if state.product else ()
    fired = {rule_id: datetime.fromisoformat(at) for rule_id, at in state.fired.items()}
    context = MatchContext(reading.asked.channel, products, reading.asked.now, state.is_first_message, fired)
    match = reading.parts.rules.match(reading.text, context)
    text = reading.text.text
    for plainly in (without_courtesies, said_once, asked_with_ma):
        if match is None and (asked := plainly(text)) not in ("", text):
            match = reading.parts.rules.match(normalise(asked), context)
    match = match or _of_every_clause(reading, context)
    return _from_rule(reading, match) if match else None


_STOPS = re.compile(r"[,。.!;~\s]+")
CLAUSES = 3
"""Clauses up to which a message may say one thing in several ways."""


def _of_every_clause(reading: Reading, context: MatchContext) -> RuleMatch | None:
    """The rule that each clause has, or that is of one topic with the others' (付款已完成，请发货，谢谢)."""
    text = reading.text.text
    clauses = list(filter(None, _STOPS.split(without_thanks(text) or without_courtesies(text))))
    if not 1 < len(clauses) <= CLAUSES:
        return None
    found = [reading.parts.rules.match(normalise(clause), context) for clause in clauses]
    told = [match for match in found if match]
    alike = len({match.rule_id for match in told}) == 1 or (len({match.topic for match in told}) == 1 and told[0].topic)
    return max(told, key=lambda match: match.rule.priority) if len(told) == len(clauses) and alike else None


def _from_rule(reading: Reading, match: RuleMatch) -> Decision:
    state, voice = reading.state, reading.parts.voice
    known = variables(voice, customer=state.customer.name, now=reading.asked.now)
    known |= {"brand": voice.maker, "shop": voice.maker, "topic": state.topic, "order_no": state.order_no}
    known |= {"product": state.product.name if state.product else "", **match.groups}
    reply = choose(match.rule.replies, known, pick=state.turn_count)
    base = Decision("rule", reply, rule_id=match.rule_id, found=True, topic=match.topic, confidence=1.0)
    if match.action.kind == "hand_off":
        reason = match.action.value if match.action.value in REASONS else "policy"  # of rules stored unchecked before
        handed = hand_off(reading, reason, f"rule {match.rule_id}", reply or None)
        return replace(handed, rule_id=match.rule_id)
    if match.action.kind == "ask":
        pending = Pending(state.topic, (match.action.value,), reply)
        return replace(base, route="ask", ask=reply, missing=(match.action.value,), pending=pending)
    return replace(base, reason=f"rule {match.rule_id}")
