"""Whether goods for one animal may be used for another (狗的能给猫用不, 兔子能吃猫粮吗): no stock answers that."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.names.for_whom import ANIMALS, is_for
from kefu.core.catalogue.values import Product
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.facts import MAY_NOT_ANSWER, MOST, UNSURE, context_of, goods_facts
from kefu.core.decide.written.from_entries import written_in
from kefu.core.decide.written.searching import SURELY, search
from kefu.core.decide.written.stages import near_passages
from kefu.core.dialogue import Named
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Hit

_USE = "用|吃|喝|滴|抹|涂|喂|穿|戴|打|睡|住"
_MAY = "能|可不可以|可以|敢|行"
_WHO_USES = {
    name: re.compile(
        rf"(?:{one.said.pattern})[^,，。;；?？]{{0,3}}?(?:{_MAY})[^,，。;；?？]{{0,3}}?(?:{_USE})"
        rf"|[给喂](?:我家)?[^,，。;；?？]{{0,3}}?(?:{one.said.pattern})[^,，。;；?？]{{0,3}}?(?:{_USE}|[吗么不没行])"
    )
    for name, one in ANIMALS.items()
}


def another_animal(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is surely written of the animal that is to use them; else what lies near, which may not answer."""
    users = [name for name, uses in _WHO_USES.items() if uses.search(reading.text.text)]
    goods = _goods(reading) if users else ()
    others = [name for name in users if all(is_for(one) and name not in is_for(one) for one in goods)]
    if not goods or not others:
        return None
    hits = [hit for hit in search(reading, ports, reading.asked.query) if _speaks_of(hit, others)]
    if hits and hits[0].score >= SURELY:
        return written_in(reading, ports, hits)
    material = [*near_passages(reading, ports), *goods_facts(reading, ports, goods[:MOST])]
    return Decision(
        route="llm",
        reply=UNSURE,
        intent=reading.topic,
        needs_llm=True,
        context=context_of(reading, material, MAY_NOT_ANSWER),
        products=tuple(Named(one.id, one.name) for one in goods[:MOST]),
        reason=f"goods for others than {', '.join(others)}",
    )


def _goods(reading: Reading) -> Sequence[Product]:
    return reading.alone.products or reading.goods.meant


def _speaks_of(hit: Hit, animals: Sequence[str]) -> bool:
    told = " ".join((hit.entry.title, hit.entry.question, hit.entry.content))
    return any(ANIMALS[name].written.search(told) for name in animals)
