"""What the shop has written that is near a message: entries and its rules' sentences, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from kefu.core.catalogue.values import Product
from kefu.core.decide.goods.answer import GOODS_INTENTS
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import (
    asks_a_fee,
    asks_for_a_change,
    asks_for_work,
    asks_the_postage,
    bargains,
    gives_measures,
    names_an_occasion,
    occasion_in,
    offers_a_price,
    wants_a_gift,
)
from kefu.core.decide.subjects import (
    Subjects,
    goods_named,
    goods_of,
    intents_of,
    is_service,
    nameless,
    speaks_of_service,
)
from kefu.core.decide.values import Ports
from kefu.core.decide.written.facts import goods_spoken_of
from kefu.core.knowledge import About, Entry, Hit, judged
from kefu.core.knowledge.claims import refuses_another_claim, speaks_of_the_claim
from kefu.core.knowledge.index import SAID, fold
from kefu.core.knowledge.judging import Candidate
from kefu.core.knowledge.terms import telling_words
from kefu.core.places import resolve_place
from kefu.core.text import normalise

KNOWLEDGE_INTENTS = (
    *("after_sales", "product_usage", "warranty", "invoice", "payment", "promotion", "virtual_goods", "complaint"),
)

SERVICE_INTENTS = tuple(intent for intent in KNOWLEDGE_INTENTS if intent != "product_usage")
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
    for way in _ways_of_asking(reading, text, goods):
        hits = _judged(reading, way, goods)
        if hits and (not best or hits[0].score > best[0].score):
            best = hits
        if best and best[0].score >= SURELY:
            break
    return _with_its_own(reading, text, goods, best)


def _with_its_own(reading: Reading, text: str, goods: frozenset[str], hits: list[Hit]) -> list[Hit]:
    """The hits with what is written of the very product that is asked about: of a claim before what holds for all goods
    if it is as likely to answer (草莓压坏了怎么赔), else where a model reads it too."""
    product, knowledge = _spoken_of(reading), reading.parts.knowledge
    if product and hits and (own := _with_every_word(text, knowledge.of_product.get(product.id, ()), hits)):
        return [own, *(hit for hit in hits if hit.entry.id != own.entry.id)][:MOST_HITS]
    claimed = hits and hits[0].score >= MAY_BE_READ and not hits[0].entry.products
    if product is None or product.id not in knowledge.of_product or not claimed:
        return hits
    named = text if nameless(product, text) else f"{product.spoken}{text}"
    found = knowledge.candidates(named, nameless=nameless(product, named))
    kinds = _kinds_spoken_of(reading)
    its_own = [one for one in found if product.id in one.entry.products and _may_be_the_answer(one, reading, kinds)]
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
OF_CLAIMS = ("after_sales", "warranty")
OWN_FIRST, SURELY_OWN, MAY_BE_READ = 0.6, 0.9, 0.1
"""Chance, among its own entries alone, from which an entry of the product named, of the one spoken of before, goes
before the shop's; and from which it is read beside it."""
CLOSE = 0.25
"""A model also reads what is this likely to answer, against the likeliest: the right entry is among the first three far
more often than first."""


def _ways_of_asking(reading: Reading, text: str, goods: frozenset[str]) -> list[str]:
    """The question, also without 你家 before it, and where it is surely for a service what is asked without the goods:
    returns, invoices and prices are the same for all of them (碎花裙不想要了能退吗)."""
    asked = _QUOTED.sub(" ", text)
    ways = list(
        dict.fromkeys((text, asked, _OF_THE_SHOP.sub("", asked), reading.parts.catalogue.in_plain_words(asked)))
    )
    if day := _day_of_offers(reading):
        ways.append(f"{day}有什么活动")
    if asks_the_postage(reading.text.text):
        ways.append(POSTAGE)
    if gives_measures(reading.text.text):
        ways.append(_which_size(reading, goods))
    place = resolve_place(reading.state.place) if reading.state.place and not reading.place else None
    if place and asks_a_fee(reading.text.text):
        ways.append(f"{place.short}{FEE}")
    ways.extend(_ways_of_haggling(reading))
    if wish := _WISH.search(reading.text.text):
        ways.append("怎么换货" if wish["exchange"] else "怎么退货")
    if asks_for_work(reading.text.text):
        ways.extend(WORK)
    ways.extend(way for way in (_TAKEN_BACK.sub("退货", one) for one in ways) if way not in ways)
    if reading.topic not in SERVICE_INTENTS or not reading.sure:
        return ways
    rest = reading.parts.catalogue.words.besides_goods(text)
    if rest != fold(text) and sum(character.isalnum() for character in rest) >= LEAST_ASKED:
        ways.extend(dict.fromkeys((rest, _TAKEN_BACK.sub("退货", rest))))
    return ways


def _which_size(reading: Reading, goods: frozenset[str]) -> str:
    """The question for the size, of the product spoken of where something is written of its own sizes."""
    product = _spoken_of(reading)
    if product is None:
        return WHICH_SIZE
    own = f"{product.spoken}{WHICH_SIZE}"
    hits = _judged(reading, own, goods)
    return own if hits and hits[0].score >= reading.parts.thresholds.knows else WHICH_SIZE


def _ways_of_haggling(reading: Reading) -> tuple[str, ...]:
    """What a customer asks who bargains, in the words in which shops answer; not of days with offers of their own."""
    text = reading.text.text
    gift = wants_a_gift(text)
    if offers_a_price(text) or (reading.topic == "promotion" and reading.sure and bargains(text)):
        return () if names_an_occasion(text) else (*GIFTS, *OFFERS) if gift else OFFERS
    return GIFTS if gift and reading.topic in GOODS_INTENTS else ()


_TAKEN_BACK = re.compile(r"(?<=[能给可以让])退(?=[吗嘛么不没]|$)")
"""Customers leave out of what is taken back what shops write: 能退吗, 能退货吗."""
_WISH = re.compile(
    r"^(?:那|亲|你好|,| )*我?们?(?:就?想要?|要|需要|申请|打算|准备|得)?"
    r"(?:退(?:货|掉|了它?)|(?P<exchange>换货|退?换(?:一?个|一?下)?(?:颜色|尺码|码数?|大小|型号|款式?|色)))(?:[吧啊呀]|\W)*$"
)
"""Goods are to be taken back or exchanged, and nothing is asked (我要退货): how that is done is written."""
WHICH_SIZE = "身高体重穿什么码"
"""What somebody asks who gives a height and a weight (我163 118斤)."""
_OF_THE_SHOP = re.compile(r"^(?:你|您|咱)们?(?:家|店)(?:里|的)?(?=.{4})")
_QUOTED = re.compile(r"[写刻印]?[“\"「][^”\"」]{1,40}[”\"」]")
"""What is to be written, word for word, says nothing of what is asked (能写个卡片吗 写“生日快乐”)."""
POSTAGE = "包邮吗"
"""What is asked of postage beside the goods that it is asked of (一支润唇膏包邮吗)."""
FEE = "邮费多少"
"""What is asked of the place spoken of (要加钱啊)."""
OFFERS, GIFTS = ("能便宜点吗", "有什么优惠活动"), ("有赠品吗",)
"""However a customer bargains (便宜20块我就买; 送点啥不)."""
WORK = ("有上门安装吗", "安装费多少")
"""However somebody is asked to come and fit the goods (后天能来装吗)."""


def _judged(reading: Reading, text: str, goods: frozenset[str]) -> list[Hit]:
    """The likeliest answers to ``text``, which is asked about ``goods``. A refusal of another claim than this one comes
    after all others, and so does not answer; nor surely does an entry of only some of the goods spoken of."""
    parts = reading.parts
    spoken_of = _spoken_of(reading)
    found = [
        *parts.knowledge.candidates(text, nameless=nameless(spoken_of, text)),
        *parts.written.candidates(text),
    ]
    kinds = _kinds_spoken_of(reading)
    candidates = [one for one in found if _may_be_the_answer(one, reading, kinds)]
    refusing = [one for one in candidates if one.words < SAID and refuses_another_claim(text, one.entry)]
    about = About(intents_of(reading.shop_intent, parts.roles), goods)

    def chances_of(some: Sequence[Candidate]) -> list[Hit]:
        hits = judged(some, MOST_HITS, question=about, about=parts.subjects.of)
        return [hit for hit in hits if not _is_of_a_sister(hit.entry, reading)]

    hits = chances_of([one for one in candidates if one not in refusing] if refusing else candidates)
    shares = {one.entry.id: one.words for one in candidates}
    hits = [_less(hit, JUST_UNSURE) if _is_doubtful(hit.entry, reading, text, shares) else hit for hit in hits]
    asked = _asked_of_what_it_is_like(reading)
    hits = [_less(hit, DOUBTFUL) if asked and not _speaks_of(hit.entry, asked) else hit for hit in hits]
    if day := _day_of_offers(reading):
        hits = [hit if _is_of_that_day(hit.entry, day) else _less(hit, DOUBTFUL) for hit in hits]
    hits = [hit if _says_of_the_claim(hit.entry, reading, text) else _less(hit, DOUBTFUL) for hit in hits]
    if refusing:
        least = min((DOUBTFUL, *(hit.score for hit in hits)))
        doubted = {one.entry.id for one in refusing}
        hits += [_less(hit, least) for hit in chances_of(candidates) if hit.entry.id in doubted]
    return sorted(hits, key=lambda hit: -hit.score)[:MOST_HITS]


DOUBTFUL, JUST_UNSURE = 0.25, 0.69
"""Chances at most of what refuses another claim, which a model may still read, and of what is told of some only."""


def _less(hit: Hit, most: float) -> Hit:
    return replace(hit, score=min(hit.score, most))


def _spoken_of(reading: Reading) -> Product | None:
    """The one product that the message names, else the one that it leans on."""
    if reading.alone.product or reading.alone.is_named:
        return reading.alone.product
    held = reading.follow.product or reading.state.product
    return reading.parts.catalogue.thing(held.id) if held else None


def _is_doubtful(entry: Entry, reading: Reading, text: str, shares: Mapping[str, float]) -> bool:
    """Whether an entry of certain goods must not be said for sure: it holds for some of those shown only, or nobody
    spoke of its goods and the words asked with are ours, or hardly its."""
    if _is_of_some_only(entry, reading):
        return True
    spoken_of = reading.alone.products or _spoken_of(reading) or shown(reading)
    if not entry.products or spoken_of or _is_of_a_service(_products_of(entry, reading), reading):
        return False
    return text in (*GIFTS, *OFFERS, *WORK) or shares.get(entry.id, 0.0) < HARDLY


_DAYS = {"双12": "双十二", "双11": "双十一", "双十二": "双12", "双十一": "双11"}
"""Shops write one, customers the other."""


def _day_of_offers(reading: Reading) -> str:
    """The day of which it is asked what is offered then; "" if none."""
    return occasion_in(reading.text.text) if reading.topic == "promotion" else ""


def _is_of_that_day(entry: Entry, day: str) -> bool:
    told = " ".join((entry.title, entry.question, entry.content, *entry.tags))
    return day in told or _DAYS.get(day, day) in told


def _asked_of_what_it_is_like(reading: Reading) -> list[str]:
    """The neighbouring characters of the few by which a follow-up asks what the product spoken of is like (会掉毛吗):
    that question sounds like every other one of its kind (会掉色吗). [] where it says more or less."""
    held = reading.state.product is not None and not reading.alone.is_named
    if not held or reading.topic != "product_usage":
        return []
    said = "".join(telling_words(reading.asked.query))
    return [said[at : at + 2] for at in range(len(said) - 1)] if len(said) <= FEW else []


def _says_of_the_claim(entry: Entry, reading: Reading, text: str) -> bool:
    """Whether an entry may answer a claim: one of certain goods that says nothing of it nor of its case (掉粒赔吗) is
    about something else."""
    if not entry.products or speaks_of_the_claim(text, entry):
        return True
    case = _OF_A_CLAIM.sub("", "".join(telling_words(reading.parts.catalogue.words.besides_goods(text))))
    return any(case[at : at + 2] in entry.content for at in range(len(case) - 1))


_OF_A_CLAIM = re.compile(r"[退赔换修补][货款新偿]?")


FEW = 3
"""Characters up to which what is asked stands in a word or two."""


def _speaks_of(entry: Entry, pairs: Collection[str]) -> bool:
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


LEAST_ASKED = 3
"""Characters that must be left of a question without the goods that it names, to be one."""


def _may_be_the_answer(one: Candidate, reading: Reading, kinds: Collection[str]) -> bool:
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
    product = _spoken_of(reading)
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


def _kinds_spoken_of(reading: Reading) -> Collection[str]:
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
    own = _products_of(entry, reading)
    if own and _is_of_a_service(own, reading) and not reading.alone.is_named:
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


def _is_of_a_service(products: Sequence[Product], reading: Reading) -> bool:
    """Whether all of ``products`` are services of which the message speaks."""
    return all(is_service(one) and speaks_of_service(reading.text.text, one) for one in products)


def _products_of(entry: Entry, reading: Reading) -> list[Product]:
    return [product for name in entry.products if (product := reading.parts.catalogue.product(name))]


def _is_of_a_sister(entry: Entry, reading: Reading) -> bool:
    """Whether an entry is the manual of another product of the kind than the one that is named, or was before."""
    own, meant = _products_of(entry, reading), reading.alone
    others = shown(reading)
    before = {product.id for product in others}
    meant_itself = any(one.id in before or (meant.product and one.id == meant.product.id) for one in own)
    if not own or meant_itself or _is_of_a_service(own, reading) or _tells_of_what_is_named(entry, reading):
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
MOST_HITS = 4
