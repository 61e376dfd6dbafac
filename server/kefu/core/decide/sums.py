"""Several things with their numbers, of one message or chosen one after the other, and what they cost together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.boxes import BOX, boxed, in_pieces
from kefu.core.catalogue.choose import which_variant
from kefu.core.catalogue.phrases import say_price
from kefu.core.catalogue.several import Thing, difference_of, sum_of, things_in
from kefu.core.catalogue.values import Resolution
from kefu.core.decide.reading import Reading, how_many
from kefu.core.dialogue import Named
from kefu.core.slots import Slot
from kefu.core.text import normalise

DIFFERENCE = re.compile(r"(?<!还)(?:相?差|贵|便宜)了?(?:多少|几块|多大)(?!钱?(?:[就才能]|到|够|满|凑|包邮))")
_SUM = r"[总一]共|合计|加起来|总价|一起算"
_ASKS_SUM = re.compile(_SUM)
_TOGETHER = re.compile(rf"{_SUM}|总计|一起|[两俩三][个样款件]?都|都要|俩|[各每]")
_ALL = re.compile(
    r"(?P<many>[两俩三二])[个样款件支瓶双盒条]?都(?:要|拿|来)|俩(?:一[起块]|[一总]共|加起来)|都(?:要|拿|来)(?!求)"
    r"|[这那](?:(?P<too>[两三])[个样款件种]|俩(?![口人孩娃宝]))"
)
_EACH = re.compile(r"^[那就这, ]*(?:各(?:自|样|种|个)?|每[个样款种])(?:来|要|拿|买|给我|拍|订)?")
_ONE_MORE = re.compile(r"再[加来要配拿买]|加[个一上]")
_ADDS = re.compile(rf"{_ONE_MORE.pattern}|配[个一]|还要|也(?:要|带|来|拿|加|买|给)|另外[要来拿买]")
_TAKES_BACK = re.compile(r"不要[了吧]|不买|不用了|算了|换成|换个|去掉|不对|搞错|说错")
_TAKES = re.compile(rf"(?:^|[^不需主只重想])(?:要|来|拿|买|订)(?!不要|求|是)|{_ADDS.pattern}")
_ASKS_WHETHER = re.compile(r"要不要|用不用|来不来")
_TAKEN = re.compile("[要来拿买拍订]$")
SAID_OF_LATE = 3
MANY_OF = "how many of "
"""Begins the name under which a conversation remembers how many of a SKU are wanted, 0 if it was only asked about.
Without a SKU: something is wanted of which nobody knows what or which it is."""


@dataclass(frozen=True, slots=True)
class Portion:
    """A thing and how many of it are wanted; 0 = not said. ``boxes``: it is said in boxes."""

    thing: Thing
    number: float = 0
    boxes: bool = False

    @property
    def pieces(self) -> float | None:
        """The number in the unit of the product, one where none is said; None if nobody knows how many that is."""
        product = self.thing.meant.product
        if not self.boxes or product is None:
            return self.number or 1
        return in_pieces(product, self.thing.meant.variants, self.number)[0] or None

    @property
    def said(self) -> str:
        return as_said(self.number, self.boxes)


def as_said(number: float, boxes: bool) -> str:
    """How a number is remembered: 2, of boxes 2箱."""
    return f"{number:g}{BOX if boxes else ''}"


def things_wanted(reading: Reading) -> list[Portion]:
    """The things that the message names, if several, each with its number."""
    state = reading.state
    spoken_of = dict.fromkeys(thing.id for thing in (state.product, *reversed(state.products)) if thing)
    things = things_in(
        reading.parts.catalogue,
        reading.asked.query,
        reading.no_product_words,
        held=list(spoken_of) if state.product else ["", *spoken_of],
        counted=[(slot.start, slot.end) for slot in _counts(reading)],
    )
    return [_wanted(reading, thing) for thing in things]


def _counts(reading: Reading) -> list[Slot]:
    """The numbers of pieces that are said; 三件套 is a name."""
    said = [slot for slot in reading.slots if slot.type == "quantity" and slot.start >= 0]
    return [slot for slot in said if reading.asked.query[slot.end : slot.end + 1] != "套"]


def _wanted(reading: Reading, thing: Thing) -> Portion:
    """What is said in its own words; what is said for each (各两个) holds for all."""
    said = _counts(reading)
    own = [slot for slot in said if thing.start <= slot.start < thing.end]
    if not own and re.search(r"[各每都]", reading.text.text):
        own = said
    if not own:
        return Portion(thing)
    boxes = BOX in own[0].value
    meant = in_the_box(thing.meant) if boxes else thing.meant
    return Portion(replace(thing, meant=meant), how_many(own[0].normalised), boxes)


def in_the_box(meant: Resolution) -> Resolution:
    """Of a product that also comes by the box that variant, unless another is named (湿巾三箱)."""
    if meant.product is None or meant.kind == "none" or (meant.kind == "exact" and meant.how != "last"):
        return meant
    box = boxed(meant.product, meant.product.variants)
    return Resolution("exact", meant.product, (box,), how=meant.how) if box else meant


def remembered(reading: Reading, wanted: Sequence[Portion]) -> dict[str, str]:
    """What the conversation keeps of the things of this message: how many of each."""
    text, known = reading.text.text, reading.state.slots
    takes = _TAKES.search(text) is not None and not _ASKS_WHETHER.search(text)
    added = "1" if _ADDS.search(text) else ""
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
            found[name] = one.said if one.number else undecided or known.get(name, "1" if takes else "0")
            found |= {MANY_OF + product.id: ""} if undecided else {}
    return found


def wanted_before(state_slots: Mapping[str, str]) -> dict[str, str]:
    """SKU, or product of which no variant was chosen → how many are wanted, as it is remembered."""
    return {name.removeprefix(MANY_OF): said for name, said in state_slots.items() if name.startswith(MANY_OF)}


def gathered(reading: Reading, own: Resolution) -> list[Portion]:
    """The things spoken of one after the other, where the message takes them all (奶茶色来一支 … 裸粉呢 … 两个都要;
    各来两盒), or asks what they cost together after one was added to another (再加个护手霜 … 一共多少); ``own`` is what
    the message means by itself. [] if it does neither, or something else was wanted that is not known."""
    if reading.resolution.product is None and (said := _ALL.search(reading.text.text) or _each(reading)):
        return _the_last(reading, said)
    return _summed(reading, own) if asks_the_sum(reading.text.text) else []


def _each(reading: Reading) -> re.Match[str] | None:
    """各来两盒 of what was spoken of one by one; not of a list from which to choose."""
    each = _EACH.search(reading.text.text) if _counts(reading) and not reading.resolution.candidates else None
    known = wanted_before(reading.state.slots)
    return each if all(thing.id in known for thing in reading.state.products) else None


def _the_last(reading: Reading, said: re.Match[str]) -> list[Portion]:
    groups = {"many": "", "too": "", **said.groupdict()}
    listed = reading.state.products
    exact = [thing for thing in listed if reading.parts.catalogue.by_sku(thing.id)]
    of_all = said.re is _EACH or (said[0].startswith("都") and not groups["many"])
    many = len(listed) if of_all else 3 if "三" in f"{groups['many']}{groups['too']}" else 2
    if len(listed) < max(many, 2) or (of_all and len(exact) != len(listed)):
        return []
    things = [_thing_of(reading, one) for one in listed[-many:]]
    before = wanted_before(reading.state.slots)
    if all(slot.value in said[0] for slot in _counts(reading)) and said.re is not _EACH:
        return [_as_before(Portion(thing), before) for thing in things]  # 两个都要: no two of each
    return [_wanted(reading, thing) for thing in things]


def _thing_of(reading: Reading, one: Named) -> Thing:
    catalogue = reading.parts.catalogue
    if pair := catalogue.by_sku(one.id):
        return Thing(0, 0, Resolution("exact", pair[0], (pair[1],), how="last"))
    product = catalogue.product(one.id)
    if product is None:
        return Thing(0, 0, Resolution("none", unknown=one.name))
    if len(product.variants) == 1:
        return Thing(0, 0, Resolution("exact", product, product.variants, how="last"))
    question = which_variant(product, product.variants)
    return Thing(0, 0, Resolution("ambiguous", product, product.variants, question=question, how="last"))


def _as_before(one: Portion, before: Mapping[str, str]) -> Portion:
    said = before.get(one.thing.meant.variant.sku, "") if one.thing.meant.variant else ""
    return replace(one, number=how_many(said), boxes=BOX in said) if how_many(said) else one


def _summed(reading: Reading, own: Resolution) -> list[Portion]:
    turns = reading.state.turns
    adds_now = _ADDS.search(reading.text.text) is not None
    adds = adds_now or any(_ADDS.search(normalise(turn.said).text) for turn in turns[-SAID_OF_LATE:])
    takes_back = any(_TAKES_BACK.search(normalise(turn.said).text) for turn in turns)
    before = wanted_before(reading.state.slots)
    names_one = reading.resolution.product is not None
    if not adds or takes_back or "" in before or (names_one and not (adds_now and own.variant)):
        return []
    listed = [thing.id for thing in reading.state.products]
    wanted = [sku for sku, said in before.items() if how_many(said)]
    if len(wanted) + names_one < 2:
        wanted = [sku for sku in before if sku in wanted or sku in listed]
    found = [_as_before(Portion(_thing_of(reading, Named(sku, sku))), before) for sku in wanted]
    if names_one:
        found = [one for one in found if one.thing.meant.variant != own.variant]
        number = reading.quantity if _counts(reading) else 1
        found.append(Portion(Thing(0, 0, own), number, reading.in_boxes))
    return found if len(found) > 1 else []


def total(reading: Reading, wanted: Sequence[Portion], asks_prices: bool) -> str:
    """What the things cost together, or how far their prices are apart, where that is asked, if only by a number of
    each; "" where one of them is not known."""
    text = reading.text.text
    if DIFFERENCE.search(text):
        apart = difference_of([one.thing for one in wanted])
        return "" if apart is None else f"相差{say_price(apart)}。"
    if not _TOGETHER.search(text) and not (asks_prices and all(one.number for one in wanted)):
        return ""
    counted = [(one.thing, pieces) for one in wanted if (pieces := one.pieces) is not None]
    cost = sum_of(counted) if len(counted) == len(wanted) else None
    return "" if cost is None else f"合计{say_price(cost)}。"


def added_shortly(reading: Reading) -> Resolution | None:
    """What is added to what was spoken of by a short name (插头也加上); None if it is named, or nothing is added."""
    own = reading.resolution
    if own.products or not reading.state.turns or not _ADDS.search(reading.text.text):
        return None
    found = reading.parts.catalogue.shortly_named(_ADDS.sub(" ", reading.asked.query), reading.no_product_words)
    return found if found.product else None


def noted(reading: Reading) -> dict[str, str]:
    """What is kept of how many are wanted where the answer was no stock (我要37米 能一整根吗, answered in writing)."""
    said = any(_TAKEN.search(reading.asked.query[: slot.start]) for slot in _counts(reading))
    own, held = reading.alone, reading.follow.product or reading.state.product
    if not said and not (own.products and _ONE_MORE.search(reading.text.text)):
        return {}
    number = reading.quantity if said else 1
    thing = Thing(0, 0, own) if own.product else _thing_of(reading, held) if held and not own.products else None
    if thing is None or thing.meant.product is None:
        return {MANY_OF: as_said(number, reading.in_boxes)}
    one = Portion(thing, number, reading.in_boxes)
    return {"quantity": one.said} | remembered(reading, [one])


def asks_the_sum(text: str) -> bool:
    """Whether a message asks what things cost together."""
    return _ASKS_SUM.search(text) is not None


def adds_to_prices(reading: Reading) -> bool:
    """Whether a thing is added while prices are spoken of (一共多少 … 再加一瓶面霜)."""
    return reading.state.topic == "price_query" and _ADDS.search(reading.text.text) is not None


def adds_to_a_sum(text: str) -> bool:
    """Whether a message adds a thing to others, and asks what all cost (底盒也要两个 一起算)."""
    return asks_the_sum(text) and _ADDS.search(text) is not None
