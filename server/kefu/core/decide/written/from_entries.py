"""What is answered from entries and from the goods' own facts: in their words, or as the material for a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.values import Product
from kefu.core.decide.hearing.reading import Reading, named
from kefu.core.decide.soothing import say
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.facts import (
    FIRST_ANSWERS,
    FIRST_MAY_ANSWER,
    MOST,
    PLAIN,
    UNSURE,
    context_of,
    goods_facts,
    goods_spoken_of,
)
from kefu.core.decide.written.searching import CLOSE, SURELY
from kefu.core.dialogue import Named
from kefu.core.knowledge import Hit, passage, said, split_passage


def written_in(reading: Reading, ports: Ports, hits: Sequence[Hit]) -> Decision:
    """What the best of ``hits`` says: a script as it stands, else the material for a model."""
    limits, best = reading.parts.thresholds, hits[0]
    exact = (
        best.entry.knowledge_id == "scripts" and best.score >= limits.exact and not reading.was_just_told(best.entry)
    )
    if exact:
        reply, context = say(reading, best.entry.content), ""
    else:
        opening = FIRST_ANSWERS if best.score >= SURELY else FIRST_MAY_ANSWER if best.score >= limits.knows else PLAIN
        reply, context = said(best.entry), material_for(reading, ports, hits, opening)
    decision = from_entries(reading, hits, reply, context, f"knowledge {best.score:.2f}")
    product = decision.product or _product_of(reading, best)
    return replace(decision, found=True, product=product, products=() if product else _goods_of(reading, best))


def asked_on_again(reading: Reading, ports: Ports, hits: Sequence[Hit]) -> Decision:
    """What was just said is all that is written of it: a model may see what follows (花呗分期呢 … 几期免息)."""
    why = f"asked on about what was just said ({hits[0].score:.2f})"
    return from_entries(reading, hits, UNSURE, material_for(reading, ports, hits, PLAIN), why)


def from_entries(reading: Reading, hits: Sequence[Hit], reply: str, context: str, reason: str) -> Decision:
    """``reply`` and, for a model, ``context``, from the best hit and those close to it."""
    close = _close(hits)
    return Decision(
        route="knowledge",
        reply=reply,
        intent=reading.topic,
        needs_llm=bool(context),
        context=context,
        sources=tuple(dict.fromkeys(hit.entry.source for hit in close)),
        hits=tuple(close),
        reason=reason,
        product=_still_spoken_of(reading, hits[0]) or _spoken_of(reading),
    )


def _still_spoken_of(reading: Reading, hit: Hit) -> Named | None:
    """What was spoken of before, where the entry is about it and not about what the words may name (左开的门能用吗,
    after a lock, in a shop with valves)."""
    before, own = reading.state.product, hit.entry.products
    held = reading.parts.catalogue.thing(before.id) if before else None
    named = reading.resolution
    if held is None or held.id not in own or not named.is_named or named.is_outright:
        return None
    return None if any(product.id in own for product in named.products) else before


def _close(hits: Sequence[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.score >= hits[0].score * CLOSE]


def material_for(reading: Reading, ports: Ports, hits: Sequence[Hit], opening: str) -> str:
    """What a model reads: the best entries, and the facts of the goods spoken of."""
    held = _still_spoken_of(reading, hits[0])
    thing = reading.parts.catalogue.thing(held.id) if held else None
    facts = goods_facts(reading, ports, [thing] if thing else goods_spoken_of(reading))
    return context_of(reading, [*(passage(hit.entry) for hit in _close(hits)), *facts], opening)


def _product_of(reading: Reading, hit: Hit) -> Named | None:
    """The product that the answer is about: what is asked next (两米的多少钱) is asked of it."""
    found = reading.parts.catalogue.product(hit.entry.product) if hit.score >= SURELY else None
    return Named(found.id, found.name) if found else None


def _goods_of(reading: Reading, hit: Hit) -> tuple[Named, ...]:
    """The few goods that the message names, else those that the answer is about: what is asked next (5斤的多少钱) is
    asked of them."""
    named = reading.resolution.products if reading.resolution.is_named else ()
    before = reading.state.product or reading.state.products
    own = hit.entry.products if hit.score >= SURELY and not before else ()
    products = named or tuple(found for one in own if (found := reading.parts.catalogue.product(one)))
    return tuple(Named(one.id, one.name) for one in products) if len(products) <= MOST else ()


SAID = 2
"""Goods whose facts are said where no model chooses among them."""


def _spoken_of(reading: Reading) -> Named | None:
    """The one product that the message names, or the variant of what was spoken of that it chooses (黑的掉毛不): what
    is asked next (多少钱) is asked of it."""
    found, before = reading.resolution, reading.state.product
    if found.is_named or before is None:
        return named(found) if found.is_named else None
    catalogue = reading.parts.catalogue
    held = catalogue.thing(before.id)
    if held is None or not catalogue.having(reading.wished_for, [held]):
        return None
    chosen = catalogue.resolve(reading.asked.query, last=[before.id], ignore=reading.no_product_words)
    return named(chosen) if chosen.product == held else None


def from_facts(
    reading: Reading, ports: Ports, products: Sequence[Product], perhaps: Sequence[Hit] = (), opening: str = PLAIN
) -> Decision | None:
    """The goods' facts for a model, and what ``perhaps`` answers; ``opening`` says how likely the first line does."""
    material = goods_facts(reading, ports, products)
    if not material:
        return None
    return Decision(
        route="llm",
        reply="\n".join(split_passage(line)[1] for line in material[:SAID]),
        intent=reading.topic,
        needs_llm=True,
        context=context_of(reading, [*material, *(passage(hit.entry) for hit in perhaps)], opening),
        found=True,
        product=_spoken_of(reading),
        products=tuple(Named(product.id, product.name) for product in products),
        reason=f"the facts of {len(material)} products",
    )
