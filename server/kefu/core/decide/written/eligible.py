"""Which entries may answer a message: of its goods, of what it is about, and not of what only the store knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from kefu.core.catalogue.values import Product
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import (
    asks_for_a_change,
    offers_a_price,
)
from kefu.core.decide.subjects import (
    Subjects,
    is_service,
    speaks_of_service,
)
from kefu.core.knowledge import Entry
from kefu.core.knowledge.judging import Candidate
from kefu.core.text import normalise

OF_CLAIMS = ("after_sales", "warranty")


def one_spoken_of(reading: Reading) -> Product | None:
    """The one product that the message names, else the one that it leans on."""
    if reading.alone.product or reading.alone.is_named:
        return reading.alone.product
    held = reading.follow.product or reading.state.product
    return reading.parts.catalogue.thing(held.id) if held else None


def may_be_the_answer(one: Candidate, reading: Reading, kinds: Collection[str]) -> bool:
    """Whether an entry may answer the message that was found by so many of its words: whatever it was taken to be about
    where those are nearly the question of the product that is spoken of (开出来是生的怎么办)."""
    if one.words >= WORD_FOR_WORD:
        return True
    return _may_answer(one.entry, reading, kinds) and not (
        one.words < NEARLY_ITS_QUESTION and _is_only_a_manual(one.entry, reading)
    )


NEARLY_ITS_QUESTION = 0.7
"""Share of its words from which a message is the question of an entry."""


def _may_answer(entry: Entry, reading: Reading, kinds: Collection[str]) -> bool:
    live = _is_live(entry, reading.parts.subjects) and not asks_for_a_change(reading.text.text)
    live = live or _is_of_parcels(entry, reading)
    return not live and not _is_of_other_goods(entry, reading, kinds)


_NOT_SENT = re.compile("虚拟|卡密|充值|激活码|兑换码|会员|年卡|月卡|季卡|点卡|礼品卡|购物卡|电子")


def _is_of_parcels(entry: Entry, reading: Reading) -> bool:
    """Whether an entry tells for all goods how they are taken back, while the one asked about is never sent (a card):
    it speaks neither of that one nor of such things."""
    product = one_spoken_of(reading)
    if product is None or not product.virtual or is_service(product) or entry.products:
        return False
    if reading.topic not in OF_CLAIMS:
        return False
    told = " ".join((entry.title, entry.question, entry.content))
    return not _NOT_SENT.search(told) and not any(name in told for name in (product.category, *product.aliases) if name)


def _is_only_a_manual(entry: Entry, reading: Reading) -> bool:
    """Whether an entry tells what a product is like while the message is surely about prices or papers (太贵了 after
    its fabric)."""
    haggles = offers_a_price(reading.text.text)
    by_itself = reading.sure and reading.topic in OF_NO_PRODUCT and reading.by_itself in (reading.topic, "")
    if not entry.product or not (haggles or by_itself):
        return False
    topic = "promotion" if haggles else reading.topic
    return reading.parts.subjects.of(entry).intents.get(topic, 0.0) < A_LITTLE


OF_NO_PRODUCT = ("promotion", "payment", "invoice")


A_LITTLE = 0.2
"""Chance under which an entry is not about an intent at all."""


def kinds_spoken_of(reading: Reading) -> Collection[str]:
    """The categories of the goods that the message names or goes on about."""
    meant = reading.alone
    if meant.product and meant.is_outright:
        return (meant.product.category, reading.parts.catalogue.category_in(reading.asked.query))  # 帐篷里能用卡式炉吗
    by_kind = meant.is_named and reading.parts.catalogue.category_in(reading.asked.query)
    return {product.category for product in (*(meant.products if by_kind else ()), *shown(reading))}


def _is_of_other_goods(entry: Entry, reading: Reading, kinds: Collection[str]) -> bool:
    """Whether an entry is the manual of another kind of thing than the ``kinds`` spoken of. What is told of a service
    (fitting, a voucher) may be asked right after the goods that it is done to (安装你们管不), and a manual tells of the
    parts of its thing."""
    own = products_of(entry, reading)
    if own and is_of_a_service(own, reading) and not reading.alone.is_named:
        return False
    if not (own and kinds) or any(product.category in kinds for product in own):
        return False
    return not _tells_of_what_is_named(entry, reading)


def _tells_of_what_is_named(entry: Entry, reading: Reading) -> bool:
    """Whether the manual of one thing speaks of the other that is named, as of a part of it (密封圈, of a pot)."""
    named = reading.alone.products if reading.alone.is_named else ()
    told = normalise(" ".join((entry.title, entry.question, entry.content, *entry.tags))).text
    names = {normalise(name).text for product in named for name in (product.name, *product.aliases)}
    said = reading.text.text
    return any(len(name) > 1 and name in told and name in said for name in names)


def is_of_a_service(products: Sequence[Product], reading: Reading) -> bool:
    """Whether all of ``products`` are services of which the message speaks."""
    return all(is_service(one) and speaks_of_service(reading.text.text, one) for one in products)


def products_of(entry: Entry, reading: Reading) -> list[Product]:
    return [product for name in entry.products if (product := reading.parts.catalogue.product(name))]


def is_of_a_sister(entry: Entry, reading: Reading) -> bool:
    """Whether an entry is the manual of another product of the kind than the one that is named, or was before."""
    own, meant = products_of(entry, reading), reading.alone
    others = shown(reading)
    before = {product.id for product in others}
    meant_itself = any(one.id in before or (meant.product and one.id == meant.product.id) for one in own)
    if not own or meant_itself or is_of_a_service(own, reading) or _tells_of_what_is_named(entry, reading):
        return False
    if any(begin in reading.text.text for begin in _begins(own, others)):
        return False  # 烟酰胺 of 烟酰胺精华, after another serum
    if meant.product and meant.is_outright:
        told_by = set().union(*map(_ends, own)) - _ends(meant.product)
        return not any(end in reading.text.text for end in told_by)  # 防晒要卸妆吗: named as well, if not whole
    return len(before) == 1 and not meant.is_named


def _begins(products: Sequence[Product], others: Sequence[Product]) -> set[str]:
    """What the aliases of ``products`` say besides the kind, where none of ``others`` is called so."""
    taken = normalise(" ".join(name for other in others for name in (other.name, *other.aliases))).text
    begins = {normalise(alias).text[:-2] for one in products for alias in one.aliases if len(alias) > BEGINS}
    return {begin for begin in begins if begin not in taken}


BEGINS = 4
"""Characters of an alias from which it can be named by less."""


def _ends(product: Product) -> set[str]:
    """The last two characters of its names: what it is."""
    return {normalise(name).text[-2:] for name in (product.name, *product.aliases)}


def _is_live(entry: Entry, subjects: Subjects) -> bool:
    """Whether a script is about what only the store knows now: 这个颜色没有了 is no answer to 有粉色吗."""
    return entry.knowledge_id == "scripts" and is_about_live_data(entry, subjects)


def is_about_live_data(entry: Entry, subjects: Subjects) -> bool:
    """Whether an entry is asked for as goods in stock or orders are."""
    intents = subjects.of(entry).intents
    return max(intents, key=intents.__getitem__, default="") in LIVE


LIVE = ("stock_query", "order_status", "urge_delivery")


WORD_FOR_WORD = 1.0
"""Share of its words from which the message is an entry's own question: then the shop wants just that said."""
