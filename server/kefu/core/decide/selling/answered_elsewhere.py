"""Questions that sound as if the stock, a price or a delivery answered them, and where each of them is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from kefu.core.decide.goods.adding import asks_the_sum
from kefu.core.decide.goods.answer import GOODS_INTENTS, answer_goods
from kefu.core.decide.goods.asked_outright import ASKED_OUTRIGHT, IS_IT_THERE, STILL_THERE, SURE_OF_STOCK, has_it
from kefu.core.decide.goods.beyond_data import answers_what_is_left, asks_beyond_data
from kefu.core.decide.goods.choosing import asks_what_fits
from kefu.core.decide.goods.fit import answers_the_year, asks_for_the_device
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.goods.properties import (
    asks_a_figure,
    asks_for_a_part,
    asks_for_what_none_has,
    asks_what_comes_along,
)
from kefu.core.decide.goods.qualities import asks_how_it_is, asks_how_it_keeps, asks_what_is_enough
from kefu.core.decide.goods.sums import takes_several
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import (
    asks_a_fee,
    asks_for_work,
    asks_the_carrier,
    asks_the_postage,
    last_mile,
    offers_a_price,
    puts_off,
    wants_a_gift,
    without_manual_work,
    without_postage,
)
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import knowledge, ruled_or_written, surely, surely_written
from kefu.core.emotion import Emotion

Asks = Callable[[Reading], bool]
Answers = Callable[[Reading, Ports, Emotion], Decision | None]

ANY = frozenset(GOODS_INTENTS)
A_FIT = frozenset({"compatibility"})
NO_FIT = ANY - A_FIT
STOCK, PRICE, DELIVERY = (frozenset({intent}) for intent in ("stock_query", "price_query", "delivery_query"))


@dataclass(frozen=True, slots=True)
class Question:
    """What is ``asked`` in messages that sound like ``intents``, and what ``answers`` it.

    ``goes_on``: where nothing answers it, it is taken for a question about goods after all, else left to the stages
    after that.
    """

    intents: frozenset[str]
    asked: Asks
    answers: Answers
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The answer to a question that is none about goods; None leaves it to the stages after goods."""

    decision: Decision | None


def answered_elsewhere(reading: Reading, ports: Ports, emotion: Emotion, intent: str) -> Elsewhere | None:
    """The answer to the first of `QUESTIONS` that is asked; None for a question about goods."""
    for question in QUESTIONS:
        if intent in question.intents and question.asked(reading):
            decision = question.answers(reading, ports, emotion)
            if decision or not question.goes_on:
                return Elsewhere(decision)
    return None


def asks_what_several_cost(reading: Reading) -> bool:
    """Whether it is asked what several things cost together."""
    return asks_the_sum(reading.text.text) and takes_several(reading)


def speaks_of_a_fit(reading: Reading) -> bool:
    """Whether the year of a device or the device itself is told or asked for, whatever else the message asks."""
    return answers_the_year(reading) or asks_for_the_device(reading, shown(reading))


_BOUGHT = re.compile(r"买回来|到手|收到|买的|装上|插上|用了")
_VOLTS = re.compile(r"(?<![\da-z.])\d{1,3} ?(?:v|伏特?)(?![a-z\d])")
"""What goods run on (24v的能用吗): in their facts, if anywhere, whatever the device."""
_READY = re.compile("(?:做|加工|定制|打磨|印|刻)[好完]")
"""Asks when what is made to order is ready, wherever it goes (几天能做好)."""
_MEASURE = re.compile(r"有?多[重长高宽厚](?!时)|有几斤|几斤重|尺寸是?多")
_IN_ADVANCE = re.compile(
    r"(?:能|可以|可不可以|会)(?:不能|不会)?.{0,3}(?:通知|提醒|先拍|先下单|预[订定购])"
    r"|(?:到了|[到来补有]货了?|有了).{0,6}(?:通知|提醒|告诉|叫|喊)(?:我|一)|[给帮替]我(?:先)?预?留(?![个下]?(?:言|电话|地址|意))"
)
"""What the shop does before there is something (到了能不能通知我, 给我留一个), not whether it is there."""


def _with_the_price(reading: Reading, ports: Ports, written: Decision) -> Decision:
    """What is written about offers, behind the price of the goods whose lowest one is asked (40的最低多少)."""
    if not (reading.alone.is_outright and written.reply and _HOW_LOW.search(reading.text.text)):
        return written
    price = answer_goods(reading, ports, "price_query")
    if not price.found or price.handoff_reason:
        return written
    return replace(price, reply=f"{price.reply}\n{written.reply}", sources=written.sources, hits=written.hits)


_HOW_LOW = re.compile("最低.{0,2}(?:多少|几|价)")


_DEVICE = re.compile(
    r"[一-鿿]用(?:不了|得了)|(?:能|可以|能不能|可不可以)用(?!来|于|在|多|几|到|[一-鿿]?[年月天])|兼容|适[配合用]|匹配|通用|支持|配[得套]?[上吗不]|装[得不]?[上了]|能[装插配]"
    r"|可以[装插配]|型号|[哪什啥].{0,2}(?:款|种|个|么)|我(?:的|家|这|那|有)"
)


_OF_USE = re.compile(r"(?:能|可以)(?:用来|拿来|用于)")


def _speaks_of_a_device(reading: Reading) -> bool:
    """Whether it is asked if something fits another thing, not what can be done with it (能用来打墙吗). Of goods that
    only pairs are about, in so many words: two pairs make no question of a fit of 能打瓷砖吗."""
    compatibility, text = reading.parts.compatibility, reading.text.text
    found = compatibility.find_device(reading.asked.query)
    if found.kind != "none" or found.unknown or reading.state.attributes.get("device"):
        return True
    goods = reading.alone.products or shown(reading)
    only_pairs = bool(goods) and not any(product.category in compatibility.categories for product in goods)
    return not _OF_USE.search(text) and (not only_pairs or _DEVICE.search(text) is not None)


_FEATURE = re.compile(
    r"支(?:不支)?持(?![7七]天|无理由|[退换]|货到|花呗|分期|自提|开|微信|信用).{1,8}[吗么嘛不没?]|几个(?:[usb-]*口|孔|档|插|按|键|头)"
    r"|自?带(?:不带)?(?:保温|线|灯|电池|遥控)"
)


def _asks_for_a_feature(reading: Reading) -> bool:
    """What the goods spoken of are like, where no device is named (支持磁吸吗, 几个口): in their facts, if anywhere."""
    text = reading.text.text
    if not _FEATURE.search(text) or STILL_THERE.search(text) or not (reading.alone.product or reading.follow.product):
        return False
    devices = reading.parts.compatibility
    return devices.find_device(reading.asked.query).kind == "none" and not any(s.type == "model" for s in reading.slots)


_COMES = re.compile(
    r"(?:能|可以|可不可以|能不能)(?:直接|自己)?(?:过去|去|来|过来)(?:[你咱]们?店|店里|门店)?[吗么嘛不没]|到店|去店里"
)
"""The customer comes (周末能去吗, of a voucher): nothing is sent."""
_ADDED = re.compile(r"^(?:那|要不)*(?:再[加来要配拿]|加[个一上]|配[个一])(?!什么|啥|哪)")
_VOUCHER = re.compile("[用领有]完?券|券后|优惠券|满减|凑单|折后")
_SINGLY = re.compile("(?:分开|拆开|单独|单件)[买卖拍]|单[买卖拍](?!价)")
_MAY_BE_BOUGHT_SINGLY = ("套装可以单买吗", "可以单独买吗")
"""What the parts of a set cost is in no data of the set (分开买一共多少)."""
_CASH = re.compile("到付|货到付款")
_FIT_TO_BUY = re.compile(r"[一-鿿]{2}(?<![还在你们我天家店])(?:能|可以|适合|值得|应该)买(?!到).{0,10}[吗么嘛不没]")
_WILL_DO = re.compile(
    r"凑合|将就|合适[吗么不]|(?:穿|戴|用|坐)(?:得|不)?[得不]?[下上了][吗么不没]|够[长大宽高深][吗么不]|[偏太]?[大小][吗么不]\W*$"
)
_OF_A_BODY = re.compile(r"\d(?:\.\d)?(?:斤|公斤|kg|cm|厘米|公分)|岁|个月|身高|体重|\d米\d")


def _asks_whether_it_will_do(reading: Reading) -> bool:
    """A size of what was spoken of is tried on somebody (那xl能凑合吗 宝宝22斤): neither its stock nor another size."""
    text = reading.text.text
    if not (_WILL_DO.search(text) and _OF_A_BODY.search(text)) or STILL_THERE.search(text):
        return False
    return bool(reading.state.product or reading.alone.is_named)


_HOLDS = re.compile(
    r"(?:含|有|带|加了?)(?:没有)?(?P<what>[一-鿿a-z]{2,8}?)(?:没有?|吗|不|么|嘛)(?:这款|这个)?[?？。!]*$"
)
_OF_THE_SHOP = re.compile(
    r"货|库存|券|优惠|活动|发票|运费|赠|送|别的|其[他它]|新[款品]|颜色|尺码|大小|规格|款式|型号|[便贵大小长短厚薄]的?$|^这|^那"
)
_OF_THE_PARCEL = re.compile(
    r"(?:别|不要|不用|勿)(?:给我|帮我)?[把将].{1,8}(?:放|写|装|附|夹|贴)|(?:价格单|小票|发货单|购物清单).{0,4}(?:别|不|放)"
)
"""What is to be put into the parcel, or not: no question what the goods cost."""
SHORT_QUESTION = 14


def _asks_what_it_holds(reading: Reading) -> bool:
    """What the thing spoken of contains or comes with (有酒精香精没): in its facts or in writing, no thing itself."""
    held = reading.follow.product or reading.state.product
    asked = _HOLDS.search(reading.text.text) if held and len(reading.text.text) <= SHORT_QUESTION else None
    if not asked or reading.alone.kind != "none" or reading.alone.candidates or _OF_THE_SHOP.search(asked["what"]):
        return False
    catalogue, what = reading.parts.catalogue, asked["what"].removesuffix("的")
    return not (catalogue.words.is_value(what) or catalogue.category_in(what) or has_it(reading))


_OF_HEALTH = re.compile(
    "糖尿病|[高低]血[糖压脂]|三高|痛风|尿酸|怀孕|孕妇|孕期|备孕|哺乳|喂奶|坐月子|过敏|哮喘|湿疹|皮炎|胃病|胃不好|肾病|心脏病|甲状腺|乳糖不耐|忌口|术后|化疗"
)
_FAVOUR = re.compile(
    r"^(?:那|亲|请问|你们?家?|再)*(?:能不能|可不可以|可以|能|会|帮我?|给)(?:不能|不可以)?(?:帮我?|给我?|免费|代|一起|另外)*"
    r"(?!.{0,2}(?:[买拍发送寄到订换退用装看查要卖]|便宜|优惠|少))[一-龥]{2,8}[吗嘛么不没]\W*$"
)


def _asks_a_favour(reading: Reading) -> bool:
    """Something is to be done with the goods (能写卡片吗), and what it needs is no thing that is looked for here."""
    return bool(reading.resolution.unknown) and _FAVOUR.search(reading.text.text) is not None


def _asks_what_it_is_like(reading: Reading) -> bool:
    """Taken for a question whether it is there, and is none: 灯条有多高, 能刻个名字不, 硬盘买回来只有931G."""
    text = reading.text.text
    if asks_what_several_cost(reading) or (reading.alone.is_named and STILL_THERE.search(text)):
        return False
    if _MEASURE.search(text) or _IN_ADVANCE.search(text) or asks_how_it_is(reading) or asks_a_figure(reading):
        return True
    if _ADDED.search(text):
        return False
    if reading.intent.confidence >= SURE_OF_STOCK or reading.asks_nothing or reading.state.pending:
        return False
    if _BOUGHT.search(text):
        return True
    goes_on = reading.state.last_turn.route == "llm"
    return IS_IT_THERE.search(text) is None and (goes_on or ASKS.search(text) is not None)


def _asks_the_fee(reading: Reading) -> bool:
    """What sending or work costs, and by whom it is sent, is in no data of goods: the shop has written it down."""
    label, text = reading.intent.label, reading.text.text
    if asks_the_carrier(text) or (
        asks_the_postage(text) and not ASKED_OUTRIGHT["price_query"].search(without_postage(text))
    ):
        return True
    if label == "price_query" and not reading.alone.is_named and without_manual_work(text) != text:
        return True
    asks = label == "delivery_query" or (label == "price_query" and reading.state.place != "")
    return asks and asks_a_fee(text) and not (label == "price_query" and asks_the_sum(text))


def _comes_or_is_near(reading: Reading) -> bool:
    return _COMES.search(reading.text.text) is not None or bool(last_mile(reading.text.text))


def _says(pattern: re.Pattern[str]) -> Asks:
    return lambda reading: pattern.search(reading.text.text) is not None


def _of_other_stages(_reading: Reading, _ports: Ports, _emotion: Emotion) -> None:
    """What goods are like is found in their facts, which the stages after goods look into."""


def _found(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    written = knowledge(reading, ports, emotion)
    return written if written and written.found else None


def _what_is_left(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    written = _found(reading, ports, emotion)
    return written if written and answers_what_is_left(reading, written.hits[0], surely(written)) else None


def _may_be_bought_singly(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    return ruled_or_written(reading, _MAY_BE_BOUGHT_SINGLY, ports, emotion)


def _offers(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    written = knowledge(reading, ports, emotion)
    return _with_the_price(reading, ports, written) if written else None


def _asks_another_thing(reading: Reading) -> bool:
    """有奶粉吗, after a cream: it holds none, but may be sold."""
    return _asks_what_it_holds(reading) and bool(reading.resolution.unknown)


def _pays_with_vouchers(reading: Reading) -> bool:
    of_a_sum = reading.alone.is_named or takes_several(reading)
    return not of_a_sum and _VOUCHER.search(reading.text.text) is not None


def _names_no_delivery_and_asks_how_it_is(reading: Reading) -> bool:
    """两盒到宁波明天能到吗 … 野生的还是养殖的."""
    return not (reading.place or reading.when) and asks_how_it_is(reading)


def _asks_no_fit(reading: Reading) -> bool:
    """Taken for a question whether it fits, and names nothing that it could fit."""
    return not speaks_of_a_fit(reading) and not (asks_what_fits(reading) and _speaks_of_a_device(reading))


QUESTIONS: tuple[Question, ...] = (
    Question(ANY, _asks_the_fee, knowledge),
    Question(NO_FIT, lambda reading: asks_for_work(reading.text.text), knowledge),
    Question(NO_FIT, lambda reading: asks_for_a_part(reading) or asks_what_comes_along(reading), knowledge),
    Question(STOCK | PRICE, asks_beyond_data, _what_is_left, goes_on=True),
    Question(DELIVERY, lambda reading: not reading.place and _comes_or_is_near(reading), _found, goes_on=True),
    Question(STOCK, asks_for_what_none_has, surely_written),
    Question(NO_FIT, _asks_another_thing, knowledge, goes_on=True),
    Question(NO_FIT, lambda reading: _asks_what_it_holds(reading) and not reading.resolution.unknown, knowledge),
    Question(ANY, _says(_OF_THE_PARCEL), knowledge),  # 别把价格单放里面
    Question(NO_FIT, asks_how_it_keeps, _of_other_stages),
    Question(ANY, asks_what_is_enough, knowledge, goes_on=True),
    Question(
        STOCK | PRICE,
        lambda reading: not asks_what_several_cost(reading) and _asks_what_it_is_like(reading),
        _of_other_stages,
    ),
    Question(
        DELIVERY, lambda reading: not (reading.place or reading.when) and asks_how_it_is(reading), _of_other_stages
    ),
    Question(DELIVERY, _says(_READY), surely_written, goes_on=True),
    Question(PRICE, _pays_with_vouchers, knowledge),  # 用券多少
    Question(PRICE, _says(_SINGLY), _may_be_bought_singly, goes_on=True),
    Question(DELIVERY, lambda reading: _says(_CASH)(reading) or puts_off(reading.text.text), knowledge),
    Question(ANY, lambda reading: _says(_OF_HEALTH)(reading) and not reading.alone.is_named, knowledge),
    Question(ANY, _asks_a_favour, knowledge),
    Question(ANY, lambda reading: wants_a_gift(reading.text.text) and not reading.alone.is_named, knowledge),
    Question(STOCK, _says(_FIT_TO_BUY), knowledge),  # 养猫能买布艺床吗
    Question(STOCK | PRICE, _asks_whether_it_will_do, knowledge),
    Question(STOCK | PRICE, lambda reading: offers_a_price(reading.text.text), _offers, goes_on=True),
    Question(A_FIT, _says(_VOLTS), _of_other_stages),
    Question(A_FIT, _asks_no_fit, surely_written),
    Question(A_FIT, lambda reading: "够" in reading.text.text, knowledge),  # 这一桶够吗 asks how many, not what fits
    Question(A_FIT, lambda reading: not speaks_of_a_fit(reading) and _asks_for_a_feature(reading), _of_other_stages),
    Question(STOCK, _asks_for_a_feature, _of_other_stages),
)
