"""Stages for what the shop has written down: knowledge, and the goods' own facts where nobody wrote an answer."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.values import Product
from kefu.core.decide.facts import MOST, context_of, goods_facts, goods_spoken_of
from kefu.core.decide.goods import compared_goods
from kefu.core.decide.reading import Reading, named
from kefu.core.decide.soothing import say
from kefu.core.decide.values import Decision, Ports
from kefu.core.dialogue import Named
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Hit, passage, said, split_passage
from kefu.core.knowledge.terms import says_little

KNOWLEDGE_INTENTS = (
    *("after_sales", "product_usage", "warranty", "invoice", "payment", "promotion", "virtual_goods", "complaint"),
)


def knowledge(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What the shop has written down: a script as it stands, else the material for one model call."""
    limits = reading.parts.thresholds
    hits = _search(reading, ports, _question(reading))
    if not hits or hits[0].score < limits.knows:
        leaning = reading.follow.standalone if reading.follow.is_follow_up else _continued(reading)
        hits = (_search(reading, ports, leaning) if leaning else ()) or hits
    expected = reading.topic in KNOWLEDGE_INTENTS
    least = limits.knows * (0.8 if expected else 1.0)
    if not hits or hits[0].score < least:
        return None
    close = tuple(hit for hit in hits if hit.score >= max(least * 0.6, hits[0].score * 0.6))
    intent = reading.topic
    exact = hits[0].entry.knowledge_id == "scripts" and hits[0].score >= limits.exact
    reply = say(reading, hits[0].entry.content) if exact else said(hits[0].entry)
    material = (
        []
        if exact
        else [*(passage(hit.entry) for hit in close), *goods_facts(reading, ports, goods_spoken_of(reading))]
    )
    return Decision(
        route="knowledge",
        reply=reply,
        intent=intent,
        needs_llm=not exact,
        context="" if exact else context_of(reading.parts.voice, material),
        found=True,
        sources=tuple(dict.fromkeys(hit.entry.source for hit in close)),
        hits=close,
        product=_spoken_of(reading),
        reason=f"knowledge {hits[0].score:.2f}",
    )


def _question(reading: Reading) -> str:
    """The message; one that hardly says what it is about (怎么办) together with what was said before it."""
    said, turns = reading.asked.query, reading.state.turns
    return f"{turns[-1].said} {said}" if turns and says_little(said) else said


def _continued(reading: Reading) -> str:
    """The message after the question before it, where that was answered in writing and the subject is the same one
    (花呗分期呢 … 可以分几期); else ""."""
    before = reading.state.turns[-1] if reading.state.turns else None
    if before is None or before.route not in ("knowledge", "llm", "rule") or before.intent != reading.topic:
        return ""
    return f"{before.said} {reading.asked.query}"


def _spoken_of(reading: Reading) -> Named | None:
    """The one product that the message names: what is asked next (黑色有吗) is asked of it."""
    found = reading.resolution
    return named(found) if found.how in ("name", "code", "facets") else None


def _search(reading: Reading, ports: Ports, text: str) -> list[Hit]:
    parts = reading.parts
    hits = [*parts.knowledge.search(text, top_k=4, vector=ports.meaning(text)), *parts.written.search(text)]
    return sorted(hits, key=lambda hit: -hit.score)[:4]


def compared(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """How goods differ is in their own facts, not in a manual that shares their words."""
    return _from_facts(reading, ports, compared_goods(reading)[:MOST])


def about_goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """A question about goods that nobody wrote an answer to: their own facts, for one model call."""
    return _from_facts(reading, ports, goods_spoken_of(reading))


def _from_facts(reading: Reading, ports: Ports, products: Sequence[Product]) -> Decision | None:
    material = goods_facts(reading, ports, products)
    if not material or reading.intent.unknown:
        return None
    return Decision(
        route="llm",
        reply=split_passage(material[0])[1],
        intent=reading.topic,
        needs_llm=True,
        context=context_of(reading.parts.voice, material),
        found=True,
        product=_spoken_of(reading),
        products=tuple(Named(product.id, product.name) for product in products),
        reason=f"the facts of {len(material)} products",
    )
