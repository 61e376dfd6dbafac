"""The tools that Dify's canvas calls: one function each, always the same keys with the same meaning and type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kefu.core.decide import Asked, Decision
from kefu.core.decide.decide import GOODS_STAGES, ORDER_STAGES, RULE_STAGES, human_active
from kefu.core.handoff import REASONS, Silence, opening_sentence
from kefu.core.knowledge import split_passage
from kefu.core.slots import extract, extract_fields, fill, parse_schema
from kefu.core.text import MAX_CHARS, quote_for_dify
from kefu.core.voice import fill as fill_voice
from kefu.core.voice import variables
from kefu.engine.retrieval import Retrieval
from kefu.errors import BadInput
from kefu.store.shops import Shop

if TYPE_CHECKING:
    from kefu.engine.engine import Engine

MAX_QUERY = 20_000
"""Characters of a text to extract from or to search for; of a customer's turn it is MAX_CHARS. Nothing looks at what is
beyond, and no log and no answer keeps it."""


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """What a tool call carries; ``extras`` are the tool's own parameters, all texts."""

    query: str = ""
    conversation_id: str = ""
    user_id: str = ""
    channel: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)


Tool = Callable[["Engine", Shop, ToolRequest], dict[str, Any]]


def _asked(engine: Engine, wanted: ToolRequest) -> Asked:
    extras = {name: wanted.extras.get(name, "").strip() for name in _SLOTS}
    return Asked(
        query=wanted.query[:MAX_CHARS],
        conversation_id=wanted.conversation_id,
        now=engine.clock(),
        user_id=wanted.user_id,
        channel=wanted.channel,
        **extras,
    )


_SLOTS = ("product", "variant", "place", "when", "quantity", "order_no", "phone_last4")


def understand(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """Everything in one call: route, intent, slots, live stock, the reply or the model's context."""
    asked = _asked(engine, wanted)
    decision = engine.turn(shop, asked, tool="understand").decision
    return {
        "route": decision.route,
        "intent": decision.shop_intent,
        "confidence": decision.confidence,
        "needs_llm": decision.needs_llm,
        "reply": decision.reply,
        "context": decision.context,
        "slots": slots_json(decision),
        "missing": list(decision.missing),
        "ask": decision.ask,
        "matched": decision.route == "rule",
        "rule_id": decision.rule_id,
        **_goods(decision),
        "emotion": decision.emotion,
        **_outcome(decision, asked),
    }


def rule_reply(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """The first tool of a flow: rules, identity, a wish for a person, several questions that it can answer all; else
    the safe query for what follows."""
    asked = _asked(engine, wanted)
    turn = engine.turn(shop, asked, tool="rule_reply", stages=RULE_STAGES, record_miss=False)
    decision = turn.decision
    waiting = "" if decision.route else engine.waiting_for(shop, asked, turn.state)
    return {
        "matched": bool(decision.route),
        "reply": decision.reply,
        "rule_id": decision.rule_id,
        "route": decision.route or waiting,
        **_outcome(decision, asked),
    }


def inventory_lookup(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """Stock, price, delivery and compatibility for free text, for slots, or for both."""
    asked = _asked(engine, wanted)
    if not asked.query:
        said = " ".join(filter(None, (asked.product, asked.variant, asked.place, asked.when)))
        asked = _replace_query(asked, said)
    decision = engine.turn(shop, asked, tool="inventory_lookup", stages=GOODS_STAGES).decision
    return {
        "reply": decision.reply,
        **_goods(decision),
        "missing": list(decision.missing),
        "ask": decision.ask,
        "route": decision.route,
        **_outcome(decision, asked),
    }


def order_lookup(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """Where an order is, for its buyer only."""
    asked = _asked(engine, wanted)
    decision = engine.turn(shop, asked, tool="order_lookup", stages=ORDER_STAGES).decision
    return {
        "found": decision.found,
        "reply": decision.reply,
        "status": decision.status,
        "order_no": decision.order_no,
        "route": decision.route,
        **_outcome(decision, asked),
    }


def extract_parameters(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """Slots of the text by the caller's schema; without one, every slot that the text has."""
    text, now = wanted.query[:MAX_QUERY], engine.clock()
    silence = engine.silence(shop, wanted.conversation_id)
    lexicon = engine.snapshots.of(shop.id).parts.lexicon
    if not wanted.extras.get("schema", "").strip():
        found = {slot.name: slot.value for slot in extract(text, now=now, lexicon=lexicon) if not slot.negated}
        return _parameters(found, (), "", text, silence)
    schema = parse_schema(wanted.extras["schema"])
    filled = fill(schema, extract_fields(schema, text, now=now, lexicon=lexicon))
    return _parameters(dict(filled.values), filled.missing, filled.ask, text, silence)


def _parameters(
    slots: dict[str, Any], missing: tuple[str, ...], ask: str, text: str, silence: Silence
) -> dict[str, Any]:
    """What was found in any case; a question only where no person has the conversation."""
    ask = "" if silence.silent else ask
    route = "human_active" if silence.silent else "ask" if ask else ""
    reply = silence.reply if silence.silent else ask
    found = {"slots": slots, "missing": list(missing), "ask": ask, "reply": reply, "route": route}
    return found | {"query": quote_for_dify(text)}


LEAST_SCORE = 0.3
"""`search_knowledge` leaves out what is less likely to answer (see docs/knowledge.md); the flow's model judges."""


def search_knowledge(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """Knowledge with the names of its sources; ``context`` is ready for a prompt."""
    text = wanted.query[:MAX_QUERY]
    raw = wanted.extras.get("top_k", "").strip() or "3"
    if not raw.removesuffix(".0").isdigit():
        raise BadInput(f"top_k: “{raw}” is no number.", "Give 1 to 20.")
    top_k = max(1, min(int(float(raw)), 20))
    silence = engine.silence(shop, wanted.conversation_id)
    if silence.silent:
        nothing = {"found": False, "reply": silence.reply, "context": "", "sources": [], "route": "human_active"}
        return nothing | {"query": quote_for_dify(text)}
    records = engine.retrieve(shop, Retrieval(text, wanted.extras.get("knowledge_id", "").strip(), top_k, LEAST_SCORE))
    contents = [record["content"] for record in records]
    return {
        "found": bool(records),
        "reply": split_passage(contents[0])[1] if contents else "",
        "context": "\n".join(("<资料>", *contents, "</资料>")) if contents else "",
        "sources": list(dict.fromkeys(record["metadata"].get("source") or record["title"] for record in records)),
        "route": "knowledge" if records else "",
        "query": quote_for_dify(text),
    }


def hand_off(engine: Engine, shop: Shop, wanted: ToolRequest) -> dict[str, Any]:
    """Give the conversation to a person; nothing is announced twice to a customer whom a person has already. An unknown
    reason becomes ``unknown_question``: nobody is lost over it."""
    asked = _asked(engine, wanted)
    reason = wanted.extras.get("reason", "").strip() or "unknown_question"
    reason = reason if reason in REASONS else "unknown_question"
    parts = engine.snapshots.of(shop.id).parts
    sentence = fill_voice(opening_sentence(parts.desk, asked.now), variables(parts.voice, now=asked.now))
    decision = Decision("human", sentence, handoff_reason=reason, reason="the flow handed over")
    said = engine.turn(shop, asked, tool="hand_off", stages=(human_active, lambda *_: decision)).decision
    return {"handed_off": True, "handoff_reason": reason, "reply": said.reply, "route": said.route}


TOOLS: dict[str, Tool] = {
    tool.__name__: tool
    for tool in (
        rule_reply,
        inventory_lookup,
        extract_parameters,
        understand,
        order_lookup,
        search_knowledge,
        hand_off,
    )
}

COMMON = ("query", "conversation_id", "user_id", "channel")
"""What every tool takes: the fields of ToolRequest."""

EXTRAS: dict[str, tuple[str, ...]] = {
    "rule_reply": _SLOTS,
    "inventory_lookup": _SLOTS,
    "extract_parameters": ("schema",),
    "understand": _SLOTS,
    "order_lookup": _SLOTS,
    "search_knowledge": ("knowledge_id", "top_k"),
    "hand_off": (*_SLOTS, "reason"),
}
"""What each tool reads besides; a test compares it with what the tool looks at."""

FIELDS: dict[str, str] = {
    "query": "what the customer typed",
    "conversation_id": "the same for all turns of a conversation; empty = nothing is remembered",
    "user_id": "the customer's id in the channel: whose orders may be told",
    "channel": "where the customer writes from, like web or wechat: rules may be of one channel",
    "product": "the product as the customer named it; empty = as in query",
    "variant": "size, colour or capacity; empty = as in query",
    "place": "where it is to be delivered; empty = as in query",
    "when": "when it should arrive, in the customer's words; empty = as in query",
    "quantity": "how many are wanted; empty = as in query",
    "order_no": "the order's number; empty = as in query",
    "phone_last4": "last four digits of the order's phone, which prove the buyer; empty = as in query",
    "schema": "JSON of the slots to extract: a JSON Schema or Dify's parameters; empty = every slot that the text has",
    "knowledge_id": "manuals, after-sales or scripts; empty = all",
    "top_k": "how many entries, 1 to 20; empty = 3",
    "reason": f"why a person is needed: {', '.join(REASONS)}",
}
"""Name of a request field → what it means. All are texts and may be left out."""


def fields_of(tool: str) -> dict[str, str]:
    """The fields of the tool's request, each with its meaning."""
    return {name: FIELDS[name] for name in (*COMMON, *EXTRAS[tool])}


def slots_json(decision: Decision) -> dict[str, Any]:
    """Slots as a Dify object: name → what was said, meaning and source; of several of a name the last."""
    return {
        slot.name: {"value": slot.value, "normalised": slot.normalised, "source": slot.source, "type": slot.type}
        for slot in decision.slots
        if not slot.negated
    }


def _goods(decision: Decision) -> dict[str, Any]:
    return {
        "found": decision.found,
        "available": decision.available,
        "quantity": decision.quantity,
        "as_of": decision.as_of,
        "delivery": decision.delivery,
    }


def _outcome(decision: Decision, asked: Asked) -> dict[str, Any]:
    return {
        "handed_off": decision.handed_off,
        "handoff_reason": decision.handoff_reason,
        "reason": decision.reason,
        "query": quote_for_dify(asked.query),
    }


def _replace_query(asked: Asked, query: str) -> Asked:
    return Asked(**{**{name: getattr(asked, name) for name in Asked.__dataclass_fields__}, "query": query})
