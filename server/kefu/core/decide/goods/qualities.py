"""Questions what goods are like, how they keep and how many are needed, which sound like questions for the stock."""

from __future__ import annotations

import re

from kefu.core.courtesy import without_courtesies
from kefu.core.decide.hearing.reading import Reading

_KEEPS = re.compile(
    r"[放存搁养](?:得|的)?(?:住|了)?(?:多久|多长|几天|几个?月|几年|几周|到(?:几|什么|啥|哪))|保质期|保鲜期|多久(?:就|会|要|能)?(?:坏|过期|吃完|用完)"
    r"|(?<![到达])(?:吃|喝|用)(?:得了|的了)?(?:多久|几天|几个?月)"
)
"""放几天 is no time of delivery."""
_ENOUGH = re.compile(r"几.{1,2}(?:才|就)?够|够[不唔]够|够[吗嘛么用]|不够[吗嘛么]")
_FOR_SO_LONG = re.compile(
    r"(?:[一二两三四五六七八九十半\d]{1,3}个?(?:半)?(?:月|天|周|星期|礼拜|年)|[一二两三四五六七八\d]口人)"
)
_ALTERNATIVES = re.compile(r"^([一-龥]{1,3})的(?:还是|,|，)?([一-龥]{1,3})的(?:[吗呢啊呀]|\W)*$")
_WHETHER = re.compile(r"^.{1,8}(?:[吗嘛么]|(?<![还也从并要])[不没])\W*$|([一-龥])[不没唔]\1")
_COUNTS_PARTS = re.compile(
    r"有几(?!把\W|[个件条只台张块双盒瓶箱袋包斤款种样])[一-龥]{2}|能(?![发送寄到])[一-龥]{1,3}几[一-龥]"
)
_LEADS = re.compile(
    r"^(?:那|这|它|你们?家?的?|个|款|种|的|是不是|是|会不会|会|都|很|太|真的?|够|还|也|请问|想问|吃起来|用起来|穿起来|摸起来|能不能|能|可以)+"
)
_AFTER = re.compile(r"(?:[吗嘛么呢吧啊呀哈哦不没的]|没有|\W)+$")
_OF_SOMETHING_ELSE = re.compile(
    r"有[^一-龥]*$|^有[^能会]*$|还有|[现缺断补到囤备][货了]|库存|剩|[卖买拍订要来拿给留发送寄到达收价钱块贵退换赔修保赠付减折开改催取查推荐]|便宜|优惠|活动|包邮|上架|下架"
    r"|上新|多少$|几[个件条只台张块双盒瓶箱袋包斤款种样]|一样|可以$|^[行好在对是有要]$|[色码号款味装版型]$|什么时候|啥时候|多久|几天|客服|人工"
)
"""Words that ask for something else than what a thing is like, or for another variant of it (小盒装, 茶轴款)."""
_HOLDS_ONE = re.compile(
    r"有(?:没有)?(?P<part>(?![货券票人空卖样吗嘛么没不呢吧啊呀哦哈的了码号寸款色])[一-龥])(?:[吗嘛么不没]\W*|\W*)$"
)
"""有籽吗, 有没有核: one character is a part of it, hardly a thing that is sold."""
SURELY_STOCK = 0.9
"""Confidence from which a question for the stock is one, however it is worded."""


def asks_how_it_keeps(reading: Reading) -> bool:
    """到了能放几天, 保质期多久."""
    return _KEEPS.search(reading.text.text) is not None


def asks_what_is_enough(reading: Reading) -> bool:
    """5w30的几桶够, 两盒够不够用一个月: how much is needed for something, not whether the shop has so many."""
    text = reading.text.text
    counted = any(slot.type == "quantity" for slot in reading.slots)
    return _ENOUGH.search(text) is not None and (not counted or _FOR_SO_LONG.search(text) is not None)


def asks_how_it_is(reading: Reading) -> bool:
    """Whether the goods named or spoken of are asked about, and neither a value of theirs nor their stock (草莓甜吗,
    有籽吗, 生的熟的, 有几房肉)."""
    if not _has_goods(reading):
        return False
    said = without_courtesies(reading.text.text)
    rest = reading.parts.catalogue.words.besides_goods(said)
    if (held := _HOLDS_ONE.search(rest)) and not reading.parts.catalogue.words.is_value(held["part"]):
        return True
    if _COUNTS_PARTS.search(rest):
        return True
    if reading.intent.confidence >= SURELY_STOCK:
        return False
    if either := _ALTERNATIVES.search(said):
        values = [value for value in either.groups() if value]
        return bool(values) and not any(reading.parts.catalogue.words.is_value(value) for value in values)
    if not _WHETHER.search(rest) or any(slot.type in ("attribute", "quantity", "date") for slot in reading.slots):
        return False
    left = _AFTER.sub("", _LEADS.sub("", rest))
    return bool(left) and not _OF_SOMETHING_ELSE.search(left) and not reading.parts.catalogue.words.is_value(left)


def _has_goods(reading: Reading) -> bool:
    """Whether goods are named, or one was spoken of; not where only words that the shop has nothing for stand there."""
    state, meant = reading.state, reading.resolution
    if meant.near or (meant.kind == "none" and meant.unknown and meant.product):
        return False
    return bool(reading.alone.is_named or state.product) or len(state.products) == 1
