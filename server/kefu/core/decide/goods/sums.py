"""Several things with their numbers, of one message or chosen one after the other, and what they cost together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kefu.core.catalogue.phrases import say_price
from kefu.core.catalogue.several.boxes import BOX
from kefu.core.catalogue.several.several_things import Thing, sum_of
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.decide.goods.adding import (
    ADDS,
    ADDS_UP,
    BOTH,
    JOINS,
    ONE_MORE,
    TOGETHER,
    adds_to_prices,
    asks_the_sum,
)
from kefu.core.decide.goods.another_of_its_kind import another_of_its_kind
from kefu.core.decide.goods.differences import DIFFERENCE, say_difference
from kefu.core.decide.goods.numbers_kept import how_many_in_all, wanted_before
from kefu.core.decide.goods.portions_wanted import Portion, counts, portion_of, thing_of, things_wanted
from kefu.core.decide.goods.side_by_side import side_by_side
from kefu.core.decide.hearing.reading import Reading, how_many
from kefu.core.decide.hearing.taken_back import UNSURE
from kefu.core.dialogue import Named
from kefu.core.text import normalise

_ALL = re.compile(
    r"(?P<many>[两俩三二])[个样款件支瓶双盒条]?都(?:要|拿|来)|俩(?:一[起块]|[一总]共|加起来)"
    r"|(?<![他她我你们人家友公婆爸妈娃])都(?:要|拿|来)(?!求)"
    r"|[这那](?:(?P<too>[两三])[个样款件种]|俩(?![口人孩娃宝]))"
)
_EACH = re.compile(r"^[那就这, ]*(?:各(?:自|样|种|个)?|每[个样款种])(?:来|要|拿|买|给我|拍|订)?")
_APIECE = re.compile(r"分别|各(?:自|是|要)?(?:多少|几|啥|什么)|每[个种样款](?:多少|几|啥|什么)")
SAID_OF_LATE = 3


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
    if each := _each_of_those(reading, own) or _both_told(reading) or _value_and_thing(reading, own):
        return each
    wanted = wanted_before(reading.state.slots).values()
    adds = adds_to_prices(reading) and all(how_many(said) for said in wanted)  # 两支多少钱 … 加一支红的呢
    return _summed(reading, own) if asks_the_sum(text) or JOINS.search(text) or adds else []


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
    meant = thing_of(reading, held).meant if held else None
    said = reading.state.last_turn.said
    if (meant is None or (meant.product == product and not meant.variant)) and catalogue.having(said, [product]):
        return catalogue.chosen(product, said)
    return meant


def _each_of_those(reading: Reading, own: Resolution) -> list[Portion]:
    """Each of a few products spoken of, with what the message leaves of it (两款的5斤装分别多少钱)."""
    if own.how != "last" or not _APIECE.search(reading.text.text):
        return []
    products = dict.fromkeys(one.product for one in side_by_side(reading) if one.product) or own.candidates
    if not 1 < len(products) <= SAID_OF_LATE or (own.product and own.product not in products):
        return []
    catalogue = reading.parts.catalogue
    found = [catalogue.chosen(product, reading.wished_for) for product in products]
    return [Portion(Thing(0, 0, one)) for one in found] if all(one.variants for one in found) else []


_AND_A_THING = re.compile(r"^(?P<value>.{1,12}?)(?:加上?|和|跟|与|带|配)(?=.{2,}(?:[一总]共|合计|加起来|一起))")


def _value_and_thing(reading: Reading, own: Resolution) -> list[Portion]:
    """What was spoken of before, of which only a value is said, and the thing named (单镜头加64的卡一共多少)."""
    said = _AND_A_THING.search(reading.text.text)
    if said is None or own.product is None or own.variant is None:
        return []
    catalogue, state = reading.parts.catalogue, reading.state
    before = [catalogue.thing(one.id) for one in (*reversed(state.products), state.product) if one]
    for product in filter(None, before):
        if product != own.product and catalogue.having(said["value"], [product]):
            alone = replace(own, unheeded="")  # a colour that is said is the other's
            return [Portion(Thing(0, 0, one)) for one in (catalogue.chosen(product, said["value"]), alone)]
    return []


def _both_told(reading: Reading) -> list[Portion]:
    """The two things that were told side by side, and perhaps chosen since, where it is asked what both cost."""
    told, said = side_by_side(reading), re.search(BOTH, reading.text.text)
    if said is None or len(told) != 2 or reading.resolution.products:
        return []
    return _taken(reading, said, [Thing(0, 0, one) for one in told])


def _each(reading: Reading) -> re.Match[str] | None:
    """各来两盒 of what was spoken of one by one, or side by side; not of a list from which to choose."""
    each = _EACH.search(reading.text.text) if counts(reading) and not reading.resolution.candidates else None
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
    return _taken(reading, said, [thing_of(reading, one) for one in listed[-many:]])


def _without_general_ones(reading: Reading, listed: Sequence[Named]) -> list[Named]:
    """What was listed, without a product of which a variant was: that was written of while the variant was chosen."""
    catalogue = reading.parts.catalogue
    chosen = {pair[0].id for thing in listed if (pair := catalogue.by_sku(thing.id))}
    return [thing for thing in listed if thing.id not in chosen]


def _taken(reading: Reading, said: re.Match[str], things: Sequence[Thing]) -> list[Portion]:
    before = wanted_before(reading.state.slots)
    if all(slot.value in said[0] for slot in counts(reading)) and said.re is not _EACH:
        return [_as_before(Portion(thing), before) for thing in things]  # 两个都要: no two of each
    return [portion_of(reading, thing) for thing in things]


def _as_before(one: Portion, before: Mapping[str, str]) -> Portion:
    said = before.get(one.thing.meant.variant.sku, "") if one.thing.meant.variant else ""
    return replace(one, number=how_many(said), boxes=BOX in said) if how_many(said) else one


def _summed(reading: Reading, own: Resolution) -> list[Portion]:
    turns, text = reading.state.turns, reading.text.text
    joins = JOINS.search(text) is not None
    adds_now = joins or ADDS.search(text) is not None
    adds = adds_now or any(ADDS.search(normalise(turn.said).text) for turn in turns[-SAID_OF_LATE:])
    unsure = UNSURE in reading.state.slots
    before = wanted_before(reading.state.slots)
    names_one = _names_one(reading, own, before)
    both = adds or _side_by_side(reading) or (len(before) > 1 and ADDS_UP.search(text) is not None)
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
    found = [_as_before(Portion(thing_of(reading, Named(sku, sku))), before) for sku in wanted]
    if names_one or (own.variant and counts(reading) and ONE_MORE.search(text)):
        found = [one for one in found if one.thing.meant.variant != own.variant]
        number = how_many_in_all(reading, own) if counts(reading) else 1
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
    if not differ and not TOGETHER.search(text) and not (asks_prices and all(one.number for one in wanted)):
        return ""
    counted = [(one.thing, pieces) for one in wanted if (pieces := one.pieces) is not None]
    if len(counted) < len(wanted):
        return ""
    if differ:
        return say_difference(counted)
    cost = sum_of(counted)
    return "" if cost is None else f"合计{say_price(cost)}。"


def added_shortly(reading: Reading) -> Resolution | None:
    """What is added to what was spoken of by a short name (插头也加上); None if it is named, or nothing is added."""
    own = reading.resolution
    if own.products or not reading.state.turns or not ADDS.search(reading.text.text):
        return None
    found = reading.parts.catalogue.shortly_named(ADDS.sub(" ", reading.asked.query), reading.no_product_words)
    return found if found.product else None


def counts_things(reading: Reading) -> bool:
    """Whether the number said is that of the things spoken of, not how many of one are wanted (两个一起多少钱)."""
    return re.search(BOTH, reading.text.text) is not None and takes_several(reading)


def takes_several(reading: Reading) -> bool:
    """Whether several things are spoken of together, in the message or before it."""
    return len(things_wanted(reading)) > 1 or len(gathered(reading, Resolution("none"))) > 1
