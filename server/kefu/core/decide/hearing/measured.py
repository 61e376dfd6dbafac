"""How much is wanted of goods that are sold by measure: 8米 of a cloth is an amount, of a cable it is a size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kefu.core.catalogue.phrases import same_measure
from kefu.core.catalogue.words import is_free
from kefu.core.slots import Slot
from kefu.core.slots.numbers import parse_number, show

_AMOUNT = re.compile(
    r"(?<![\d.\-~至到])(?<![宽高长深厚幅径])(?<![宽高长深厚幅径][是为约有])"
    r"(?P<n>\d{1,6}(?:\.\d{1,3})?|[一二两三四五六七八九十百]{1,6})\s*"
    r"(?P<unit>平方米?|平米|立方米?|延米|厘米|公分|公斤|千克|市斤|市尺|毫升|[㎡平方米斤克尺寸升码吨两磅]|m²|kg|cm|ml|[mgl](?![a-z]))"
    r"(?![\d半装]|[的]?[宽高长深厚]|[白色黄灰咖杏棕])",
    re.IGNORECASE,
)
"""Neither a dimension (宽2米, 2米宽), nor a size (5斤装, 1米8), nor a colour (三米白的)."""


def amounts_in(text: str) -> list[tuple[int, int, float, str]]:
    """Start, end, number and unit of each amount that a text names."""
    found = [(match, parse_number(match["n"])) for match in _AMOUNT.finditer(text)]
    return [(*match.span(), number, match["unit"].lower()) for match, number in found if number]


def with_amount(slots: Sequence[Slot], text: str, units: Iterable[str]) -> tuple[Slot, ...]:
    """``slots`` with the one amount in ``units``, by which the goods are sold, as the quantity; of two amounts nobody
    knows which is wanted."""
    wanted = [one for one in amounts_in(text) if any(same_measure(one[3], unit) for unit in units)]
    if len(wanted) != 1:
        return tuple(slots)
    start, end, number, _ = wanted[0]
    others = [slot for slot in slots if is_free((slot.start, slot.end), [(start, end)])]
    said = Slot("quantity", "quantity", text[start:end], start, end, show(number))
    return tuple(sorted((*others, said), key=lambda slot: slot.start))
