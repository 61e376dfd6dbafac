"""What is chosen in the place of another thing, and what the conversation keeps of that."""

from __future__ import annotations

import re

from kefu.core.catalogue.several.several_things import Thing
from kefu.core.decide.goods.asked_outright import SURE_OF_STOCK
from kefu.core.decide.goods.numbers_kept import MANY_OF, remembered, wanted_before
from kefu.core.decide.goods.portions_wanted import Portion
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import COURTESIES, Reading
from kefu.core.decide.hearing.taken_back import changed, forgotten, takes_instead

_CHOSEN = re.compile(r"(?:换成?|改成?|改要|改拿|换个)(?!货|尺|地址|收|快递|时间|电话)")
"""换成香梨吧: another thing is to be had."""


def kept_of_changes(reading: Reading, told_several: bool) -> dict[str, str]:
    """What the conversation keeps of what the message takes back or changes."""
    before, catalogue = wanted_before(reading.state.slots), reading.parts.catalogue
    gone = [name for said in reading.refused for name in forgotten(catalogue.named(said), before)]
    kept = changed(reading.text.text, reading.asked.query, reading.refused, told_several)
    own = reading.alone if takes_instead(reading.asked.query, reading.refused) else None
    instead = remembered(reading, [Portion(Thing(0, 0, own))]) if own and own.product else {}
    return kept | {MANY_OF + name: "" for name in gone} | instead


def puts_instead(reading: Reading) -> bool:
    """Whether a thing is chosen in the place of one that was wanted (花架不要了 换成浇水壶)."""
    if not reading.alone.is_named:
        return False
    if not reading.refused:
        return _chooses_another(reading)
    if not takes_instead(reading.asked.query, reading.refused):
        return False
    before = wanted_before(reading.state.slots)
    return all(forgotten(reading.parts.catalogue.named(said), before) for said in reading.refused)


def _chooses_another(reading: Reading) -> bool:
    """Whether other goods are named in the place of those spoken of, no order of them (等下 换成花架吧), whatever the
    message was taken for."""
    state, text = reading.state, reading.text.text
    spoken_of = state.product or state.products
    unsure = reading.intent.label in COURTESIES or reading.intent.confidence < SURE_OF_STOCK
    if not (spoken_of and unsure) or state.order_no or ASKS.search(text):
        return False
    return _CHOSEN.search(text) is not None
