"""What a product's description forbids: more than so many for one customer (每人限购2件), places (新疆西藏不发)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kefu.core.slots.numbers import parse_number

_CLAUSE = re.compile(r"[^，,。；;！!\n]+")
_NUMBER = r"(\d{1,3}|[一二两三四五六七八九十])"
_MOST = re.compile(
    rf"限(?:购|买|拍|领){_NUMBER}"
    r"|(?:每|一|单)个?(?:人|账号|帐号|账户|id|户|单|位)"
    rf"(?:(?:最多|至多|只能|仅|只|限)+(?:可?(?:购买|买|拍|购|领))?|(?=一[份件])){_NUMBER}[个件份盒瓶支袋包只双条套台]"
    rf"|最多(?:只能|可)?(?:购买|买|拍|购|领){_NUMBER}",
    re.IGNORECASE,
)
REFUSES = r"(?:不(?:能|会|可以|支持)?(?:发|寄|送|配送|派送)(?!票)|(?:发|寄|送)不(?:了|到)|无法(?:发|寄|送|配送))"
"""It is not sent."""
_REFUSES = re.compile(REFUSES)


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` of a product for one customer; ``said`` is the shop's clause about it."""

    most: int
    said: str


def limit_in(description: str) -> Limit | None:
    """The most that one customer may buy by the description; None if it names no such number."""
    for clause in _CLAUSE.finditer(description):
        if found := _MOST.search(clause[0]):
            number = parse_number(next(filter(None, found.groups())))
            return Limit(int(number), clause[0].strip()) if number else None
    return None


def restrictions_in(description: str) -> Iterator[str]:
    """The clauses of a description that say what is not sent or how many one customer may buy."""
    for clause in _CLAUSE.finditer(description):
        if _MOST.search(clause[0]) or _REFUSES.search(clause[0]):
            yield clause[0].strip()


def names_a_refusal(description: str) -> bool:
    """Whether a description says that something is not sent, wherever that is."""
    return _REFUSES.search(description) is not None


def refusal_in(text: str, places: Sequence[str]) -> str:
    """The part of ``text`` up to the next comma that says that something is not sent to one of ``places``; ``""`` if
    there is none."""
    for place in places:
        if place in text and (found := re.search(f"{re.escape(place)}[^。；;！!，,元\n]*{REFUSES}", text)):
            start = max(text.rfind(mark, 0, found.start()) for mark in "。；;！!，,\n") + 1
            return text[start : found.end()].strip()
    return ""
