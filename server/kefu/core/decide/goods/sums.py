"""Several things with their numbers, of one message or chosen one after the other, and what they cost together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.names.choose import likest, which_variant
from kefu.core.catalogue.phrases import say_price
from kefu.core.catalogue.several.boxes import BOX, boxed, in_pieces
from kefu.core.catalogue.several.portions import SEPARATOR
from kefu.core.catalogue.several.several_things import Thing, sum_of, things_in
from kefu.core.catalogue.several.variants_said import OF_EACH, variants_said
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.decide.goods.another_of_its_kind import another_of_its_kind
from kefu.core.decide.goods.differences import DIFFERENCE, like_with_like, say_difference
from kefu.core.decide.goods.narrowing import narrowed
from kefu.core.decide.goods.packs import how_many_wanted
from kefu.core.decide.goods.side_by_side import side_by_side
from kefu.core.decide.hearing.animals import for_the_animal
from kefu.core.decide.hearing.reading import Reading, how_many
from kefu.core.decide.hearing.taken_back import UNSURE, takes_instead
from kefu.core.dialogue import Named
from kefu.core.dialogue.words import ORDINAL
from kefu.core.dialogue.words import number as place_of
from kefu.core.slots import Slot
from kefu.core.text import normalise

_BOTH = r"[两俩][个样款件种]?一[起块]儿?(?=多少|[几啥]|什么价|[买拍拿要下算])"
_ADDED_UP = rf"加(?:在)?(?:一[起块]|起来)|[都全]算上|算(?:在)?一[起块]|{_BOTH}"
_SUM = rf"[总一]共|合计|总价|一起算|{_ADDED_UP}"
_ASKS_SUM = re.compile(_SUM)
_ADDS_UP = re.compile(_ADDED_UP)
"""What things cost together that were only asked about one after the other."""
_TOGETHER = re.compile(rf"{_SUM}|总计|一起|一块儿?[买拍拿要下算]|[两俩三][个样款件]?都|都要|俩|[各每]")
_ALL = re.compile(
    r"(?P<many>[两俩三二])[个样款件支瓶双盒条]?都(?:要|拿|来)|俩(?:一[起块]|[一总]共|加起来)"
    r"|(?<![他她我你们人家友公婆爸妈娃])都(?:要|拿|来)(?!求)"
    r"|[这那](?:(?P<too>[两三])[个样款件种]|俩(?![口人孩娃宝]))"
)
_EACH = re.compile(r"^[那就这, ]*(?:各(?:自|样|种|个)?|每[个样款种])(?:来|要|拿|买|给我|拍|订)?")
_APIECE = re.compile(r"分别|各(?:自|是|要)?(?:多少|几|啥|什么)|每[个种样款](?:多少|几|啥|什么)")
_APART = re.compile(rf"[ 　]|{SEPARATOR.pattern}")
_ONE_MORE = re.compile(r"再[加来要配拿买]|加[个一上]")
_ADDS = re.compile(rf"{_ONE_MORE.pattern}|配[个一]|还要|也(?:要|带|来|拿|加|买|给)|另外[要来拿买]")
_JOINS = re.compile(
    r"^(?:那|要是|如果|再|就)*(?:和|跟|与|同|连|加上|配上?)(?!.{0,2}[我你他她][们]?).{2,}(?:一起|一块儿?|一并|一道)(?:[买拍拿要下算]|$)"
)
"""What is named is taken together with what was spoken of (和灰的那条一起买)."""
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
    said, catalogue = reading.asked.query, reading.parts.catalogue
    things = [replace(thing, meant=for_the_animal(thing.meant, said, catalogue)) for thing in things]
    return [_wanted(reading, thing) for thing in _variants_wanted(reading, things) or _pointed_at(reading) or things]


def _variants_wanted(reading: Reading, things: Sequence[Thing]) -> list[Thing]:
    """Several variants of the one product that the message names or that was spoken of; [] where a list tells of them
    as well, for none is counted, added up or compared."""
    product = _only_product(reading, things)
    if product is None:
        return []
    catalogue, counted = reading.parts.catalogue, [(slot.start, slot.end) for slot in _counts(reading)]
    found = variants_said(catalogue, product, reading.asked.query, counted, reading.no_product_words)
    things = [Thing(*span, _as_before_in(reading, meant)) for span, meant in found]
    text = reading.text.text
    if DIFFERENCE.search(text):
        return like_with_like(things)
    if counted or _TOGETHER.search(text):
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
        replace(_thing_of(reading, listed[place - 1]), start=match.start(), end=end)
        for place, match, end in zip(places, said, ends, strict=True)
    ]


def _counts(reading: Reading) -> list[Slot]:
    """The numbers of pieces that are said; 三件套 is a name."""
    said = [slot for slot in reading.slots if slot.type == "quantity" and slot.start >= 0]
    return [slot for slot in said if reading.asked.query[slot.end : slot.end + 1] != "套"]


def _wanted(reading: Reading, thing: Thing) -> Portion:
    """What is said in its own words; what is said for each (各两个) holds for all."""
    said = _counts(reading)
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


def remembered(reading: Reading, wanted: Sequence[Portion]) -> dict[str, str]:
    """What the conversation keeps of the things of this message: how many of each."""
    text, known = reading.text.text, reading.state.slots
    takes = (_TAKES.search(text) is not None and not _ASKS_WHETHER.search(text)) or takes_instead(
        reading.asked.query, reading.refused
    )
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
            held = known.get(name, "0")
            as_many = held if how_many(held) or not takes else "1"
            found[name] = one.said if one.number else undecided or as_many
            found |= {MANY_OF + product.id: ""} if undecided else {}
    return found


def wanted_before(state_slots: Mapping[str, str]) -> dict[str, str]:
    """SKU, or product of which no variant was chosen → how many are wanted, as it is remembered."""
    return {name.removeprefix(MANY_OF): said for name, said in state_slots.items() if name.startswith(MANY_OF)}


def gathered(reading: Reading, own: Resolution) -> list[Portion]:
    """The things spoken of one after the other, where the message takes them all (奶茶色来一支 … 裸粉呢 … 两个都要;
    各来两盒), or asks what they cost together after one was added to another (再加个护手霜 … 一共多少; 和围巾一起买),
    or by how much the price of what it means differs from that of the one before; ``own`` is what the message means
    by itself. [] if it does none of these, or something else was wanted that is not known."""
    text = reading.text.text
    if reading.resolution.product is None and (said := _ALL.search(text) or _each(reading)):
        return _the_last(reading, said)
    if DIFFERENCE.search(text):
        return _compared(reading, own)
    if each := _each_of_those(reading, own) or _both_told(reading):
        return each
    wanted = wanted_before(reading.state.slots).values()
    adds = adds_to_prices(reading) and all(how_many(said) for said in wanted)  # 两支多少钱 … 加一支红的呢
    return _summed(reading, own) if asks_the_sum(text) or _JOINS.search(text) or adds else []


def _compared(reading: Reading, own: Resolution) -> list[Portion]:
    """The two variants that the message leaves, if their prices differ, else the one thing that it means after the one
    spoken of before."""
    two = len({variant.price for variant in own.variants}) == 2 and not another_of_its_kind(reading)
    if own.product is None or (two and len(own.variants) == 2):
        return [Portion(Thing(0, 0, replace(own, kind="exact", variants=(one,)))) for one in own.variants]
    before = _before(reading, own.product)
    if before is None or not before.variants or {*before.variants} & {*own.variants}:
        return []
    return [Portion(Thing(0, 0, before)), Portion(Thing(0, 0, own))]


def _before(reading: Reading, product: Product) -> Resolution | None:
    """What was spoken of before ``product``, or as which it was (三件套里都有啥 … 五件套呢)."""
    held, catalogue = reading.state.product, reading.parts.catalogue
    meant = _thing_of(reading, held).meant if held else None
    said = reading.state.last_turn.said
    if (meant is None or (meant.product == product and not meant.variant)) and catalogue.having(said, [product]):
        return catalogue.chosen(product, said)
    return meant


def _each_of_those(reading: Reading, own: Resolution) -> list[Portion]:
    """Each of a few products spoken of, with what the message leaves of it (两款的5斤装分别多少钱)."""
    few = own.how == "last" and own.product is None and len(own.candidates) <= SAID_OF_LATE
    if not few or not _APIECE.search(reading.text.text):
        return []
    catalogue = reading.parts.catalogue
    found = [catalogue.chosen(product, reading.wished_for) for product in own.candidates]
    return [Portion(Thing(0, 0, one)) for one in found] if all(one.variants for one in found) else []


def _both_told(reading: Reading) -> list[Portion]:
    """The two things that were told side by side, and perhaps chosen since, where it is asked what both cost."""
    told, said = side_by_side(reading), re.search(_BOTH, reading.text.text)
    if said is None or len(told) != 2 or reading.resolution.products:
        return []
    return _taken(reading, said, [Thing(0, 0, one) for one in told])


def _each(reading: Reading) -> re.Match[str] | None:
    """各来两盒 of what was spoken of one by one, or side by side; not of a list from which to choose."""
    each = _EACH.search(reading.text.text) if _counts(reading) and not reading.resolution.candidates else None
    if each and side_by_side(reading):
        return each
    known, listed = wanted_before(reading.state.slots), reading.state.products
    two = not reading.state.pending and len({thing.id for thing in listed}) == 2
    return each if two or all(thing.id in known for thing in listed) else None


def _the_last(reading: Reading, said: re.Match[str]) -> list[Portion]:
    groups = {"many": "", "too": "", **said.groupdict()}
    listed = _without_general_ones(reading, reading.state.products)
    exact = [thing for thing in listed if reading.parts.catalogue.by_sku(thing.id)]
    of_all = said.re is _EACH or (said[0].startswith("都") and not groups["many"])
    many = len(listed) if of_all else 3 if "三" in f"{groups['many']}{groups['too']}" else 2
    told = side_by_side(reading)
    if told and (of_all or len(told) == many):
        return _taken(reading, said, [Thing(0, 0, one) for one in told])
    if len(listed) < max(many, 2) or (of_all and len(exact) != len(listed)):
        return []
    return _taken(reading, said, [_thing_of(reading, one) for one in listed[-many:]])


def _without_general_ones(reading: Reading, listed: Sequence[Named]) -> list[Named]:
    """What was listed, without a product of which a variant was: that was written of while the variant was chosen."""
    catalogue = reading.parts.catalogue
    chosen = {pair[0].id for thing in listed if (pair := catalogue.by_sku(thing.id))}
    return [thing for thing in listed if thing.id not in chosen]


def _taken(reading: Reading, said: re.Match[str], things: Sequence[Thing]) -> list[Portion]:
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
    turns, text = reading.state.turns, reading.text.text
    joins = _JOINS.search(text) is not None
    adds_now = joins or _ADDS.search(text) is not None
    adds = adds_now or any(_ADDS.search(normalise(turn.said).text) for turn in turns[-SAID_OF_LATE:])
    unsure = UNSURE in reading.state.slots
    before = wanted_before(reading.state.slots)
    names_one = _names_one(reading, own, before)
    both = adds or _side_by_side(reading) or (len(before) > 1 and _ADDS_UP.search(text) is not None)
    if unsure or "" in before or not both or (names_one and not adds_now):
        return []
    if names_one and not own.variant:
        return []
    listed = [thing.id for thing in reading.state.products]
    wanted = [sku for sku, said in before.items() if how_many(said)]
    if joins and not wanted and reading.state.product:
        wanted = [reading.state.product.id]
    if len(wanted) + names_one < 2:
        wanted = [sku for sku in before if sku in wanted or sku in listed]
    if len(_without_general_ones(reading, [Named(sku, sku) for sku in wanted])) < len(wanted):
        return []  # so many of it, and nobody knows of which
    found = [_as_before(Portion(_thing_of(reading, Named(sku, sku))), before) for sku in wanted]
    if names_one or (own.variant and _counts(reading) and _ONE_MORE.search(text)):
        found = [one for one in found if one.thing.meant.variant != own.variant]
        number = how_many_in_all(reading, own) if _counts(reading) else 1
        found.append(Portion(Thing(0, 0, own), number, reading.in_boxes))
    return found if len(found) > 1 else []


def _names_one(reading: Reading, own: Resolution, before: Mapping[str, str]) -> bool:
    """Whether the message names a thing, if only by values of what was spoken of (37也要一双, after 42)."""
    if reading.resolution.product is not None:
        return True
    another = own.product is not None and own.variant is not None and own.variant.sku not in before
    return another and bool(own.product and reading.parts.catalogue.having(reading.wished_for, [own.product]))


def _side_by_side(reading: Reading) -> bool:
    """Whether several things were just answered, and none of them is left to choose."""
    state, known = reading.state, wanted_before(reading.state.slots)
    decided = state.product is None and state.pending is None and len(state.products) > 1
    return decided and all(thing.id in known for thing in state.products)


def total(reading: Reading, wanted: Sequence[Portion], asks_prices: bool) -> str:
    """What the things cost together, or how far their prices are apart, where that is asked, if only by a number of
    each; "" where one of them is not known."""
    text = reading.text.text
    differ = DIFFERENCE.search(text) is not None
    if not differ and not _TOGETHER.search(text) and not (asks_prices and all(one.number for one in wanted)):
        return ""
    counted = [(one.thing, pieces) for one in wanted if (pieces := one.pieces) is not None]
    if len(counted) < len(wanted):
        return ""
    if differ:
        return say_difference(counted)
    cost = sum_of(counted)
    return "" if cost is None else f"合计{say_price(cost)}。"


def how_many_in_all(reading: Reading, found: Resolution) -> float:
    """How many are wanted of what was ``found``, with those that more are added to (要两支 … 再加一支)."""
    number = how_many_wanted(reading, found)
    said = wanted_before(reading.state.slots).get(found.variant.sku, "") if found.variant else ""
    if not _counts(reading) or not _ONE_MORE.search(reading.text.text) or (BOX in said) != reading.in_boxes:
        return number
    return number + how_many(said)


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


def counts_things(reading: Reading) -> bool:
    """Whether the number said is that of the things spoken of, not how many of one are wanted (两个一起多少钱)."""
    return re.search(_BOTH, reading.text.text) is not None and takes_several(reading)


def takes_several(reading: Reading) -> bool:
    """Whether several things are spoken of together, in the message or before it."""
    return len(things_wanted(reading)) > 1 or len(gathered(reading, Resolution("none"))) > 1


def asks_the_sum(text: str) -> bool:
    """Whether a message asks what things cost together."""
    return _ASKS_SUM.search(text) is not None


def adds_to_prices(reading: Reading) -> bool:
    """Whether a thing is added while prices are spoken of (一共多少 … 再加一瓶面霜), or what is taken off them."""
    return reading.state.topic in ("price_query", "promotion") and _ADDS.search(reading.text.text) is not None


def adds_to_a_sum(text: str) -> bool:
    """Whether a message adds a thing to others, and asks what all cost (底盒也要两个 一起算)."""
    return asks_the_sum(text) and _ADDS.search(text) is not None
