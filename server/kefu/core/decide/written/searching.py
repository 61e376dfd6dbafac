"""What the shop has written that is near a message: entries and its rules' sentences, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import (
    gives_measures,
)
from kefu.core.decide.subjects import (
    goods_named,
    goods_of,
    intents_of,
    nameless,
)
from kefu.core.decide.values import Ports
from kefu.core.decide.written.doubted import (
    asked_of_what_it_is_like,
    is_doubtful,
    is_of_that_day,
    says_of_the_claim,
    speaks_of,
)
from kefu.core.decide.written.eligible import (
    OF_CLAIMS,
    is_of_a_sister,
    kinds_spoken_of,
    may_be_the_answer,
    one_spoken_of,
)
from kefu.core.decide.written.facts import goods_spoken_of
from kefu.core.decide.written.ways_of_asking import day_of_offers, ways_of_asking
from kefu.core.knowledge import About, Entry, Hit, judged
from kefu.core.knowledge.claims import refuses_another_claim, speaks_of_the_claim
from kefu.core.knowledge.index import SAID
from kefu.core.knowledge.judging import Candidate
from kefu.core.knowledge.terms import telling_words

SURELY = 0.7
"""Chance from which `kefu-local` says an entry without asking whether it was meant. Of customers' own words, a third of
them about nothing that is written, 15 answers in 16 are right from here on, 2 in 3 between `knows` and this."""


def search(reading: Reading, ports: Ports, text: str) -> list[Hit]:
    """The likeliest entries, the shop's rules among them, best first."""
    if text not in reading.searched:
        reading.searched[text] = _found(reading, ports, text)
    return reading.searched[text]


def _found(reading: Reading, ports: Ports, text: str) -> list[Hit]:
    parts = reading.parts
    vector = ports.meaning(text)
    if vector is not None or parts.knowledge.senses is None:
        rules = judged(parts.written.candidates(text), 1, parts.thresholds.knows)
        hits = [*rules, *parts.knowledge.search(text, MOST_HITS, vector=vector)]
        return sorted(hits, key=lambda hit: -hit.score)[:MOST_HITS]
    goods = goods_named(parts.catalogue, text) or goods_of(goods_spoken_of(reading))
    best: list[Hit] = []
    size = _which_size(reading, goods) if gives_measures(reading.text.text) else ""
    for way in ways_of_asking(reading, text, size):
        hits = _judged(reading, way, goods)
        if hits and (not best or hits[0].score > best[0].score):
            best = hits
        if best and best[0].score >= SURELY:
            break
    return _with_its_own(reading, text, goods, best)


def _with_its_own(reading: Reading, text: str, goods: frozenset[str], hits: list[Hit]) -> list[Hit]:
    """The hits with what is written of the very product that is asked about: of a claim before what holds for all goods
    if it is as likely to answer (草莓压坏了怎么赔), else where a model reads it too."""
    product, knowledge = one_spoken_of(reading), reading.parts.knowledge
    if product and hits and (own := _with_every_word(text, knowledge.of_product.get(product.id, ()), hits)):
        return [own, *(hit for hit in hits if hit.entry.id != own.entry.id)][:MOST_HITS]
    claimed = hits and hits[0].score >= MAY_BE_READ and not hits[0].entry.products
    if product is None or product.id not in knowledge.of_product or not claimed:
        return hits
    named = text if nameless(product, text) else f"{product.spoken}{text}"
    found = knowledge.candidates(named, nameless=nameless(product, named))
    kinds = kinds_spoken_of(reading)
    its_own = [one for one in found if product.id in one.entry.products and may_be_the_answer(one, reading, kinds)]
    about = About(intents_of(reading.shop_intent, reading.parts.roles), goods)
    best = judged(its_own, 1, MAY_BE_READ, about, reading.parts.subjects.of)
    if not best:
        return hits
    others = [hit for hit in hits if hit.entry.id != best[0].entry.id]
    limits = reading.parts.thresholds
    answers = best[0].score >= (OWN_FIRST if reading.alone.product else SURELY_OWN)
    answers = answers and reading.topic in OF_CLAIMS and speaks_of_the_claim(text, best[0].entry)
    if answers and limits.knows <= hits[0].score < limits.exact:
        return [*best, *(_less(hit, best[0].score) for hit in others)][:MOST_HITS]
    among_all = next((hit.score for hit in hits if hit.entry.id == best[0].entry.id), 0.0)
    beside = replace(best[0], score=max(among_all, others[0].score * CLOSE))
    return sorted([*others[: MOST_HITS - 1], beside], key=lambda hit: -hit.score)


def _with_every_word(text: str, own: Sequence[Entry], hits: Sequence[Hit]) -> Hit | None:
    """The one entry of the product that has each telling word of the question (能和满减叠加不), where what is written
    for all goods was found for them: it is as likely to answer, and holds for this product."""
    words = [word for word in telling_words(text) if len(word) > 1]
    if hits[0].entry.products or len(words) < TELLING:
        return None
    having = [entry for entry in own if all(word in f"{entry.question} {entry.content}" for word in words)]
    return replace(hits[0], entry=having[0]) if len(having) == 1 else None


TELLING = 2
"""Words that a question must have for an entry to be found by them alone."""
OWN_FIRST, SURELY_OWN, MAY_BE_READ = 0.6, 0.9, 0.1
"""Chance, among its own entries alone, from which an entry of the product named, of the one spoken of before, goes
before the shop's; and from which it is read beside it."""
CLOSE = 0.25
"""A model also reads what is this likely to answer, against the likeliest: the right entry is among the first three far
more often than first."""


def _which_size(reading: Reading, goods: frozenset[str]) -> str:
    """The question for the size, of the product spoken of where something is written of its own sizes."""
    product = one_spoken_of(reading)
    if product is None:
        return WHICH_SIZE
    own = f"{product.spoken}{WHICH_SIZE}"
    hits = _judged(reading, own, goods)
    return own if hits and hits[0].score >= reading.parts.thresholds.knows else WHICH_SIZE


WHICH_SIZE = "身高体重穿什么码"
"""What somebody asks who gives a height and a weight (我163 118斤)."""


def _judged(reading: Reading, text: str, goods: frozenset[str]) -> list[Hit]:
    """The likeliest answers to ``text``, which is asked about ``goods``. A refusal of another claim than this one comes
    after all others, and so does not answer; nor surely does an entry of only some of the goods spoken of."""
    parts = reading.parts
    spoken_of = one_spoken_of(reading)
    found = [
        *parts.knowledge.candidates(text, nameless=nameless(spoken_of, text)),
        *parts.written.candidates(text),
    ]
    kinds = kinds_spoken_of(reading)
    candidates = [one for one in found if may_be_the_answer(one, reading, kinds)]
    refusing = [one for one in candidates if one.words < SAID and refuses_another_claim(text, one.entry)]
    about = About(intents_of(reading.shop_intent, parts.roles), goods)

    def chances_of(some: Sequence[Candidate]) -> list[Hit]:
        hits = judged(some, MOST_HITS, question=about, about=parts.subjects.of)
        return [hit for hit in hits if not is_of_a_sister(hit.entry, reading)]

    hits = chances_of([one for one in candidates if one not in refusing] if refusing else candidates)
    shares = {one.entry.id: one.words for one in candidates}
    hits = [_less(hit, JUST_UNSURE) if is_doubtful(hit.entry, reading, text, shares) else hit for hit in hits]
    asked = asked_of_what_it_is_like(reading)
    hits = [_less(hit, DOUBTFUL) if asked and not speaks_of(hit.entry, asked) else hit for hit in hits]
    if day := day_of_offers(reading):
        hits = [hit if is_of_that_day(hit.entry, day) else _less(hit, DOUBTFUL) for hit in hits]
    hits = [hit if says_of_the_claim(hit.entry, reading, text) else _less(hit, DOUBTFUL) for hit in hits]
    if refusing:
        least = min((DOUBTFUL, *(hit.score for hit in hits)))
        doubted = {one.entry.id for one in refusing}
        hits += [_less(hit, least) for hit in chances_of(candidates) if hit.entry.id in doubted]
    return sorted(hits, key=lambda hit: -hit.score)[:MOST_HITS]


DOUBTFUL, JUST_UNSURE = 0.25, 0.69
"""Chances at most of what refuses another claim, which a model may still read, and of what is told of some only."""


def _less(hit: Hit, most: float) -> Hit:
    return replace(hit, score=min(hit.score, most))


MOST_HITS = 4
