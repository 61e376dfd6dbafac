"""Where a message wants goods sent to, and which of its words only sound like a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.core.catalogue.names.shop_words import ShopWords
from kefu.core.catalogue.values import Place
from kefu.core.places import DIVISIONS, Division, chain, find_places, full_name, resolve_place
from kefu.core.slots import Slot
from kefu.core.text import Normalised, normalise

PLACES = ("to_area", "to_city", "area", "city", "to_province", "province")
"""Slots of places to which something may be sent, the likeliest first."""
PLACES_OF_ORIGIN = frozenset({"from_city", "from_area", "from_province"})
"""从成都发呢 asks for no other destination than before."""
SENDS = re.compile(r"[到送寄发运]|快递|包邮|几天|多久|时效")
_SENT_THERE = re.compile(r"^(?!.*(?:从|在哪|哪[里儿]|是.{0,6}发)).{2,8}发(?:不发|货)?[吗么嘛不没]")
"""乌鲁木齐发货吗 asks whether it is sent there, not from there."""
_GOES_ON = re.compile(r"[^\W\d_]{1,2}|\d{1,3}")
"""The next characters of a name behind the place that begins it."""


@dataclass(frozen=True, slots=True)
class PlacesSaid:
    """The places of one message, in a shop whose ``words`` and ``warehouses`` may be called like them."""

    text: Normalised
    words: ShopWords
    warehouses: Sequence[str]

    def destination(self, slots: Sequence[Slot]) -> Slot | None:
        """The slot that says where to: a destination before a place without a part, the narrower first.

        The name of a warehouse (广州仓) is no destination.
        """
        said = [slot for slot in slots if slot.normalised in DIVISIONS and not self._is_no_place(slot)]
        if said and not any(slot.type in PLACES for slot in said) and _SENT_THERE.search(self.text.text):
            own = any(said[0].value in name for name in self.warehouses)
            return None if own else said[0]
        ranked = sorted(
            (slot for slot in said if slot.type in PLACES),
            key=lambda slot: (PLACES.index(slot.type), -slot.start),
        )
        return ranked[0] if ranked else None

    def every_destination(self, slots: Sequence[Slot]) -> tuple[Place, ...]:
        """All places to which something is to be sent, in their order, without those that only say where another of
        them lies (浙江 杭州); () where it is said from where."""
        said = [slot for slot in slots if slot.normalised in DIVISIONS and not self._is_no_place(slot)]
        if any(slot.type in PLACES_OF_ORIGIN for slot in said):
            return ()
        meant = (slot for slot in said if slot.type in PLACES and not self._is_where_somebody_is(slot))
        ordered = sorted(meant, key=lambda slot: slot.start)
        codes = dict.fromkeys(slot.normalised for slot in ordered)
        holding = {above.code for code in codes for above in chain(code) if above.code != code}
        return tuple(place_in(DIVISIONS[code]) for code in codes if code not in holding)

    def place_of(self, slot: Slot) -> Place:
        """The division that the ``slot`` names, with the others of that name."""
        found = next((p for p in find_places(self.text) if (p.start, p.code) == (slot.start, slot.normalised)), None)
        return place_in(DIVISIONS[slot.normalised], found.others if found else ())

    def no_destinations(self, slots: Sequence[Slot]) -> frozenset[str]:
        """The words of places of origin, and of goods and warehouses that may be called like a place."""
        return frozenset(
            normalise(s.value).text
            for s in slots
            if self._is_no_place(s) or self._is_goods(s) or s.type in PLACES_OF_ORIGIN
        )

    def names_brand(self, slot: Slot) -> bool:
        """A brand that is called like a place (松溪键盘), where nothing says that it is one (送到松溪); a word of a
        product's name where nothing is sent (保山那个多少钱), or as it stands there (保山小粒咖啡几天到)."""
        goes_on = _GOES_ON.match(self.text.original, slot.end) if slot.normalised in DIVISIONS else None
        if goes_on and self.words.is_in_a_name(slot.value + goes_on[0]):
            return True
        if slot.type not in ("area", "city", "province"):
            return False
        sends = SENDS.search(self.text.text)
        return self.words.is_brand(slot.value) or (self.words.is_in_a_name(slot.value) and not sends)

    def _is_where_somebody_is(self, slot: Slot) -> bool:
        """我人在上海 寄到北京."""
        return not slot.type.startswith("to_") and self.text.original[: slot.start].endswith(("在", "住", "是"))

    def _is_no_place(self, slot: Slot) -> bool:
        return slot.normalised in DIVISIONS and (self._names_warehouse(slot) or self.names_brand(slot))

    def _is_goods(self, slot: Slot) -> bool:
        """Goods, though perhaps called like a place (普洱), unless something is sent there."""
        return slot.type == "product" and not (SENDS.search(self.text.text) and resolve_place(slot.value))

    def _names_warehouse(self, slot: Slot) -> bool:
        return self.text.original[slot.end : slot.end + 1] in ("仓", "库")


def place_in(found: Division, others: Sequence[str] = ()) -> Place:
    """``others`` of the same level only: 西安 is a city before it is a district of another."""
    alike = [DIVISIONS[code] for code in others if DIVISIONS[code].level == found.level]
    return Place(found.code, full_name(found), tuple(Place(one.code, full_name(one)) for one in alike))
