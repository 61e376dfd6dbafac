"""A customer who looks around: what is sold here, what to give, what is popular. Answered from the catalogue."""

from __future__ import annotations

import re

from kefu.core.catalogue.answers.extremes import extreme_in
from kefu.core.decide.goods.answer import answer_browser
from kefu.core.decide.goods.by_price import asks_of_the_whole_shop
from kefu.core.decide.goods.meant import names_nothing
from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import gives_a_gift
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import surely_written
from kefu.core.emotion import Emotion
from kefu.core.intents import IntentResult

_WHAT = r"些?(?:什么|啥|哪些|哪几[种类样])(?:东西|商品|产品|宝贝|货|品类|种类)?(?=[呀啊呢吗的呐嘛,。!?~ ]|$)"
_WHAT_IS_SOLD = re.compile(
    rf"(?:卖|经营|出售)(?:的是|的|点)?{_WHAT}|主营|(?:店|家)(?:里|铺)?[都还]?(?:主要)?有{_WHAT}"
    r"|有些?(?:什么|啥|哪些)好?(?:东西|商品|产品|宝贝|品类|种类|卖的)|卖.{0,2}别的"
)
_SOMEBODY = "人|[男女]|朋友|对象|闺蜜|老[人师公婆爸妈]|[爸妈爷奶他她]|长辈|领导|同[事学]|客户|小?孩"
_SUGGESTION = re.compile(
    r"推荐(?!码|人|官|来的|购)|有(?:什么|啥)(?:好[的用吃看货]|新[品款])|好物|爆款|热[销卖]|卖得?最?[好火]|销量最?[高好]|人气|招牌|主打"
    rf"|送(?:{_SOMEBODY}).{{0,6}}(?:什么|啥|哪)|送.{{0,6}}(?:{_SOMEBODY}).{{0,12}}(?:以内|左右|上下|以下)|(?:想|要|打算|准备|预算|以内|左右).{{0,12}}礼[物品](?!.{{0,4}}[没不坏破到收退])|^买.{{0,4}}礼[物品]"
    r"|礼[物品].{0,10}(?:什么|啥|推荐|预算|以内|左右|合适|[买选挑送]哪)"
)
SURE_OF_ELSE = 0.7
"""Confidence from which the message is about an order or what was bought, however it is worded (要的礼物还没到)."""


def looks_around(text: str, heard: IntentResult) -> bool:
    """Whether a normalised message asks what there is to buy; ``heard`` is its intent by its role."""
    return not _is_about_what_was_bought(heard) and bool(_WHAT_IS_SOLD.search(text) or _SUGGESTION.search(text))


def _is_about_what_was_bought(heard: IntentResult) -> bool:
    return heard.label in (*ORDER_INTENTS, "after_sales", "complaint") and heard.confidence >= SURE_OF_ELSE


def browsing(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """An answer where no goods are named: something of each kind for a budget, else what the shop has written about
    it, else what is sold here."""
    text = reading.text.text
    sold = _WHAT_IS_SOLD.search(text) is not None
    if asks_of_the_whole_shop(text) and extreme_in(text):
        return answer_browser(reading, ports)
    suggests = _SUGGESTION.search(text) is not None or gives_a_gift(text)
    if not sold and not (suggests and names_nothing(reading)):
        return None
    if reading.resolution.products or _is_about_what_was_bought(reading.intent):
        return None
    answer = answer_browser(reading, ports)
    if answer.found or sold:
        return answer
    return surely_written(reading, ports, emotion) or answer
