"""Another thing of the kind spoken of, pointed at by the word that tells it from that one (磁吸的那种呢, after a clear
case): it is meant as the one before it was, for the same phone, in the same size."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.names import sisters
from kefu.core.catalogue.names.labels import which_product
from kefu.core.catalogue.values import Product, Resolution, Variant
from kefu.core.decide.goods.by_price import pointed_at_by_price
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.goods.narrowing import narrowed
from kefu.core.decide.hearing.reading import Reading

_BACK = re.compile("刚[才刚]|之前|前面|上面|原来|一开始")
ASKS_THE_PRICE_ALONE = re.compile(
    r"(?:那|哦|嗯|好的?|这个?|它|[ ,，])*(?:要|是|卖)?"
    r"(?:多少?(?:钱|来着)|什么价|啥价|几多钱?|怎么卖|价格?(?:是|呢|多少)*)"
    r"(?:一?[个条张支盒件只根副瓶袋包片把台套]|一共|呢|啊|呀|来着|[ ?？。])*"
)
"""A question for the price that names nothing: of what is spoken of."""
LONGEST = 24
"""A longer message says more than which other thing is meant."""
KIND = 200
"""So many goods of a kind at most are looked at."""


def another_of_its_kind(reading: Reading) -> Resolution | None:
    """What the message points at of the goods like those spoken of; None where it names goods itself, or points at
    none."""
    own, text = reading.resolution, reading.asked.query
    if len(text) > LONGEST or own.is_outright or (own.is_named and own.kind != "none"):
        return None
    spoken_of = _spoken_of(reading)
    if not spoken_of or (len(spoken_of) > 1 and own.kind != "none"):
        return None
    if ASKS_THE_PRICE_ALONE.fullmatch(reading.text.text):
        told = sisters.told_by(reading.state.last_turn.said, spoken_of) if len(spoken_of) > 1 else ()
        return _meant(reading, told) if len(told) == 1 else None  # 2万毫安那个能带上飞机吧 … 多少钱
    said = reading.parts.catalogue.read(_without_models(reading))
    for alike in _kinds_alike(reading, spoken_of):
        found = sisters.pointed_at(said, spoken_of, alike)
        if found and (len(spoken_of) == 1 or len(found) < len(alike)):
            return _meant(reading, found)
    return None


def _without_models(reading: Reading) -> str:
    """The message without the devices that it names, for which the other thing is to be."""
    text = reading.wished_for
    for slot in reading.slots:
        text = text.replace(slot.value, " ") if slot.type == "model" else text
    return text


def _spoken_of(reading: Reading) -> tuple[Product, ...]:
    """The product that the talk is about, else those of one kind that were listed."""
    held = reading.state.product
    one = reading.parts.catalogue.thing(held.id) if held else None
    listed = (one,) if one else shown(reading)
    return listed if len({product.category for product in listed}) == 1 else ()


def _kinds_alike(reading: Reading, spoken_of: Sequence[Product]) -> list[list[Product]]:
    """The other goods of the kind, then those of the kinds whose names end as its name does (蓝牙耳机 of 有线耳机)."""
    catalogue, kind = reading.parts.catalogue, spoken_of[0].category
    alone = spoken_of[0] if len(spoken_of) == 1 else None
    own = [product for product in catalogue.in_category(kind, KIND) if product != alone]
    others = [name for name in catalogue.categories if name != kind and kind and name[-2:] == kind[-2:]]
    return [own, *([*catalogue.in_category(name, KIND), *own] for name in others)]


def _meant(reading: Reading, found: Sequence[Product]) -> Resolution:
    """The one of those ``found`` that its price points at, if any does, as far as it is known which variant of it."""
    pairs = pointed_at_by_price(reading, [(product, variant) for product in found for variant in product.variants])
    by_price = dict.fromkeys(product for product, _ in pairs)
    products = [*by_price] if len(by_price) == 1 else _told_before(reading, found)
    if len(products) > 1:
        return Resolution("ambiguous", candidates=tuple(products), question=which_product(products), how="text")
    catalogue, product = reading.parts.catalogue, products[0]
    meant = catalogue.chosen(product, reading.wished_for)
    held = catalogue.by_sku(reading.state.product.id) if reading.state.product else None
    if held:
        return _as(held[1], meant)
    before = reading.state.last_turn.said  # 15promax的防窥膜有吗 … 那高清的呢
    undecided = meant.kind == "ambiguous" and len(meant.variants) == len(product.variants)
    return catalogue.chosen(product, before) if undecided and catalogue.having(before, [product]) else meant


def _told_before(reading: Reading, found: Sequence[Product]) -> Sequence[Product]:
    """The one of those ``found`` of which an earlier answer told alone, where the message points back at it."""
    for turn in reversed(reading.state.turns) if _BACK.search(reading.text.text) else ():
        told = [product for product in found if product.spoken in turn.reply or product.name in turn.reply]
        if len(told) == 1:
            return told
    return found


def _as(held: Variant, meant: Resolution) -> Resolution:
    """What is meant with each value of the variant spoken of that it comes in."""
    for name, value in held.attributes:
        meant = narrowed(meant, {name: value})
    return meant
