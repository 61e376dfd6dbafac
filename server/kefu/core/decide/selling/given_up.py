"""The stage for one thing of several that is not wanted any more (蒸架不要了): it is left out of what is added up."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.catalogue.phrases import opening
from kefu.core.decide.goods.numbers_kept import MANY_OF, wanted_before
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading, sku_name
from kefu.core.decide.hearing.taken_back import UNSURE, forgotten, is_refused
from kefu.core.decide.values import Decision, Ports, address_of
from kefu.core.emotion import Emotion


def given_up(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Goods of those wanted before of which it is only said that they are not wanted; none of an order that exists."""
    text = reading.text.text
    if not is_refused(text) or ASKS.search(text) or not reading.alone.is_named or reading.state.order_no:
        return None
    before = {name: said for name, said in wanted_before(reading.state.slots).items() if said}
    gone = forgotten(reading.alone, before)
    if not gone or len(before) == len(gone):
        return None
    named = reading.alone.products[0].spoken
    reply = f"{opening(address_of(reading.parts.voice))}好的，{named}就不算在里面了。还需要看看别的吗？"
    kept = {MANY_OF + name: "" for name in gone} | {UNSURE: reading.state.slots.get(UNSURE, "")}
    left = sku_name(reading, next(name for name in reversed(before) if name not in gone))
    base = Decision("smalltalk", reply, "stock_query", 1.0, found=True, reason="not wanted any more")
    return replace(base, remembered=kept, product=left)
