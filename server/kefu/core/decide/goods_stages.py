"""Stages for goods: asked about in so many words, or by a flow that has decided so already."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.phrases import opening
from kefu.core.decide.beyond_data import answers_what_is_left, asks_beyond_data
from kefu.core.decide.choosing import asks_what_fits
from kefu.core.decide.fit import answers_the_year, asks_for_the_device
from kefu.core.decide.goods import GOODS_INTENTS, answer_goods
from kefu.core.decide.listed import shown
from kefu.core.decide.properties import (
    asks_a_figure,
    asks_a_property,
    asks_for_a_part,
    asks_for_what_none_has,
    asks_what_comes_along,
    only_value,
)
from kefu.core.decide.qualities import asks_how_it_is, asks_how_it_keeps, asks_what_is_enough
from kefu.core.decide.questions import ASKS
from kefu.core.decide.reading import Reading
from kefu.core.decide.reductions import asks_after_reductions, with_reductions
from kefu.core.decide.searching import POSTAGE, SERVICE_INTENTS
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.sums import adds_to_a_sum, asks_the_sum, puts_instead, takes_several
from kefu.core.decide.told import tells_more_of_a_claim, tells_of_use
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.wishes import (
    asks_a_fee,
    asks_for_work,
    asks_how_to,
    asks_the_carrier,
    asks_the_postage,
    gives_measures,
    last_mile,
    offers_a_price,
    puts_off,
    wants_a_gift,
    without_manual_work,
    without_postage,
)
from kefu.core.decide.written_stages import knowledge, ruled_or_written, surely, surely_written, together
from kefu.core.emotion import Emotion

_BOUGHT = re.compile(r"买回来|到手|收到|买的|装上|插上|用了")
_MEASURE = re.compile(r"有?多[重长高宽厚](?!时)|有几斤|几斤重|尺寸是?多")
_IN_ADVANCE = re.compile(
    r"(?:能|可以|可不可以|会)(?:不能|不会)?.{0,3}(?:通知|提醒|先拍|先下单|预[订定购])"
    r"|(?:到了|[到来补有]货了?|有了).{0,6}(?:通知|提醒|告诉|叫|喊)(?:我|一)|[给帮替]我(?:先)?预?留(?![个下]?(?:言|电话|地址|意))"
)
"""What the shop does before there is something (到了能不能通知我, 给我留一个), not whether it is there."""
_IS_IT_THERE = re.compile(
    r"有没|^(?:你们?家?|店里)?还?有.{1,8}[吗么嘛没不]|有[货吗么嘛不]|有.{1,10}[的款色][吗么嘛不]|[还没缺断补到现]货|还有|库存|[卖买拍订来发送价钱块贵]"
    r"|(?<![主需只重])要|多少|几[个件条只台张块](?!一)|便宜|预算|以[内下上]"
)
IN_SHORT = 12
"""Characters up to which a question with such a word (鼠标有货吗) asks just that."""
SURE_OF_STOCK = 0.7
"""Confidence under which a question without any such word is not taken for one about stock."""
_STILL_THERE = re.compile(r"还有.{0,4}[吗嘛没不么]|有没有\W*$|有货|现货|库存|卖不卖|在卖|卖吗")

_BUYS = re.compile(r"^(?:那|亲|你好)?我?(?:想|要|就要?|准备)(?:买|拍|入手|下单)(?![了的过错大小贵回来多])")
_CHOOSES = re.compile(r"^(?:那就?|算了|行|好的?|嗯|还是|就|我|,| )*(?:要|来|拿|给我)(?!求|是|不|人)")
"""One of the things spoken of is chosen (算了还是要浓香的 三盒)."""
_JUST_THAT = re.compile(r"(?:请问|你好|亲)?(?:你们|店里)?还?有(?:没有)?现?货?[吗么嘛没不的了呢]*")
"""What is said of goods besides their name where it is only asked whether they are there (坚果礼盒还有吗)."""


def goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Stock, price, delivery, compatibility."""
    answer = _goods(reading, ports, emotion)
    return with_reductions(reading, ports, emotion, answer) if answer else None


def _goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    intent = reading.topic
    chooses = _CHOOSES.search(reading.text.text) is not None and _has_it(reading)
    asked = reading.parts.knowledge.is_asked(reading.asked.query)
    if asked and (written := surely_written(reading, ports, emotion)):
        return written
    if tells_more_of_a_claim(reading):
        return hand_off(reading, "policy", "more is told of a claim")
    if intent in ("stock_query", "price_query") and tells_of_use(reading):
        return knowledge(reading, ports, emotion)
    fits = answers_the_year(reading) or asks_for_the_device(reading, shown(reading))
    if fits:
        intent = "compatibility"
    elif intent == "compatibility" and _chooses_a_variant(reading):
        intent = "stock_query"  # 不对 我那个是纯电的
    how_to = intent == "compatibility" and asks_how_to(reading.text.text)
    if how_to and (written := knowledge(reading, ports, emotion)) and written.found:
        return written
    if intent not in GOODS_INTENTS:
        named_outright = reading.resolution.is_outright
        unsure = reading.intent.confidence < SURE_OF_STOCK and intent not in SERVICE_INTENTS
        still_there = (unsure or intent == "virtual_goods") and _STILL_THERE.search(reading.text.text)
        still_there = still_there or _JUST_THAT.fullmatch(
            reading.parts.catalogue.words.besides_goods(reading.asked.query)
        )
        if (named_outright and reading.alone.how == "code") or (reading.alone.is_named and still_there):
            return answer_goods(reading, ports, "stock_query")
        if puts_instead(reading):
            return answer_goods(reading, ports, "stock_query")
        buys = _BUYS.search(reading.text.text) is not None and bool(reading.resolution.products)
        if reading.alone.is_named and adds_to_a_sum(reading.text.text):
            return answer_goods(reading, ports, "price_query")  # 配的底盒也要两个 一起算
        if asks_the_sum(reading.text.text) and asks_after_reductions(reading.text.text) and takes_several(reading):
            return answer_goods(reading, ports, "price_query")
        if not (buys or chooses) and not (named_outright and reading.asks_nothing and not reading.sure):
            return None
        intent = "stock_query"
    if asks_the_fee(reading) or (intent != "compatibility" and asks_for_work(reading.text.text)):
        return knowledge(reading, ports, emotion)
    if intent != "compatibility" and (asks_for_a_part(reading) or asks_what_comes_along(reading)):
        return knowledge(reading, ports, emotion)
    if intent in ("stock_query", "price_query") and asks_beyond_data(reading):
        written = knowledge(reading, ports, emotion)
        if written and written.found and answers_what_is_left(reading, written.hits[0], surely(written)):
            return written
    comes = _COMES.search(reading.text.text) is not None
    if intent == "delivery_query" and not reading.place and (comes or last_mile(reading.text.text)):
        written = knowledge(reading, ports, emotion)
        if written and written.found:
            return written
    if intent == "stock_query" and asks_for_what_none_has(reading):
        return surely_written(reading, ports, emotion)
    if intent != "compatibility" and _asks_what_it_holds(reading):
        written = knowledge(reading, ports, emotion)
        if written or not reading.resolution.unknown:  # 有奶粉吗, after a cream, asks for another thing
            return written
    if _OF_THE_PARCEL.search(reading.text.text):
        return knowledge(reading, ports, emotion)  # 别把价格单放里面
    if intent != "compatibility" and asks_how_it_keeps(reading):
        return None
    if asks_what_is_enough(reading) and (written := knowledge(reading, ports, emotion)):
        return written
    if intent in ("stock_query", "price_query") and _asks_what_it_is_like(reading):
        return None
    if intent == "delivery_query" and not (reading.place or reading.when) and asks_how_it_is(reading):
        return None  # 两盒到宁波明天能到吗 … 野生的还是养殖的
    of_a_sum = reading.alone.is_named or takes_several(reading)
    if intent == "price_query" and _VOUCHER.search(reading.text.text) and not of_a_sum:
        return knowledge(reading, ports, emotion)  # 用券多少
    if intent == "price_query" and _SINGLY.search(reading.text.text):
        written = ruled_or_written(reading, _MAY_BE_BOUGHT_SINGLY, ports, emotion)
        if written:
            return written
    if intent == "delivery_query" and (_CASH.search(reading.text.text) or puts_off(reading.text.text)):
        return knowledge(reading, ports, emotion)
    if _OF_HEALTH.search(reading.text.text) and not reading.alone.is_named:
        return knowledge(reading, ports, emotion)  # 糖尿病能吃的有吗: no stock answers that
    if _asks_a_favour(reading) or (wants_a_gift(reading.text.text) and not reading.alone.is_named):
        return knowledge(reading, ports, emotion)
    if intent == "stock_query" and _FIT_TO_BUY.search(reading.text.text):
        return knowledge(reading, ports, emotion)  # 养猫能买布艺床吗
    if intent in ("stock_query", "price_query") and _asks_whether_it_will_do(reading):
        return knowledge(reading, ports, emotion)
    if intent in ("stock_query", "price_query") and offers_a_price(reading.text.text):
        written = knowledge(reading, ports, emotion)
        if written:
            return _with_the_price(reading, ports, written)
    if intent == "compatibility" and not fits and not (asks_what_fits(reading) and _speaks_of_a_device(reading)):
        return surely_written(reading, ports, emotion)
    if intent == "compatibility" and "够" in reading.text.text:
        return knowledge(reading, ports, emotion)  # 这一桶够吗 asks how many, not what fits
    if not fits and intent in ("compatibility", "stock_query") and _asks_for_a_feature(reading):
        return None
    if not (fits or reading.follow.keeps_intent or reading.sure or chooses or _about_goods(reading)):
        return None
    unsure = not reading.sure and ASKS.search(reading.text.text) is not None  # 气垫的芯可以单独买吗
    in_other_words = intent != "compatibility" and (unsure or not _in_so_many_words(reading, intent))
    written = knowledge(reading, ports, emotion) if in_other_words else None
    if written and (surely(written) or (intent == "delivery_query" and together(written))):
        return written
    if written and written.found and reading.intent.confidence < reading.parts.thresholds.guess:
        return written  # only what was spoken of before made it a question about goods
    answer = answer_goods(reading, ports, intent)
    if in_other_words and answer.missing and _asks_no_choice(reading):
        return written if written and written.found else None
    if not answer.found and reading.resolution.unknown and answer.missing == ("product",):
        if written := surely_written(reading, ports, emotion):  # 有兰蔻吗: what the shop says of what it has not
            return written
        if _tells_of_oneself(reading) or asks_a_property(reading):
            return None
    if answer.missing == ("product",) and reading.state.last_turn.route == "rule" and reading.alone.is_nothing:
        return knowledge(reading, ports, emotion)  # 上楼费怎么收 … 那6楼一共要加多少
    if intent == "compatibility" and answer.handoff_reason and answer.found:
        return surely_written(reading, ports, emotion) or answer  # the data do not say, the shop may have written it
    if not answer.found and not answer.handoff_reason and _may_be_written(reading, answer):
        written = knowledge(reading, ports, emotion)
        if intent == "compatibility":  # 我想加内存 asks nothing: the device is asked for
            return written if written and ASKS.search(reading.text.text) else answer
        if written and (surely(written) or (written.found and _nothing_to_look_up(reading, answer))):
            return written
    if intent == "price_query" and asks_the_postage(reading.text.text):
        answer = _and_the_postage(reading, ports, emotion, answer)
    return _told_before(reading, only_value(reading), answer)


def _and_the_postage(reading: Reading, ports: Ports, emotion: Emotion, answer: Decision) -> Decision:
    """``answer`` with what is written about postage behind it (这些一共多少 包邮吗)."""
    written = ruled_or_written(reading, (POSTAGE,), ports, emotion) if answer.found and not answer.missing else None
    if written is None or written.handed_off:
        return answer
    return replace(answer, reply=f"{answer.reply}\n{written.reply}", sources=written.sources, hits=written.hits)


def _told_before(reading: Reading, told: str, answer: Decision) -> Decision:
    """``answer`` with what is ``told`` in front of it, behind the address."""
    if not told or not answer.found:
        return answer
    head = opening(reading.parts.voice.address or "您")
    return replace(answer, reply=f"{head}{told}{answer.reply.removeprefix(head)}")


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


def _asks_no_choice(reading: Reading) -> bool:
    """A question about the goods spoken of that names none of them and no value (断电了还出粮吗): which one is meant
    would be asked in vain."""
    chooses = reading.place or reading.follow.ordinal or any(slot.type == "attribute" for slot in reading.slots)
    hardly = reading.intent.confidence < SURE_OF_STOCK and bool(reading.state.product or reading.state.products)
    return hardly and not chooses and not reading.alone.is_named and ASKS.search(reading.text.text) is not None


def _chooses_a_variant(reading: Reading) -> bool:
    """A value of the product spoken of is said, or asked for (那S9pro的有没有): which variant it is to be, not whether
    it fits."""
    names_a_device = reading.parts.compatibility.find_device(reading.asked.query).kind != "none"
    text = reading.text.text
    asks_else = ASKS.search(text) is not None and _STILL_THERE.search(text) is None
    return not names_a_device and not asks_else and _has_it(reading)


def _has_it(reading: Reading) -> bool:
    """Whether the product spoken of has the values that the message names."""
    held, catalogue = reading.follow.product or reading.state.product, reading.parts.catalogue
    found = catalogue.thing(held.id) if held else None
    return bool(found and catalogue.having(reading.asked.query, [found]))


_FEATURE = re.compile(
    r"支(?:不支)?持(?![7七]天|无理由|[退换]|货到|花呗|分期|自提|开|微信|信用).{1,8}[吗么嘛不没?]|几个(?:[usb-]*口|孔|档|插|按|键|头)"
    r"|自?带(?:不带)?(?:保温|线|灯|电池|遥控)"
)


def _asks_for_a_feature(reading: Reading) -> bool:
    """What the goods spoken of are like, where no device is named (支持磁吸吗, 几个口): in their facts, if anywhere."""
    text = reading.text.text
    if not _FEATURE.search(text) or _STILL_THERE.search(text) or not (reading.alone.product or reading.follow.product):
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
    if not (_WILL_DO.search(text) and _OF_A_BODY.search(text)) or _STILL_THERE.search(text):
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
    return not (catalogue.words.is_value(what) or catalogue.category_in(what) or _has_it(reading))


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


SURE_OF_GOODS = 0.5


def _tells_of_oneself(reading: Reading) -> bool:
    """Nothing is asked for in so many words (我大油田 还长闭口), and it was hardly taken for a question about goods."""
    unsure = reading.intent.confidence < SURE_OF_GOODS
    return unsure and not _IS_IT_THERE.search(reading.text.text) and not reading.asks_nothing


def _nothing_to_look_up(reading: Reading, answer: Decision) -> bool:
    """No goods are named, here or before, and it is not asked whether something is there: what is written near it
    helps more than the question which goods are meant (能去仓库自提不)."""
    text = reading.text.text
    named = reading.resolution.is_named or reading.state.product or reading.state.products
    return answer.missing == ("product",) and not named and not _IS_IT_THERE.search(text)


_ASKED_OUTRIGHT = {
    "stock_query": re.compile(
        r"有没|还有|有[货吗么嘛没不]|有.{1,10}[吗么嘛没不]"
        r"|(?:什么时候|啥时候|几时|何时|多久|哪天|几[号天]).{0,3}(?:有|[来到补]货)"
        r"|[啥么些几]种?(?:颜色|色|尺码|规格|款式?|口味|型号)|[还没缺断补到现]货|库存|剩|[卖买拍订来]|(?<![主需只重])要|几[个件条只台张块双]"
    ),
    "price_query": re.compile(
        r"多少?钱|价|几块|[怎咋]么?卖|几多|便宜(?:一?[点些]儿?)?的|最便宜|最贵|[块元]|[一总]共|合计"
        r"|[\d一两二三四五六七八九十半] ?[一-鿿]{1,2}多少[呢啊呀]?\W*$"
    ),
    "delivery_query": re.compile(r"几[天号日]|多久|什么时候|啥时候|何时|哪天|[能会要才]到|[送寄发]到|到货|时效"),
}


def _in_so_many_words(reading: Reading, intent: str) -> bool:
    """Whether the message asks just that, or only chooses; 羊绒大衣含绒多少 asks no price."""
    text = reading.text.text
    if reading.asks_nothing or _ASKED_OUTRIGHT[intent].search(text):
        return True
    asks = ASKS.search(text) is not None or gives_measures(text)
    return not asks or (intent == "delivery_query" and reading.place is not None)


def _may_be_written(reading: Reading, answer: Decision) -> bool:
    """The data do not answer, but the shop may have written down what does: of a new question what to do where they
    know no device or no such product (台式机的条子笔记本能用吗); else where nothing is named (能发顺丰吗), or the
    message goes on about what was written (加钱也行)."""
    text = reading.text.text
    in_so_many_words = answer.intent != "compatibility" and len(text) <= IN_SHORT and _IS_IT_THERE.search(text)
    if not (reading.state.pending or reading.follow.keeps_intent or answer.product or in_so_many_words):
        return True
    goes_on = reading.state.last_turn.route in ("knowledge", "rule") or reading.parts.written.alike(reading.text.text)
    return answer.missing == ("product",) and goes_on


def forced_goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The flow has decided already that this is about goods (Dify's classifier, or the stock workflow)."""
    intent = reading.follow.intent if reading.follow.intent in GOODS_INTENTS else "stock_query"
    return answer_goods(reading, ports, intent)


def _asks_what_it_is_like(reading: Reading) -> bool:
    """Taken for a question whether it is there, and is none: 灯条有多高, 能刻个名字不, 硬盘买回来只有931G."""
    text = reading.text.text
    if _MEASURE.search(text) or _IN_ADVANCE.search(text) or asks_how_it_is(reading) or asks_a_figure(reading):
        return True
    if _ADDED.search(text):
        return False
    if reading.intent.confidence >= SURE_OF_STOCK or reading.asks_nothing or reading.state.pending:
        return False
    if _BOUGHT.search(text):
        return True
    goes_on = reading.state.last_turn.route == "llm"
    return _IS_IT_THERE.search(text) is None and (goes_on or ASKS.search(text) is not None)


def asks_the_fee(reading: Reading) -> bool:
    """What sending or work costs, and by whom it is sent, is in no data of goods: the shop has written it down."""
    label, text = reading.intent.label, reading.text.text
    if asks_the_carrier(text) or (
        asks_the_postage(text) and not _ASKED_OUTRIGHT["price_query"].search(without_postage(text))
    ):
        return True
    if label == "price_query" and not reading.alone.is_named and without_manual_work(text) != text:
        return True
    asks = label == "delivery_query" or (label == "price_query" and reading.state.place != "")
    return asks and asks_a_fee(text) and not (label == "price_query" and asks_the_sum(text))


def _about_goods(reading: Reading) -> bool:
    """An unsure intent about goods is believed when the text or the conversation names something to be asked about."""
    named_here = reading.resolution.kind != "none" or bool(reading.resolution.candidates)
    named_here = named_here or any(slot.type == "attribute" for slot in reading.slots)
    return named_here or reading.follow.is_follow_up or bool(reading.follow.product)
