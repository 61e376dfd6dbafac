"""What was bought and is to be exchanged, and goods that are not sent back as others are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.values import Product
from kefu.core.decide.hearing.reading import Reading, named
from kefu.core.decide.orders.wishes import STATUS, asks_its_state
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.subjects import is_service
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import ruled_or_written, surely_written
from kefu.core.decide.written.ways_of_asking import KNOWLEDGE_INTENTS
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Entry

_HAD = re.compile(
    r"[买拍订](?:回来|来)?的(?!时候|话)|收到|拿到|到手|到货了|寄来|发来|[试穿戴铺挂](?:了|上|着|过|起来)|[试穿戴]的"
)
_MISFIT = re.compile(
    r"[偏太有]?[大小长短宽窄厚薄紧松肥瘦](?:了|一?点|些)|挤|勒|不合[适身脚]|不喜欢|不好看|不搭|[买拍选订]错"
)
_EXCHANGE = re.compile(
    r"(?:想|要|能|可以|得|[帮给]我|申请|怎么|如何|咋).{0,4}换"
    r"(?=\d|[a-z]|货|码|[成个双件条套款大小]|一[个双件条套款]|颜色|别的|其[他它]|[吗么嘛不没行呢,。!? ]|$)"
)
_OTHER_SIZE = re.compile(r"换(?:货|码|大|小|\d)")


def wants_an_exchange(text: str) -> bool:
    """Whether something that was received is to be exchanged (买的37小了想换38), not the other one bought."""
    wants = _HAD.search(text) and _EXCHANGE.search(text)
    return bool(wants and (_MISFIT.search(text) or _OTHER_SIZE.search(text)))


EXCHANGE = ("不合适可以换吗", "尺码不合适可以换吗", "可以换货吗")
"""However somebody asks who wants another one for what was bought."""


def exchanged(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written of exchanges, however it is worded; a person where its words ask for goods as well (买的37小了
    想换38), which would be answered else."""
    of_what_was_sent = _changes_what_was_sent(reading)
    if not (wants_an_exchange(reading.text.text) or of_what_was_sent):
        return None
    each = (ruled_or_written(reading, (way,), ports, emotion) for way in (reading.asked.query, *EXCHANGE))
    written = next((found for found in each if found and _tells_of_exchanges(found)), None)
    if written is None and reading.topic in KNOWLEDGE_INTENTS and not of_what_was_sent:
        return None
    answer = written or hand_off(reading, "policy", "what was bought is to be exchanged")
    goods = answer.product or named(reading.alone)  # 38有货吗 comes next
    return replace(answer, intent="after_sales", product=goods)


def _tells_of_exchanges(written: Decision) -> bool:
    """Whether a rule or an entry speaks of them, not of sending goods back only."""
    return any("换" in text for text in (written.reply, *(hit.entry.content for hit in written.hits[:1])))


_ANOTHER = re.compile(r"(?:能|可以|想|可不可以).{0,3}换(?!货?.{0,2}[运邮地快])[^,。?!]{1,8}的(?:[吗么嘛不]|行|可以|$)")


def _changes_what_was_sent(reading: Reading) -> bool:
    """Whether another variant of what has left is wished for (那能换滋润的吗, after an order was shown)."""
    sent = reading.state.slots.get(STATUS) in ("shipped", "delivered") and not reading.alone.is_named
    return sent and _ANOTHER.search(reading.text.text) is not None


_BACK = re.compile(r"退(?![烧休热色役出税伍]|.{0,2}(?:[定订押]金|尾款|差价))|无理由")
_OTHER_MATTERS = re.compile(r"[定订押]金|尾款|差价|运费|邮费|地址|退了|退给|寄回")
_MADE = re.compile(r"定制|定做|订做|订制|刻字|来图|来样|私人?订")
_VIRTUAL = re.compile(r"虚拟|充值|卡密|卡券|兑换码|激活码|电子[卡券码]|自动发货|年卡|月卡|会员卡")


def sent_back(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Whether a card or what is made for one customer can be sent back: what is written of such goods, else a person,
    not what holds for all others (刻字的能退吗)."""
    text = reading.text.text
    if not _BACK.search(text) or _OTHER_MATTERS.search(text) or asks_its_state(text) or reading.gives_order_facts:
        return None
    goods = _goods_meant(reading)
    if not goods or not all(is_of_its_own(product) for product in goods):
        return None
    written = surely_written(reading, ports, emotion)
    if written and written.rule_id == "" and _speaks_of(written.hits[0].entry, goods):
        return written
    own = ruled_or_written(reading, [entry.asked for entry in _own_entries(reading, goods)], ports, emotion)
    if own:
        return replace(own, intent=reading.topic, product=own.product or named(reading.alone))
    return hand_off(reading, "policy", f"{goods[0].spoken} is not sent back as other goods are")


def is_of_its_own(product: Product) -> bool:
    """Whether it is a card, or made for one customer: by a short name, or by its listing if it has a lead time."""
    if product.virtual:
        return not is_service(product)
    waits = any(variant.lead_time and variant.lead_time.day is None for variant in product.variants)
    told = " ".join((*product.aliases, *((product.name, product.description) if waits else ())))
    return _MADE.search(told) is not None


def _goods_meant(reading: Reading) -> Sequence[Product]:
    """The products that the message names, else the one spoken of."""
    if reading.alone.is_named:
        return reading.alone.products
    held = reading.follow.product or reading.state.product
    found = reading.parts.catalogue.thing(held.id) if held else None
    return (found,) if found else ()


def _speaks_of(entry: Entry, goods: Sequence[Product]) -> bool:
    """Whether an entry is written of these very goods or of their like."""
    told = " ".join((entry.title, entry.question, entry.content, *entry.tags))
    kinds = _VIRTUAL if all(product.virtual for product in goods) else _MADE
    of_these = all(product.id in entry.products for product in goods)
    return _BACK.search(told) is not None and (of_these or kinds.search(told) is not None)


def _own_entries(reading: Reading, goods: Sequence[Product]) -> list[Entry]:
    """What is written of these goods that says something of sending them back."""
    written = reading.parts.knowledge.of_product
    return [entry for entry in written.get(goods[0].id, ()) if _speaks_of(entry, goods)]
