"""What the shop has written of where and how goods are sent, beside what the delivery data promise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kefu.core.catalogue.delivery.limits import refusal_in
from kefu.core.catalogue.delivery.promises import OUTSIDE
from kefu.core.catalogue.names.descriptions import description_of
from kefu.core.catalogue.names.labels import label
from kefu.core.catalogue.phrases import opening
from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.goods.listed import variants_of
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import last_mile
from kefu.core.decide.values import Decision
from kefu.core.knowledge import Entry, said
from kefu.core.places import chain

Pair = tuple[Product, Variant]

_SENT = re.compile("配送|发货|快递|物流|运输|寄|怎么发|能发")


def with_what_is_written(reading: Reading, answer: Decision) -> Decision:
    """A promise with what is written of it. An entry of the product that refuses the place (气罐新疆不发), else the
    words of its description, are said instead; an entry about its sending, one of the whole shop that refuses something
    there, or one about where the parcel's way ends (镇上自提) is said as well."""
    place, book = reading.carried_place, reading.parts.book
    if place is None or not answer.delivery or book.is_refused(book.warehouses, place.code):
        return answer
    places = _called(place.code)
    products = _products(reading, answer)
    own = [entry for product in products for entry in reading.parts.knowledge.of_product.get(product.id, ())]
    if no := next((entry for entry in own if refusal_in(entry.content, places)), None):
        refused = replace(answer, route="delivery", available=False, delivery="")
        return replace(refused, reply=said(no), sources=(no.source,), reason=f"written: {no.title}")
    pairs = variants_of(reading, (*((answer.product,) if answer.product else ()), *answer.products))
    if described := not_sent_there(reading, pairs):
        refusal = say_refused(described, pairs)
        reply = f"{opening(reading.parts.voice.address or '您')}{refusal}"
        if len(described) < len({*pairs}):
            return answer if refusal in answer.reply else replace(answer, reply=f"{answer.reply}\n{reply}")
        return replace(
            answer, route="delivery", reply=reply, available=False, delivery="", reason="written: description"
        )
    beside = next((entry for entry in own if len(products) == 1 and _is_of_sending(entry)), None)
    of_all = reading.parts.knowledge.of_product.get("", ())
    told = beside or next((entry for entry in of_all if refusal_in(entry.content, places)), None)
    told = told or _where_it_ends(reading, of_all)
    if told and not reading.was_just_told(told):
        return replace(answer, reply=f"{answer.reply}\n{said(told)}", sources=(*answer.sources, told.source))
    refusal = (refusal_in(told.content, places) if told else "") or ("" if pairs else _some_goods_are_not(reading))
    return replace(answer, reply=f"{answer.reply}\n{refusal}。") if refusal else answer


_STOPS = re.compile("(?:暂停|停止?|暂不)(?:发|寄|配送)")


def _is_of_sending(entry: Entry) -> bool:
    """Whether it is asked of how its goods are sent, or tells when they are not (零下15度暂停发绿植)."""
    stops = _STOPS.search(entry.content) and _SENT.search(" ".join(entry.tags))
    return bool(stops or _SENT.search(f"{entry.title}{entry.question}"))


def _some_goods_are_not(reading: Reading) -> str:
    """Of which goods the descriptions say that they are not sent where the customer lives, where none are named."""
    goods = reading.parts.catalogue.not_sent_everywhere
    refused = not_sent_there(reading, [(product, variant) for product in goods for variant in product.variants])
    names = list(dict.fromkeys(product.spoken for product, _ in refused))
    if not names:
        return ""
    shown = f"{'、'.join(names[:NAMED])}{'等' if len(names) > NAMED else ''}"
    return f"{shown}：{next(iter(refused.values()))}"


NAMED = 4
"""Goods named at most of those that are not sent somewhere."""


def not_sent_there(reading: Reading, pairs: Sequence[Pair]) -> dict[Pair, str]:
    """What the descriptions of some variants say of not being sent where the customer lives."""
    place = reading.carried_place
    places = _called(place.code) if place else ()
    return {pair: no for pair in pairs if (no := refusal_in(description_of(*pair), places))}


def say_refused(described: Mapping[Pair, str], pairs: Sequence[Pair]) -> str:
    """What is refused of each product of ``pairs``, of some of its variants with what these are called."""
    told: dict[tuple[str, str], dict[Variant, None]] = {}
    for (product, variant), no in described.items():
        told.setdefault((product.id, no), {})[variant] = None
    sentences = []
    for (product_id, no), variants in told.items():
        every = {variant: product for product, variant in pairs if product.id == product_id}
        product = next(iter(every.values()))
        labels = "、".join(label(product, variant) for variant in variants) if len(variants) < len(every) else ""
        sentences.append(f"{product.spoken}{f'（{labels}）' if labels else ''}：{no}。")
    return "".join(sentences)


def _where_it_ends(reading: Reading, entries: Sequence[Entry]) -> Entry | None:
    """The entry about the village, the stairs or the collecting point of which the message speaks: a promise for the
    county does not hold there."""
    said = last_mile(reading.text.text)
    asked = (entry for entry in entries if said & last_mile(" ".join((entry.title, entry.question, *entry.tags))))
    return next(asked, None) if said else None


def _products(reading: Reading, answer: Decision) -> list[Product]:
    things = (*((answer.product,) if answer.product else ()), *answer.products)
    found = (reading.parts.catalogue.thing(thing.id) for thing in things)
    return list({product.id: product for product in found if product}.values())


def _called(code: str) -> tuple[str, ...]:
    """What a place and those that hold it are called: 乌鲁木齐, 新疆."""
    held_by = chain(code)
    together = ("港澳台",) if OUTSIDE & {division.code for division in held_by} else ()
    return (*(division.short for division in held_by), *together)
