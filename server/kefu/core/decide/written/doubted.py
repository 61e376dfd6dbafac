"""What makes an entry near a message doubtful: it holds for some goods only, another day or another claim."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.written.eligible import (
    is_of_a_service,
    one_spoken_of,
    products_of,
)
from kefu.core.decide.written.ways_of_asking import GIFTS, OFFERS, WORK
from kefu.core.knowledge import Entry
from kefu.core.knowledge.claims import speaks_of_the_claim
from kefu.core.knowledge.terms import telling_words


def is_doubtful(entry: Entry, reading: Reading, text: str, shares: Mapping[str, float]) -> bool:
    """Whether an entry of certain goods must not be said for sure: it holds for some of those shown only, or nobody
    spoke of its goods and the words asked with are ours, or hardly its."""
    if _is_of_some_only(entry, reading):
        return True
    spoken_of = reading.alone.products or one_spoken_of(reading) or shown(reading)
    if not entry.products or spoken_of or is_of_a_service(products_of(entry, reading), reading):
        return False
    return text in (*GIFTS, *OFFERS, *WORK) or shares.get(entry.id, 0.0) < HARDLY


_DAYS = {"双12": "双十二", "双11": "双十一", "双十二": "双12", "双十一": "双11"}
"""Shops write one, customers the other."""


def is_of_that_day(entry: Entry, day: str) -> bool:
    told = " ".join((entry.title, entry.question, entry.content, *entry.tags))
    return day in told or _DAYS.get(day, day) in told


def asked_of_what_it_is_like(reading: Reading) -> list[str]:
    """The neighbouring characters of the few by which a follow-up asks what the product spoken of is like (会掉毛吗):
    that question sounds like every other one of its kind (会掉色吗). [] where it says more or less."""
    held = reading.state.product is not None and not reading.alone.is_named
    if not held or reading.topic != "product_usage":
        return []
    said = "".join(telling_words(reading.asked.query))
    return [said[at : at + 2] for at in range(len(said) - 1)] if len(said) <= FEW else []


def says_of_the_claim(entry: Entry, reading: Reading, text: str) -> bool:
    """Whether an entry may answer a claim: one of certain goods that says nothing of it nor of its case (掉粒赔吗) is
    about something else."""
    if not entry.products or speaks_of_the_claim(text, entry):
        return True
    case = _OF_A_CLAIM.sub("", "".join(telling_words(reading.parts.catalogue.words.besides_goods(text))))
    return any(case[at : at + 2] in entry.content for at in range(len(case) - 1))


_OF_A_CLAIM = re.compile(r"[退赔换修补][货款新偿]?")


FEW = 3
"""Characters up to which what is asked stands in a word or two."""


def speaks_of(entry: Entry, pairs: Collection[str]) -> bool:
    """Whether an entry is of certain goods, or has one of these ``pairs`` of characters."""
    told = " ".join((entry.title, entry.question, entry.content, *entry.tags))
    return bool(entry.products) or any(pair in told for pair in pairs)


HARDLY = 0.3
"""Share of the question's words under which an entry has hardly any of them."""


def _is_of_some_only(entry: Entry, reading: Reading) -> bool:
    """Whether several goods were shown, none of them is meant before others, and the entry is about a part of them."""
    if not entry.products or reading.state.product or reading.alone.is_named:
        return False
    before = {product.id for product in shown(reading)}
    return bool(before - {*entry.products}) and bool(before & {*entry.products})
