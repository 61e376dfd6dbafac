"""How many of each thing a conversation remembers to be wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kefu.core.catalogue.several.boxes import BOX
from kefu.core.catalogue.several.several_things import Thing
from kefu.core.catalogue.values import Resolution
from kefu.core.decide.goods.adding import (
    ADDS,
    ONE_MORE,
    TAKES,
)
from kefu.core.decide.goods.packs import how_many_wanted
from kefu.core.decide.goods.portions_wanted import Portion, as_said, counts, thing_of
from kefu.core.decide.hearing.reading import Reading, how_many
from kefu.core.decide.hearing.taken_back import takes_instead

_ASKS_WHETHER = re.compile(r"要不要|用不用|来不来")


_TAKEN = re.compile("[要来拿买拍订]$")


MANY_OF = "how many of "
"""Begins the name under which a conversation remembers how many of a SKU are wanted, 0 if it was only asked about.
Without a SKU: something is wanted of which nobody knows what or which it is."""


def remembered(reading: Reading, wanted: Sequence[Portion]) -> dict[str, str]:
    """What the conversation keeps of the things of this message: how many of each."""
    text, known = reading.text.text, reading.state.slots
    takes = (TAKES.search(text) is not None and not _ASKS_WHETHER.search(text)) or takes_instead(
        reading.asked.query, reading.refused
    )
    added = "1" if ADDS.search(text) else ""
    found: dict[str, str] = {}
    for one in wanted:
        product, variant = one.thing.meant.product, one.thing.meant.variant
        if product is None:
            found |= {MANY_OF: one.said} if one.number and len(wanted) > 1 else {}
        elif variant is None:
            said = one.said if one.number else added
            found |= {MANY_OF + product.id: said} if said else {}
        else:
            name, undecided = MANY_OF + variant.sku, known.get(MANY_OF + product.id, "")
            held = known.get(name, "0")
            as_many = held if how_many(held) or not takes else "1"
            found[name] = one.said if one.number else undecided or as_many
            found |= {MANY_OF + product.id: ""} if undecided else {}
    return found


def wanted_before(state_slots: Mapping[str, str]) -> dict[str, str]:
    """SKU, or product of which no variant was chosen → how many are wanted, as it is remembered."""
    return {name.removeprefix(MANY_OF): said for name, said in state_slots.items() if name.startswith(MANY_OF)}


def how_many_in_all(reading: Reading, found: Resolution) -> float:
    """How many are wanted of what was ``found``, with those that more are added to (要两支 … 再加一支)."""
    number = how_many_wanted(reading, found)
    said = wanted_before(reading.state.slots).get(found.variant.sku, "") if found.variant else ""
    if not counts(reading) or not ONE_MORE.search(reading.text.text) or (BOX in said) != reading.in_boxes:
        return number
    return number + how_many(said)


def noted(reading: Reading) -> dict[str, str]:
    """What is kept of how many are wanted where the answer was no stock (我要37米 能一整根吗, answered in writing)."""
    said = any(_TAKEN.search(reading.asked.query[: slot.start]) for slot in counts(reading))
    own, held = reading.alone, reading.follow.product or reading.state.product
    if not said and not (own.products and ONE_MORE.search(reading.text.text)):
        return {}
    number = reading.quantity if said else 1
    thing = Thing(0, 0, own) if own.product else thing_of(reading, held) if held and not own.products else None
    if thing is None or thing.meant.product is None:
        return {MANY_OF: as_said(number, reading.in_boxes)}
    one = Portion(thing, number, reading.in_boxes)
    return {"quantity": one.said} | remembered(reading, [one])
