"""The things that a message names or points at, each with the number that is wanted of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.names.choose import likest
from kefu.core.catalogue.names.labels import which_variant
from kefu.core.catalogue.several.boxes import BOX, boxed, in_pieces
from kefu.core.catalogue.several.portions import SEPARATOR
from kefu.core.catalogue.several.several_things import Thing, things_in
from kefu.core.catalogue.several.variants_said import OF_EACH, variants_said
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.decide.goods.adding import (
    TOGETHER,
)
from kefu.core.decide.goods.differences import DIFFERENCE, like_with_like
from kefu.core.decide.goods.narrowing import narrowed
from kefu.core.decide.hearing.animals import for_the_animal
from kefu.core.decide.hearing.reading import Reading, how_many
from kefu.core.dialogue import Named
from kefu.core.dialogue.words import ORDINAL
from kefu.core.dialogue.words import number as place_of
from kefu.core.slots import Slot

_APART = re.compile(rf"[ 　]|{SEPARATOR.pattern}")


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
        counted=[(slot.start, slot.end) for slot in counts(reading)],
    )
    said, catalogue = reading.asked.query, reading.parts.catalogue
    things = [replace(thing, meant=for_the_animal(thing.meant, said, catalogue)) for thing in things]
    return [portion_of(reading, thing) for thing in _variants_wanted(reading, things) or _pointed_at(reading) or things]


def _variants_wanted(reading: Reading, things: Sequence[Thing]) -> list[Thing]:
    """Several variants of the one product that the message names or that was spoken of; [] where a list tells of them
    as well, for none is counted, added up or compared."""
    product = _only_product(reading, things)
    if product is None:
        return []
    catalogue, counted = reading.parts.catalogue, [(slot.start, slot.end) for slot in counts(reading)]
    found = variants_said(catalogue, product, reading.asked.query, counted, reading.no_product_words)
    things = [Thing(*span, _as_before_in(reading, meant)) for span, meant in found]
    text = reading.text.text
    if DIFFERENCE.search(text):
        return like_with_like(things)
    if counted or TOGETHER.search(text):
        return things
    listed = {variant for one in things for variant in one.meant.variants}
    side_by_side = all(_APART.search(reading.asked.query[one.start : one.end]) for one in things[:-1])
    return things if side_by_side and listed != {*catalogue.choice(product, reading.wished_for).variants} else []


def _only_product(reading: Reading, things: Sequence[Thing]) -> Product | None:
    """The one product that the message is about, by what it names, else by what was spoken of."""
    named = {thing.meant.product for thing in things if thing.meant.product}
    others = [thing.meant.candidates for thing in things if thing.meant.candidates and not thing.meant.product]
    if any(named.isdisjoint(candidates) for candidates in others):
        return None
    own, state, catalogue = reading.alone, reading.state, reading.parts.catalogue
    if not named and own.products:
        named = {own.product} if own.product else set()
    before = [state.product] if state.product else state.products
    known = {product for one in before if (product := catalogue.thing(one.id))}
    if len(known) == 1 and not (own.is_named or named & known) and catalogue.having(reading.wished_for, list(known)):
        return known.pop()
    return named.pop() if len(named) == 1 else None


def _as_before_in(reading: Reading, meant: Resolution) -> Resolution:
    """What is left open is as in the variant spoken of before (蓝的粉的各一双, after one in size 30), or as said."""
    held = reading.parts.catalogue.by_sku(reading.state.product.id) if reading.state.product else None
    if meant.kind != "ambiguous" or meant.product is None:
        return meant
    if held is None or held[0] != meant.product:
        return narrowed(meant, reading.state.attributes)
    left = likest(meant.variants, held[1])
    question = "" if len(left) == 1 else which_variant(meant.product, left)
    return replace(meant, kind="exact" if len(left) == 1 else "ambiguous", variants=left, question=question)


def _pointed_at(reading: Reading) -> list[Thing]:
    """Those of a list that are pointed at by their places (第一个拿两支 第二个一支)."""
    text, listed = reading.text.text, reading.state.products
    said = [match for match in ORDINAL.finditer(text) if match["number"]]
    places = [place_of(match["number"]) for match in said]
    if len({*places}) < 2 or max(places) > len(listed):
        return []
    ends = [*(match.start() for match in said[1:]), len(text)]
    return [
        replace(thing_of(reading, listed[place - 1]), start=match.start(), end=end)
        for place, match, end in zip(places, said, ends, strict=True)
    ]


_ADDED = re.compile(
    r"(?:再[加来要配拿买]|还要|另外[要来拿买]?|加)(?:[一两俩三四五六七八九十]|\d+)?(?P<unit>[袋瓶盒包箱罐桶支张副双套棵盆条只本])"
    r"(?P<what>[^,。!? ]{1,8}?)(?=[,。!? ]|[一总]共|多少|$)"
)


def another_thing_added(reading: Reading) -> str:
    """What is added in another unit than the goods spoken of come in (绿萝三盆 … 再加一袋5斤的土): no more of them; ""
    if nothing is."""
    said, held = _ADDED.search(reading.text.text), reading.state.product
    product = reading.parts.catalogue.thing(held.id) if held else None
    return said["what"] if said and product and product.unit and said["unit"] != product.unit else ""


def counts(reading: Reading) -> list[Slot]:
    """The numbers of pieces that are said; 三件套 is a name."""
    said = [slot for slot in reading.slots if slot.type == "quantity" and slot.start >= 0]
    return [slot for slot in said if reading.asked.query[slot.end : slot.end + 1] != "套"]


def portion_of(reading: Reading, thing: Thing) -> Portion:
    """What is said in its own words; what is said for each (各两个) holds for all."""
    said = counts(reading)
    of_each = [slot for slot in said if OF_EACH.search(reading.asked.query[: slot.start])]
    thing = replace(thing, meant=_with_values(reading, thing))
    own = [slot for slot in said if thing.start <= slot.start < thing.end]
    if not own and re.search(r"[各每都]", reading.text.text):
        own = of_each or said
    if not own:
        return Portion(thing)
    boxes = BOX in own[0].value
    meant = in_the_box(thing.meant) if boxes else thing.meant
    return Portion(replace(thing, meant=meant), how_many(own[0].normalised), boxes)


def _with_values(reading: Reading, thing: Thing) -> Resolution:
    """What a thing of the message means with the values said beside its name (健身包黑的)."""
    beside = [slot for slot in reading.slots if slot.type == "attribute" and thing.start <= slot.start < thing.end]
    return narrowed(thing.meant, {slot.name: slot.normalised for slot in beside})


def in_the_box(meant: Resolution) -> Resolution:
    """Of a product that also comes by the box that variant, unless another is named (湿巾三箱)."""
    if meant.product is None or meant.kind == "none" or (meant.kind == "exact" and meant.how != "last"):
        return meant
    box = boxed(meant.product, meant.product.variants)
    return Resolution("exact", meant.product, (box,), how=meant.how) if box else meant


def thing_of(reading: Reading, one: Named) -> Thing:
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
