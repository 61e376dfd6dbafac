"""The stage for customers who buy for a business or by the dozen: what the shop has written of wholesale."""

from __future__ import annotations

import re

from kefu.core.catalogue.phrases import is_measured
from kefu.core.decide.goods.packs import to_a_pack
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading, how_many
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import ruled_or_written
from kefu.core.emotion import Emotion

_ASKS_A_PRICE = re.compile(r"多少?钱|[什啥]么?价|价格|报价|单价|怎么[算卖]|优惠|便宜|[打折]折|多少一|能给")
_TRADES = re.compile(
    r"(?:修理厂|汽修|批发商|经销商|代理商|分销|饭店|餐馆|餐厅|酒店|民宿|食堂|学校|幼儿园|工厂|超市|网吧|门店|工地|单位|公司"
    r"|开(?:了|着|的)?[一个家]{0,2}[^,，。?！!]{0,4}[店馆铺](?!在))"
)
_IS_ENOUGH = re.compile("够|凑|齐|有货|现货")
"""Whether there are so many is told by the stock."""
_BUYS = re.compile(r"[要拿买订进采]|准备|打算")
MANY, MANY_FOR_A_TRADE = 50, 10
"""Pieces from which a customer, or one who says to buy for a business, is asked as a wholesale buyer."""
_IN_THE_SHOPS_WORDS = ("批发", "团购", "可以批发吗", "有团购价吗", "买得多有优惠吗")


def bulk(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The price of very many (100份什么价): the shop's rule or entry on wholesale, if it has one; its pieces' price
    times a hundred is not what is asked."""
    if not _wants_many(reading):
        return None
    return ruled_or_written(reading, _IN_THE_SHOPS_WORDS, ports, emotion)


def _wants_many(reading: Reading) -> bool:
    text = reading.text.text
    trades = _TRADES.search(text) is not None
    if not (
        _ASKS_A_PRICE.search(text)
        or (trades and _BUYS.search(text) and not (ASKS.search(text) or _IS_ENOUGH.search(text)))
    ):
        return False
    said = [
        slot for slot in reading.slots if slot.type == "quantity" and not is_measured(slot.value.lstrip("0123456789."))
    ]
    most = max((how_many(slot.normalised) / (to_a_pack(reading, slot.value) or 1) for slot in said), default=0)
    return most >= (MANY_FOR_A_TRADE if trades else MANY)
