"""Stages for what the shop has written down: knowledge, and the goods' own facts where nobody wrote an answer."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.values import Product
from kefu.core.decide.facts import MOST, context_of, goods_facts, goods_spoken_of
from kefu.core.decide.goods import compared_goods
from kefu.core.decide.reading import Reading, named
from kefu.core.decide.soothing import say
from kefu.core.decide.subjects import goods_named, goods_of, intents_of
from kefu.core.decide.values import Decision, Ports
from kefu.core.dialogue import Named
from kefu.core.emotion import Emotion
from kefu.core.knowledge import About, Hit, judged, passage, said, split_passage
from kefu.core.knowledge.terms import says_little

KNOWLEDGE_INTENTS = (
    *("after_sales", "product_usage", "warranty", "invoice", "payment", "promotion", "virtual_goods", "complaint"),
)

SERVICE_INTENTS = tuple(intent for intent in KNOWLEDGE_INTENTS if intent != "product_usage")


def knowledge(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What the shop has written down: a script as it stands, else the material for one model call."""
    limits = reading.parts.thresholds
    hits = _search(reading, ports, _question(reading))
    if not _known(reading, hits):
        leaning = reading.follow.standalone if reading.follow.is_follow_up else _continued(reading)
        alone = {hit.entry.id for hit in hits if hit.score >= AGAIN}
        found = _search(reading, ports, leaning) if leaning else []
        hits = [hit for hit in found if hit.entry.id in alone or not _just_said(reading, hit)]
    if not _known(reading, hits):
        return None
    best, close = hits[0], [hit for hit in hits if hit.score >= hits[0].score * CLOSE]
    exact = best.entry.knowledge_id == "scripts" and best.score >= limits.exact
    reply = say(reading, best.entry.content) if exact else said(best.entry)
    material = (
        []
        if exact
        else [*(passage(hit.entry) for hit in close), *goods_facts(reading, ports, goods_spoken_of(reading))]
    )
    return Decision(
        route="knowledge",
        reply=reply,
        intent=reading.topic,
        needs_llm=not exact,
        context="" if exact else context_of(reading.parts.voice, material, best.score >= limits.knows),
        found=True,
        sources=tuple(dict.fromkeys(hit.entry.source for hit in close)),
        hits=tuple(close),
        product=_spoken_of(reading),
        reason=f"knowledge {best.score:.2f}",
    )


SAID = 2
"""Goods whose facts are said where no model chooses among them."""
TOGETHER, AMONG_OTHERS = 0.9, 0.3
"""Several entries that are about what is asked: so likely that one of them answers, and the best at least so likely."""
CLOSE = 0.25
"""A model also reads what is this likely to answer, against the likeliest: the right entry is among the first three far
more often than first."""
AGAIN = 0.2
"""What was just said is said again where the message itself makes it so likely; else it does not answer what is
asked on."""
BEGINNING = 40
"""So many characters tell whether a text was just said."""


def _known(reading: Reading, hits: Sequence[Hit]) -> bool:
    """Whether something written answers: an entry, or one of several among which a model may choose."""
    limits, knowledge = reading.parts.thresholds, reading.parts.knowledge
    best = hits[0].score if hits else 0.0
    if knowledge.senses is None or knowledge.nearness.dimensions:
        return best >= limits.covers
    return best >= limits.knows or (best >= AMONG_OTHERS and sum(hit.score for hit in hits) >= TOGETHER)


def _just_said(reading: Reading, hit: Hit) -> bool:
    """Whether the last answer was this entry (飞机能带吗 … 坐高铁呢)."""
    before = reading.state.turns[-1].reply if reading.state.turns else ""
    return " ".join(hit.entry.content.split())[:BEGINNING] in before


def _question(reading: Reading) -> str:
    """The message; for one that hardly says what it is about (怎么办) what was said before it, for one that only gives
    a value (两个) both."""
    said, turns = reading.asked.query, reading.state.turns
    if not turns:
        return said
    if says_little(said):
        return turns[-1].said
    return f"{turns[-1].said} {said}" if reading.asks_nothing else said


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
    """The likeliest entries, the shop's rules among them, best first."""
    parts = reading.parts
    vector = ports.meaning(text)
    if vector is not None or parts.knowledge.senses is None:
        rules = judged(parts.written.candidates(text), 1, parts.thresholds.knows)
        hits = [*rules, *parts.knowledge.search(text, MOST_HITS, vector=vector)]
        return sorted(hits, key=lambda hit: -hit.score)[:MOST_HITS]
    found = [*parts.knowledge.candidates(text), *parts.written.candidates(text)]
    candidates = [one for one in found if one.words >= WORD_FOR_WORD or not _is_live(parts.subjects.of(one.entry))]
    goods = goods_named(parts.catalogue, text) or goods_of(goods_spoken_of(reading))
    about = About(intents_of(reading.shop_intent, parts.roles), goods)
    return judged(candidates, MOST_HITS, question=about, about=parts.subjects.of)


def _is_live(entry: About) -> bool:
    """Whether an entry is about what only the store knows now: 这个颜色没有了 is no answer to 有粉色吗."""
    return max(entry.intents, key=entry.intents.__getitem__, default="") in LIVE


LIVE = ("stock_query", "order_status", "urge_delivery")
WORD_FOR_WORD = 1.0
"""Share of its words from which the message is an entry's own question: then the shop wants just that said."""
MOST_HITS = 4


def compared(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """How goods differ is in their own facts, not in a manual that shares their words."""
    return _from_facts(reading, ports, compared_goods(reading)[:MOST])


def about_goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """A question about goods that nobody wrote an answer to: their own facts, for one model call. They say nothing of
    what the shop does (returns, invoices, payment): that is for a person."""
    if reading.topic in SERVICE_INTENTS:
        return None
    return _from_facts(reading, ports, goods_spoken_of(reading))


def _from_facts(reading: Reading, ports: Ports, products: Sequence[Product]) -> Decision | None:
    material = goods_facts(reading, ports, products)
    if not material or reading.intent.unknown:
        return None
    return Decision(
        route="llm",
        reply="\n".join(split_passage(line)[1] for line in material[:SAID]),
        intent=reading.topic,
        needs_llm=True,
        context=context_of(reading.parts.voice, material),
        found=True,
        product=_spoken_of(reading),
        products=tuple(Named(product.id, product.name) for product in products),
        reason=f"the facts of {len(material)} products",
    )
