"""The goods that a message is about, and which of its numbers are values of theirs rather than counts or codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from kefu.core.catalogue.phrases import is_measured
from kefu.core.catalogue.values import Product
from kefu.core.decide.hearing.destination import SENDS
from kefu.core.decide.hearing.measured import amounts_in, with_amount
from kefu.core.decide.values import ShopParts
from kefu.core.dialogue import State
from kefu.core.slots import Slot
from kefu.core.text import Normalised

_YEAR = re.compile(r"[0-3]\d款")
"""卡罗拉20款: how old it is, no number of pieces."""
_NUMBER = re.compile(r"\d{1,3}号")
_TAKES = re.compile(r"[要来拿买拍订]$")
_WEIGHT = re.compile("(?:斤|kg|克|千克)$")


class GoodsInMind:
    """The goods that a message, or else the conversation before it, is about; looked up where a number needs them."""

    def __init__(self, parts: ShopParts, text: Normalised, state: State) -> None:
        self._catalogue = parts.catalogue
        self._compatibility = parts.compatibility
        self._text = text.text
        self._query = text.original
        self._state = state

    @cached_property
    def meant(self) -> Sequence[Product]:
        """The products that the message names, else those before it."""
        return self._catalogue.every_named(self._query) or self._before

    @property
    def _before(self) -> list[Product]:
        """The products listed or spoken of before this message."""
        state, catalogue = self._state, self._catalogue
        listed = (*state.products, *((state.product,) if state.product else ()))
        return [product for thing in listed if (product := catalogue.thing(thing.id))]

    def read(self, slots: Iterable[Slot]) -> tuple[Slot, ...]:
        """``slots`` of the message as what they are of these goods."""
        read = tuple(self._as_goods(slot) for slot in slots if not self._is_of_a_set(slot))
        return with_amount(read, self._query, self._measures) if self._measures else read

    def aliases_said(self, slots: Iterable[Slot]) -> frozenset[str]:
        """Those of the ``slots`` that would count goods and are what a variant of those meant is called (一箱 of 24
        tins)."""
        catalogue = self._catalogue
        said = {slot.value for slot in slots if slot.type == "quantity"}
        found = []
        for value in filter(catalogue.words.calls_a_variant, said):
            sold = self.meant or catalogue.resolve(self._query.replace(value, " ")).products
            found += [value for product in sold for variant in product.variants if value in variant.aliases]
        return frozenset(found)

    def _is_of_a_set(self, slot: Slot) -> bool:
        """Whether a number is a part of what a variant is called (三件套)."""
        word = self._query[slot.start : slot.end + 1]
        return slot.type == "quantity" and word.endswith("套") and self._catalogue.words.calls_a_variant(word)

    def _as_goods(self, slot: Slot) -> Slot:
        """A long number that is a barcode of this shop names a thing, not an order."""
        after = self._query[slot.end : slot.end + 1]  # 四个的: what such a thing holds, not how many are wanted
        said = slot.value + (after if after in ("的", "装") else "")
        if slot.type in ("quantity", "range") and (meant := self._catalogue.words.attribute_of_amount(said)):
            name, amount = meant  # 十斤的, 30包的, 10-25kg的: no number of them
            is_value = slot.value[0].isdigit() or amount[-1].isascii() or self._has(said)
            if is_value and not self._is_wanted(slot, said):
                return replace(slot, type="attribute", name=name, normalised=amount)
        if slot.type == "quantity" and _YEAR.fullmatch(slot.value) and self._names_a_device:
            return replace(slot, type="date", name="date", normalised=f"20{slot.value[:2]}")
        if slot.type == "date" and _NUMBER.fullmatch(slot.value) and not SENDS.search(self._text):
            code = self._catalogue.words.attribute_of_code(slot.value)  # 15号的有吗, of shades with numbers
            return replace(slot, type="attribute", name=code[0], normalised=code[1]) if code else slot
        if slot.type == "money" and self._counts_goods(slot):
            return replace(slot, type="quantity", name="quantity")
        sold = self._catalogue.by_sku(slot.value) if slot.type in ("order_no", "phone") else None
        return replace(slot, type="product", name="product", normalised=sold[0].name) if sold else slot

    @cached_property
    def _names_a_device(self) -> bool:
        found = self._compatibility.named_in(self._query)
        return found.kind != "none" or bool(found.unknown)

    @cached_property
    def _measures(self) -> tuple[str, ...]:
        """The measures by which the goods are sold that an amount is said of, if it is none of their own values."""
        said = [self._query[start:end] for start, end, *_ in amounts_in(self._query)]
        if not said:
            return ()
        sold = [product for product in self.meant if is_measured(product.unit)]
        return () if any(self._catalogue.having(one, sold) for one in said) else tuple(product.unit for product in sold)

    def _is_wanted(self, slot: Slot, said: str) -> bool:
        """Whether 10个, in a shop that has things in tens, counts the goods meant, which are not among those."""
        if slot.type != "quantity" or said != slot.value:
            return False
        takes = _TAKES.search(self._query[: slot.start]) is not None
        if self.meant:
            return (takes and not self._is_weighed(said)) or not self._has(said)
        return takes and slot.value.endswith("个")

    def _is_weighed(self, said: str) -> bool:
        """Whether 十斤 tells which, of goods that are not sold by weight but in packs of so much."""
        return _WEIGHT.search(said) is not None and not any(is_measured(product.unit) for product in self.meant)

    def _has(self, said: str) -> bool:
        """Whether the goods spoken of have that value: 三支 of 1支 and 3支, else it counts them."""
        return bool(self._catalogue.having(said, self.meant))

    def _counts_goods(self, slot: Slot) -> bool:
        """要两块 of disks, which are counted in 块: no sum of money."""
        if not slot.value.endswith("块") or not _TAKES.search(self._query[: slot.start]):
            return False
        return any(product.unit == "块" for product in self._before)
