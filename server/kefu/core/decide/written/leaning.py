"""What a message is asked together with: what was said before it, and the goods that it goes on about."""

from __future__ import annotations

import re

from kefu.core.decide.goods.listed import shown
from kefu.core.decide.goods.qualities import asks_how_it_is
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import wants_a_gift
from kefu.core.knowledge.terms import says_little, telling_words

_ONLY_WHERE = re.compile(r"(?:那|具体)?(?:[在去从到]?哪(?:里|儿)?|怎么|咋)[点弄搞看找改申请]{0,2}[呢呀啊吗?？]*")
"""Says by itself not what it is about."""


OF_ITS_OWN = 0.7
"""Confidence from which a message that names no goods has left what was spoken of."""


_HOW = re.compile(r"(?:那|具体)?[要该]?(?:怎么|咋|如何)(?:操作|弄|申请|办理|领取?|搞|设置)[呢呀啊吗?？]*")


ALSO = re.compile(r".{1,12}也(?:可以|能|行|算|是|有|支持|适用|一样)的?[吗么嘛?？]+")
"""What was just asked is asked of another (20000的也可以？)."""


def says_nothing(reading: Reading) -> bool:
    """Whether a follow-up has no word of its own (怎么弄): an entry that is asked for in such words (漏发了怎么弄) is
    about anything else."""
    said = reading.asked.query
    bare = _HOW.fullmatch(said.strip()) or not telling_words(said)
    return bool(bare and reading.state.turns) and not reading.parts.knowledge.is_asked(said)


def asked_with_what_came_before(reading: Reading) -> str:
    """The message; for one that hardly says what it is about (怎么办) what was said before it, for one that only gives
    a value (两个) both."""
    said, before = reading.asked.query, reading.state.last_turn.said
    if not reading.state.turns:
        return said
    tells = wants_a_gift(said) or asks_how_it_is(reading)  # 甜吗: in a word
    if (says_little(said) and not tells) or _HOW.fullmatch(said.strip()):
        return before
    return f"{before} {said}" if (reading.asks_nothing and not tells) or ALSO.fullmatch(said.strip()) else said


def with_its_goods(reading: Reading) -> str:
    """The message with the product that it leans on, by its short name: a listing's title drowns what is asked."""
    follow = reading.follow
    held = reading.parts.catalogue.thing(follow.product.id) if follow.product else None
    if not follow.is_follow_up or (held and _turns_to_other_goods(reading)):
        return ""
    return follow.standalone.replace(follow.product.name, held.spoken) if follow.product and held else follow.standalone


def with_the_only_product(reading: Reading) -> str:
    """The message after the one product of which the last answers told, by several of its variants (中盆和大盆差多少 …
    多久浇一次水); "" where it names goods or leans on others."""
    goods = shown(reading)
    if len(goods) != 1 or reading.follow.product or reading.alone.is_named or not ASKS.search(reading.text.text):
        return ""
    return f"{goods[0].spoken}{reading.asked.query}"


_POINTS_AT = re.compile(r"[那这][个款条台种]|(?<![a-z])[a-z]{1,3}\d|\d[a-z]{1,3}(?![a-z])")


def _turns_to_other_goods(reading: Reading) -> bool:
    """Whether the message means none of the goods shown but others: by one's name, or by words that point at them or
    are a code (usb那个到货了吗; M8一盒几个, after drills)."""
    others = bool(reading.alone.products) and not {*reading.alone.products} & {*shown(reading)}
    return others and (reading.alone.is_outright or _POINTS_AT.search(reading.text.text) is not None)


def of_what_was_named(reading: Reading) -> str:
    """The message after the goods that the one before it named, if no product is known to be meant and this one names
    none (芒果收到是青的 … 咋弄熟); else ""."""
    said, catalogue = reading.asked.query, reading.parts.catalogue
    if reading.follow.product or catalogue.words.naming_goods(said) or says_little(said) or not ASKS.search(said):
        return ""
    named = catalogue.words.naming_goods(reading.state.last_turn.said)
    return f"{named[0]}{reading.asked.query}" if len(named) == 1 else ""


def gone_on_from(reading: Reading) -> str:
    """The message after the question before it, where that was answered in writing and the subject is the same one
    (花呗分期呢 … 可以分几期), or perhaps no other (要专票 … 多久能收到); else ""."""
    before = reading.state.last_turn
    if before.route not in ("knowledge", "llm", "rule"):
        return ""
    if _turns_to_other_goods(reading):
        return ""
    perhaps = reading.intent.confidence < OF_ITS_OWN and reading.resolution.kind == "none"
    if before.intent != reading.topic and not perhaps:
        return ""
    turns = reading.state.turns
    # 能退差价吗 … 在哪点 … 颜色不一样算吗: what says hardly anything was itself about what was asked before it
    asked = turns[-2] if _ONLY_WHERE.fullmatch(before.said.strip()) and len(turns) > 1 else before
    return f"{asked.said} {reading.asked.query}"
