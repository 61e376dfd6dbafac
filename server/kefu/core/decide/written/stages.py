"""Stages for what the shop has written down: knowledge, and the goods' own facts where nobody wrote an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.decide.goods.choosing import advised_goods, compared_goods
from kefu.core.decide.goods.properties import asks_what_comes_along
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import asks_for_a_change
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.asked_on import after_a_rule
from kefu.core.decide.written.eligible import OF_NO_PRODUCT, is_about_live_data
from kefu.core.decide.written.facts import (
    FIRST_ANSWERS,
    MAY_NOT_ANSWER,
    MOST,
    UNSURE,
    goods_spoken_of,
)
from kefu.core.decide.written.from_entries import asked_on_again, from_entries, from_facts, material_for, written_in
from kefu.core.decide.written.leaning import (
    ALSO,
    asked_with_what_came_before,
    gone_on_from,
    of_what_was_named,
    says_nothing,
    with_its_goods,
    with_the_only_product,
)
from kefu.core.decide.written.rules import rule
from kefu.core.decide.written.searching import SURELY, search
from kefu.core.decide.written.ways_of_asking import SERVICE_INTENTS
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Hit, passage


def knowledge(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What the shop has written down: a script as it stands, else the material for one model call. Worked out once."""
    if not reading.written:
        reading.written = (_knowledge(reading, ports),)
    return reading.written[0]


def surely_written(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What the shop has written down, if that answers so likely that nothing needs to be asked first."""
    written = knowledge(reading, ports, emotion)
    return written if written and surely(written) else None


def ruled_or_written(reading: Reading, ways: Sequence[str], ports: Ports, emotion: Emotion) -> Decision | None:
    """The shop's own rule or entry on what it may call in one of these ``ways``, the first that it has."""
    for words in ways:
        asked = reading.asking(words)
        if written := rule(asked, ports, emotion) or surely_written(asked, ports, emotion):
            return written
    return None


def _knowledge(reading: Reading, ports: Ports) -> Decision | None:
    hits = [] if says_nothing(reading) else search(reading, ports, reading.asked.query)
    if not (hits and hits[0].score >= SURELY) or ALSO.fullmatch(reading.asked.query.strip()):
        hits = search(reading, ports, asked_with_what_came_before(reading))
    known = _known(reading, hits)
    if known and (hits[0].score >= reading.parts.thresholds.knows or not reading.follow.is_follow_up):
        return written_in(reading, ports, hits)
    alone = {hit.entry.id for hit in hits if hit.score >= AGAIN}
    standalone = with_its_goods(reading)
    continued = gone_on_from(reading) if not standalone or ASKS.search(reading.text.text) else ""
    of_one = with_the_only_product(reading)
    leanings = (standalone, of_what_was_named(reading), of_one, continued)
    for leaning in dict.fromkeys(filter(None, leanings)):
        found = search(reading, ports, leaning)
        fresh = [hit for hit in found if hit.entry.id in alone or not reading.was_just_told(hit.entry)]
        if known:  # one of several may answer the message itself, one surely what it leans on
            if fresh and fresh[0].score >= SURELY:
                return written_in(reading, ports, fresh)
            continue
        likelier = _known(reading, fresh) and fresh[0].score < SURELY and reading.was_just_told(found[0].entry)
        if leaning == of_one and not (fresh and fresh[0].score >= SURELY):
            continue  # the goods' own facts say more than what is perhaps written
        if _known(reading, fresh) and not likelier:
            return written_in(reading, ports, fresh)
        if likelier or (
            found and reading.was_just_told(found[0].entry) and (_known(reading, found) or _asks_on(reading))
        ):
            return asked_on_again(reading, ports, found)
    return written_in(reading, ports, hits) if known else None


AT_ONCE = 12
"""Characters of a question up to which it goes on about what was just said, if it names nothing else."""


def _asks_on(reading: Reading) -> bool:
    """A short question right after an entry (颜色不一样算吗): what was said may hold the answer."""
    text = reading.text.text
    return len(text) <= AT_ONCE and ASKS.search(text) is not None and not reading.alone.products


def surely(written: Decision) -> bool:
    """Whether an entry answers so likely that nothing needs to be asked first."""
    return bool(written.hits) and written.found and written.hits[0].score >= SURELY


def together(written: Decision) -> bool:
    """Whether one of several entries that are alike answers so likely."""
    return written.found and sum(hit.score for hit in written.hits) >= TOGETHER


TOGETHER, AMONG_OTHERS = 0.9, 0.3
"""Several entries that are about what is asked: so likely that one of them answers, and the best at least so likely."""
PERHAPS = 0.1
"""A model that is asked anyway also reads what is this likely to answer."""
AGAIN = 0.2
"""What was just said is said again where the message itself makes it so likely; else it does not answer what is
asked on."""


def _known(reading: Reading, hits: Sequence[Hit]) -> bool:
    """Whether something written answers: an entry, or one of several among which a model may choose."""
    limits, knowledge = reading.parts.thresholds, reading.parts.knowledge
    best = hits[0].score if hits else 0.0
    if knowledge.senses is None or knowledge.nearness.dimensions:
        return best >= limits.covers
    return best >= limits.knows or (best >= AMONG_OTHERS and sum(hit.score for hit in hits) >= TOGETHER)


_FOR_AN_INVOICE = re.compile(
    r"(?:税号|纳税人|信用代码).{0,6}[0-9a-z]{15,20}|(?<![0-9a-z])9(?=\d*[a-z])[0-9a-z]{17}(?![0-9a-z])"
)


_LEAVE_A_PHONE = re.compile(r"留.{0,8}(?:电话|手机|联系方式|号码)|(?:电话|手机号?|联系方式)(?:发|给|告诉)(?:我|一下)")
"""What is asked of who is to be called back (请留下称呼和电话), not of whose order it is."""


def details(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """A tax number that is told is for the person who writes the invoice, a name and a phone for who calls back."""
    if ASKS.search(reading.text.text):
        return None
    if _FOR_AN_INVOICE.search(reading.text.text):
        return hand_off(reading, "policy", "the details of an invoice are told")
    told = any(slot.type == "phone" for slot in reading.slots) and reading.only_facts
    if told and _LEAVE_A_PHONE.search(reading.state.last_turn.reply):
        return hand_off(reading, "policy", "whom to call back is told")
    return None


IN_FULL, SURELY_FULL = 5, 8
"""Characters from which a message that is an entry's own question is answered by it, unless that may ask for what only
the store knows (怎么还不发货, of no goods); and from which it is about nothing else."""


def in_full(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """An entry's own question, word for word: before orders and goods are looked at, which its words may speak of."""
    asked = reading.asked.query
    length = len(asked.strip())
    if length < IN_FULL or reading.asks_by_number or not reading.parts.knowledge.is_asked(asked):
        return None
    if length < SURELY_FULL and (reading.asks_nothing or _may_ask_what_is_live(reading)):
        return None
    return surely_written(reading, ports, emotion)


def _may_ask_what_is_live(reading: Reading) -> bool:
    entries = reading.parts.knowledge.asked(reading.asked.query)
    live = (is_about_live_data(entry, reading.parts.subjects) and not entry.products for entry in entries)
    return any(live) and not asks_for_a_change(reading.text.text)


_FAILS = re.compile(
    r"(?:改|取消|点|按|申请|提交|操作|弄|找)(?:都)?(?:不了|不动|不开|不到)|按钮.{0,4}(?:灰|没)|是灰的|灰色的$|没反应"
    r"|(?:试|换|重[启插装])(?:了|过).{0,8}(?:不行|没用|一样|不亮|不好使)|[还都]是?不行|没用啊?$"
    r"|还(?:是|在|会)*(?:有?异?响|漏|抖|卡|烫|掉|闪|冒|糊|黑|慢|断)"
)
_BREAKS = re.compile(
    r"(?:坏|断|裂|碎|炸|糊|烧|化|漏[水气电]?|进水|短路|变形|掉漆|[脱开]胶|开线|褪色|缩水|发霉|生锈|卡[住死])(?:了|掉了?)(?![怎咋能可会])"
    r"|不(?:响|亮|转|动|热|凉|冷|制冷|出水|通电|出声|工作|灵|走|能用|好使)了|没(?:声音?|动静)了|[用开打盖关装拧]不[了开上]了"
)
"""What was done as it was told, or was not, broke the thing (煮了 不响了)."""


def advice_fails(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What was just told does not work (改不了 按钮是灰的), or is all that is written of what broke: a person, not the
    same once more."""
    before, text = reading.state.last_turn.route in ("knowledge", "rule", "llm"), reading.text.text
    fails, breaks = _FAILS.search(text), _BREAKS.search(text)
    if not before or ASKS.search(text) or not (fails or breaks):
        return None
    written = search(reading, ports, reading.asked.query)
    again = bool(written) and reading.was_just_told(written[0].entry)
    if not again and (not fails or (written and written[0].score >= SURELY)):
        return None
    return hand_off(reading, "unknown_question", "what was told does not work")


def compared(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """How goods differ is in their own facts, not in a manual that shares their words."""
    products = compared_goods(reading)[:MOST]
    found = search(reading, ports, reading.asked.query) if products else []
    return from_facts(reading, ports, products, [hit for hit in found if hit.score >= SURELY])


def advised(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What to buy is for a model to say, from what the shop has written about it and the goods' own facts."""
    products = advised_goods(reading)
    if not products or _of_nothing_known(reading):
        return None
    if written := surely_written(reading, ports, emotion):
        return written
    return from_facts(reading, ports, products[:MOST], _near(reading, ports), opening=FIRST_ANSWERS)


def about_goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """A question about goods that nobody wrote an answer to: their own facts, for one model call. They say nothing of
    what the shop does (returns, invoices, payment): that is for a person."""
    goes_on = reading.state.last_turn.route in _TOLD_GOODS and ASKS.search(reading.text.text) is not None
    of_the_shop = reading.topic in SERVICE_INTENTS and reading.sure and not asks_what_comes_along(reading)
    of_the_shop = of_the_shop and not _hardly_complains(reading)
    if of_the_shop or (_of_nothing_known(reading) and not goes_on):
        return None
    products = goods_spoken_of(reading)
    return from_facts(reading, ports, products, _near(reading, ports) if products else ())


_TOLD_GOODS = ("stock", "llm")
"""Routes of answers about goods, after which a short question is about them (一盒几片)."""
HARDLY_A_COMPLAINT = 0.7


def _hardly_complains(reading: Reading) -> bool:
    """Whether goods are named in what only sounds a little like a complaint (火龙果红心白心啊)."""
    unsure = reading.topic == "complaint" and reading.intent.confidence < HARDLY_A_COMPLAINT
    return unsure and reading.alone.is_named


def near_passages(reading: Reading, ports: Ports) -> list[str]:
    """What is written near the question, for a model that is asked anyway."""
    return [passage(hit.entry) for hit in _near(reading, ports)]


def _near(reading: Reading, ports: Ports) -> list[Hit]:
    return [hit for hit in search(reading, ports, reading.asked.query) if hit.score >= PERHAPS]


def _of_nothing_known(reading: Reading) -> bool:
    """Neither an intent of the shop's nor a product by its name."""
    return reading.intent.unknown and not reading.alone.is_outright


def perhaps_written(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written near the question, for a model to find the answer there or to offer a person: before a person is
    called who would read the same."""
    if told := after_a_rule(reading):
        return told
    papers = reading.sure and reading.topic in OF_NO_PRODUCT
    if reading.topic == "complaint" or not (papers or ASKS.search(reading.text.text)):
        return None
    hits = search(reading, ports, asked_with_what_came_before(reading))
    if not hits or hits[0].score < AMONG_OTHERS:
        return None
    material = material_for(reading, ports, hits, MAY_NOT_ANSWER)
    return from_entries(reading, hits, UNSURE, material, f"perhaps in what is written ({hits[0].score:.2f})")
