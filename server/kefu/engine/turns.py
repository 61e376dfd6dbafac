"""One turn: decide with what is known now, then record it all in one transaction."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from kefu.core.catalogue.values import StockRow
from kefu.core.decide import Asked, Decision, Ports, decide
from kefu.core.decide.decide import Stage
from kefu.core.decide.written.facts import mark_of
from kefu.core.dialogue import Customer, Named, Outcome, State
from kefu.core.dialogue.state import Turn as PastTurn
from kefu.core.guard import Facts
from kefu.core.handoff import HandOff, Line, priority_of
from kefu.core.orders import OrderAnswer
from kefu.core.prober import PROBER
from kefu.engine.order_lookup import look_up_order
from kefu.engine.snapshots import Snapshot
from kefu.store import conversations, handoffs, orders, rules
from kefu.store.db import Database
from kefu.store.live_stock import LiveStock

UNANSWERED = ("unknown_question", "low_confidence", "missing_information")
"""Hand-off reasons that mean: the shop could have known this. Such turns are clustered for the owner."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A decided turn, and what it took in milliseconds. ``turn_id``: by the material, where a model is to answer."""

    decision: Decision
    state: State
    ms: float
    turn_id: str


def take_turn(
    db: Database,
    shop_id: int,
    snapshot: Snapshot,
    live_stock: LiveStock,
    asked: Asked,
    ttl: timedelta,
    *,
    tool: str,
    meaning: Callable[[str], np.ndarray | None] = lambda _text: None,
    stages: tuple[Stage, ...] | None = None,
    record_miss: bool = True,
) -> Turn:
    """Decide ``asked`` and record it. A turn that nothing answered is recorded only if ``record_miss``, a deployment's
    probe is written and taken back: it counts nowhere, and a store that cannot write is seen."""
    started = time.perf_counter()
    with db.read() as connection:
        loaded = conversations.load(connection, shop_id, asked.conversation_id, asked.now)
        first = loaded.state.turn_count == 0
        # Who hands over marks the state too; a state that is gone (expired, first message) cannot tell.
        asks = bool(asked.conversation_id) and (first or loaded.state.owner == "human")
        live = handoffs.live_handoff(connection, shop_id, asked.conversation_id) if asks else None
    new = first and bool(asked.conversation_id and asked.user_id) and asked.user_id != PROBER
    customer = _meet(db, shop_id, asked) if new else loaded.state.customer
    state = conversations.with_customer(loaded.state, customer)
    ports = _ports(db, shop_id, snapshot, live_stock, live.state if live else "", meaning)
    decision = decide(snapshot.parts, asked, state, ports, stages)
    decision = _guarded(snapshot, decision)
    ms = (time.perf_counter() - started) * 1000
    turn = Turn(decision, state, ms, mark_of(decision.context) or uuid.uuid4().hex)
    if decision.route or record_miss:
        _record(db, shop_id, asked, turn, ttl, tool, loaded)
    return turn


def rehearse(
    db: Database,
    shop_id: int,
    snapshot: Snapshot,
    live_stock: LiveStock,
    asked: Asked,
    state: State,
    meaning: Callable[[str], np.ndarray | None] = lambda _text: None,
) -> tuple[Decision, State]:
    """Decide as `take_turn` does, after ``state``, and record nothing; with the state after it."""
    ports = _ports(db, shop_id, snapshot, live_stock, "", meaning)
    decision = _guarded(snapshot, decide(snapshot.parts, asked, state, ports))
    return decision, state.after(_outcome(asked, decision))


def _meet(db: Database, shop_id: int, asked: Asked) -> Customer:
    """Who begins this conversation: whether they came before, and their latest order."""
    with db.write() as connection:
        customer = conversations.meet(connection, shop_id, asked.user_id, asked.conversation_id, asked.now)
        own = orders.orders_of_buyer(connection, shop_id, asked.user_id)
    return replace(customer, last_order=own[0].order_no) if own else customer


def _ports(
    db: Database,
    shop_id: int,
    snapshot: Snapshot,
    live_stock: LiveStock,
    handoff_state: str,
    meaning: Callable[[str], np.ndarray | None],
) -> Ports:
    def stock_of(skus: Sequence[str]) -> Mapping[str, Sequence[StockRow]]:
        return live_stock.rows_of(shop_id, skus)

    def orders_of(asked: Asked, number: str, skus: Collection[str]) -> OrderAnswer:
        return look_up_order(db, shop_id, snapshot.parts, asked, number, skus)

    return Ports(stock_of, orders_of, handoff_state, meaning)


def _guarded(snapshot: Snapshot, decision: Decision) -> Decision:
    """The outgoing guard over a reply made here; what a model says is guarded in the gateway."""
    if decision.needs_llm or not decision.reply or decision.route in ("stock", "delivery", "compatibility", "order"):
        return decision  # sentences made of data: their numbers are the data's own
    # The shop's own written words are data: a promise in a rule or a knowledge entry is the shop's promise.
    verdict = snapshot.guard.check(decision.reply, Facts.of((decision.reply,), contacts=False))
    if verdict.hand_off:
        return replace(decision, route="human", reply=verdict.text, handoff_reason="policy", reason="outgoing guard")
    return replace(decision, reply=verdict.text)


def _record(
    db: Database,
    shop_id: int,
    asked: Asked,
    turn: Turn,
    ttl: timedelta,
    tool: str,
    loaded: conversations.Loaded,
) -> None:
    decision = turn.decision

    def also(connection: Connection) -> None:
        if decision.rule_id:
            rules.record_hit(connection, shop_id, decision.rule_id, asked.now)
        if decision.urge:
            orders.record_urge(connection, shop_id, decision.order_no, asked.conversation_id, asked.now)
        conversations.record_turn(connection, shop_id, _row(asked, turn, tool))
        if decision.handed_off and asked.conversation_id:
            rows = conversations.list_turns(connection, shop_id, asked.conversation_id)
            by_a_model = {(row.query, row.at): row.reply for row in rows if row.llm_calls}
            handoffs.open_handoff(connection, shop_id, _hand_off(asked, turn, by_a_model), asked.now)
        elif decision.route == "human_active" and asked.conversation_id:
            live = handoffs.live_handoff(connection, shop_id, asked.conversation_id)
            if live:
                handoffs.hear(connection, shop_id, live, asked.query, asked.now)
        if asked.user_id == PROBER:
            connection.rollback()

    def apply(state: State) -> State:
        return conversations.with_customer(state, turn.state.customer).after(_outcome(asked, decision))

    conversations.change(db, shop_id, asked.conversation_id, apply, asked.now, ttl, also, known=loaded)


def _outcome(asked: Asked, decision: Decision) -> Outcome:
    return Outcome(
        said=asked.query,
        reply=decision.reply,
        route=decision.route,
        intent=decision.topic or decision.intent,
        at=asked.now.isoformat(),
        products=decision.products,
        product=_kept(decision),
        attributes=decision.attributes,
        slots=decision.remembered,
        place=decision.place,
        order_no=decision.order_no,
        pending=decision.pending,
        emotion=decision.emotion,
        failed=decision.failed,
        rule_id=decision.rule_id,
        perhaps=decision.perhaps,
    )


def _kept(decision: Decision) -> Named | None:
    """The product that the next turn leans on: the one meant, if it is one."""
    return decision.product or (decision.products[0] if len(decision.products) == 1 else None)


def _row(asked: Asked, turn: Turn, tool: str) -> conversations.TurnRecord:
    decision = turn.decision
    return conversations.TurnRecord(
        conversation_id=asked.conversation_id,
        at=asked.now,
        route=decision.route or "miss",
        query=asked.query,
        reply=decision.reply,
        turn_id=turn.turn_id,
        channel=asked.channel,
        tool=tool,
        intent=decision.shop_intent,
        confidence=decision.confidence,
        rule_id=decision.rule_id,
        reason=decision.reason,
        handoff_reason=decision.handoff_reason,
        emotion=decision.emotion,
        timings={"decide": round(turn.ms, 2)},
        detail={
            "slots": [asdict(slot) for slot in decision.slots],
            "sources": list(decision.sources),
            "needs_llm": decision.needs_llm,
        },
        unanswered=decision.handoff_reason in UNANSWERED or (decision.needs_llm and not decision.found),
    )


def _hand_off(asked: Asked, turn: Turn, by_a_model: Mapping[tuple[str, datetime], str]) -> HandOff:
    """What the person who takes over reads; ``by_a_model``: what was said and when → what a language model answered,
    which the conversation's state does not hold."""
    decision, state = turn.decision, turn.state
    told = [(past, _reply_of(past, by_a_model)) for past in state.turns]
    lines = [
        line
        for past, reply in told
        for line in (Line("customer", past.said, past.at), Line("bot", reply, past.at))
        if line.text
    ]
    lines.append(Line("customer", asked.query, asked.now.isoformat()))
    suggested = decision.hits[0].entry.content if decision.hits else ""
    return HandOff(
        conversation_id=asked.conversation_id,
        reason=decision.handoff_reason,
        channel=asked.channel,
        user_id=asked.user_id,
        customer=state.customer.name,
        detail=decision.reason,
        emotion=decision.emotion,
        priority=priority_of(decision.handoff_reason, decision.emotion),
        transcript=tuple(lines),
        slots={slot.name: slot.value for slot in decision.slots},
        suggested_reply=suggested,
    )


def _reply_of(past: PastTurn, by_a_model: Mapping[tuple[str, datetime], str]) -> str:
    return by_a_model.get((past.said, datetime.fromisoformat(past.at)), past.reply) if past.at else past.reply
