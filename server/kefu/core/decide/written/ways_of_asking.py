"""Other words in which what a message asks may be written: without the goods, without 你家, in a shop's own terms."""

from __future__ import annotations

import re

from kefu.core.decide.goods.answer import GOODS_INTENTS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import (
    asks_a_fee,
    asks_for_work,
    asks_the_postage,
    bargains,
    names_an_occasion,
    occasion_in,
    offers_a_price,
    wants_a_gift,
)
from kefu.core.knowledge.index import fold
from kefu.core.places import resolve_place

KNOWLEDGE_INTENTS = (
    *("after_sales", "product_usage", "warranty", "invoice", "payment", "promotion", "virtual_goods", "complaint"),
)
SERVICE_INTENTS = tuple(intent for intent in KNOWLEDGE_INTENTS if intent != "product_usage")


def ways_of_asking(reading: Reading, text: str, size: str = "") -> list[str]:
    """The question, with that for the ``size`` where one is to be asked; also without 你家 before it, and where it is
    surely for a service what is asked without the goods: returns, invoices and prices are the same for all of them
    (碎花裙不想要了能退吗)."""
    asked = _QUOTED.sub(" ", text)
    ways = list(
        dict.fromkeys((text, asked, _OF_THE_SHOP.sub("", asked), reading.parts.catalogue.in_plain_words(asked)))
    )
    if day := day_of_offers(reading):
        ways.append(f"{day}有什么活动")
    if asks_the_postage(reading.text.text):
        ways.append(POSTAGE)
    if size:
        ways.append(size)
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


def day_of_offers(reading: Reading) -> str:
    """The day of which it is asked what is offered then; "" if none."""
    return occasion_in(reading.text.text) if reading.topic == "promotion" else ""


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


_OF_THE_SHOP = re.compile(r"^(?:你|您|咱)们?(?:家|店)(?:里|的)?(?=.{4})")


_QUOTED = re.compile(r"[写刻印]?[“\"「][^”\"」]{1,40}[”\"」]")
"""What is to be written, word for word, says nothing of what is asked (能写个卡片吗 写“生日快乐”)."""


POSTAGE = "包邮吗"
"""What is asked of postage beside the goods that it is asked of (一支润唇膏包邮吗)."""


FEE = "邮费多少"
"""What is asked of the place spoken of (要加钱啊)."""


GIFTS = ("有赠品吗",)


OFFERS = ("能便宜点吗", "有什么优惠活动")
"""However a customer bargains (便宜20块我就买; 送点啥不)."""


WORK = ("有上门安装吗", "安装费多少")
"""However somebody is asked to come and fit the goods (后天能来装吗)."""


LEAST_ASKED = 3
"""Characters that must be left of a question without the goods that it names, to be one."""
