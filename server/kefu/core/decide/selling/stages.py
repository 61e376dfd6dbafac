"""Stages for goods: asked about in so many words, or by a flow that has decided so already."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.phrases import opening
from kefu.core.decide.goods.adding import adds_to_a_sum
from kefu.core.decide.goods.another_of_its_kind import ASKS_THE_PRICE_ALONE, another_of_its_kind
from kefu.core.decide.goods.answer import GOODS_INTENTS, answer_goods
from kefu.core.decide.goods.asked_outright import ASKED_OUTRIGHT, IS_IT_THERE, STILL_THERE, SURE_OF_STOCK, has_it
from kefu.core.decide.goods.properties import (
    asks_a_property,
    only_value,
)
from kefu.core.decide.goods.replaced import puts_instead
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.told import tells_more_of_a_claim, tells_of_use
from kefu.core.decide.hearing.wishes import (
    asks_how_to,
    asks_the_postage,
    gives_measures,
    offers_a_price,
)
from kefu.core.decide.selling.answered_elsewhere import answered_elsewhere, asks_what_several_cost, speaks_of_a_fit
from kefu.core.decide.selling.reductions import asks_after_reductions, with_reductions
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import knowledge, ruled_or_written, surely, surely_written, together
from kefu.core.decide.written.ways_of_asking import POSTAGE, SERVICE_INTENTS
from kefu.core.emotion import Emotion

IN_SHORT = 12
"""Characters up to which a question with such a word (鼠标有货吗) asks just that."""
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
    chooses = _CHOOSES.search(reading.text.text) is not None and has_it(reading)
    asked = reading.parts.knowledge.is_asked(reading.asked.query)
    if asked and (written := surely_written(reading, ports, emotion)):
        return written
    if tells_more_of_a_claim(reading):
        return hand_off(reading, "policy", "more is told of a claim")
    if intent in ("stock_query", "price_query") and tells_of_use(reading):
        return knowledge(reading, ports, emotion)
    if another_of_its_kind(reading) and not offers_a_price(reading.text.text):
        return answer_goods(reading, ports, intent if intent in ("price_query", "delivery_query") else "stock_query")
    fits = speaks_of_a_fit(reading)
    if fits:
        intent = "compatibility"
    elif intent == "compatibility" and _chooses_a_variant(reading):
        intent = "stock_query"  # 不对 我那个是纯电的
    how_to = intent == "compatibility" and asks_how_to(reading.text.text)
    if how_to and (written := knowledge(reading, ports, emotion)) and written.found:
        return written
    if intent not in GOODS_INTENTS:
        if means_goods := _means_goods(reading, intent):
            return answer_goods(reading, ports, means_goods)
        if not (chooses or _may_mean_goods(reading)):
            return None
        intent = "stock_query"
    if elsewhere := answered_elsewhere(reading, ports, emotion, intent):
        return elsewhere.decision
    believed = fits or chooses or reading.follow.keeps_intent or reading.sure
    if not (believed or _about_goods(reading) or asks_what_several_cost(reading)):
        return None
    return _answered(reading, ports, emotion, intent)


def _means_goods(reading: Reading, intent: str) -> str:
    """The intent of a message that surely asks about goods though it was taken for another ``intent``; "" if it does
    not."""
    text, alone = reading.text.text, reading.alone
    unsure = reading.intent.confidence < SURE_OF_STOCK and intent not in SERVICE_INTENTS
    still_there = bool((unsure or intent == "virtual_goods") and STILL_THERE.search(text)) or bool(
        _JUST_THAT.fullmatch(reading.parts.catalogue.words.besides_goods(reading.asked.query))
    )
    if (reading.resolution.is_outright and alone.how == "code") or (alone.is_named and still_there):
        return "stock_query"
    if puts_instead(reading):
        return "stock_query"
    if alone.is_named and adds_to_a_sum(text):
        return "price_query"  # 配的底盒也要两个 一起算
    return "price_query" if asks_after_reductions(text) and asks_what_several_cost(reading) else ""


def _may_mean_goods(reading: Reading) -> bool:
    """Whether something is bought, or a name is hardly more than said."""
    buys = _BUYS.search(reading.text.text) is not None and bool(reading.resolution.products)
    return buys or (reading.resolution.is_outright and reading.asks_nothing and not reading.sure)


def _answered(reading: Reading, ports: Ports, emotion: Emotion, intent: str) -> Decision | None:
    """The answer from data, or what is written where that says more."""
    unsure = not reading.sure and not asks_what_several_cost(reading) and ASKS.search(reading.text.text) is not None
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
    asks_else = ASKS.search(text) is not None and STILL_THERE.search(text) is None
    return not names_a_device and not asks_else and has_it(reading)


SURE_OF_GOODS = 0.5
_AND_THAT_ONE = re.compile(r"(?:那|还有)?.{1,8}呢\W*")
"""Asks on of another thing, and no more (有没有蝴蝶兰 … 君子兰呢)."""


def _tells_of_oneself(reading: Reading) -> bool:
    """Nothing is asked for in so many words (我大油田 还长闭口), and it was hardly taken for a question about goods."""
    another = reading.follow.keeps_intent and _AND_THAT_ONE.fullmatch(reading.text.text)
    unsure = reading.intent.confidence < SURE_OF_GOODS and not another
    return unsure and not IS_IT_THERE.search(reading.text.text) and not reading.asks_nothing


def _nothing_to_look_up(reading: Reading, answer: Decision) -> bool:
    """No goods are named, here or before, and it is not asked whether something is there: what is written near it
    helps more than the question which goods are meant (能去仓库自提不)."""
    text = reading.text.text
    named = reading.resolution.is_named or reading.state.product or reading.state.products
    return answer.missing == ("product",) and not named and not IS_IT_THERE.search(text)


def _in_so_many_words(reading: Reading, intent: str) -> bool:
    """Whether the message asks just that, or only chooses; 羊绒大衣含绒多少 asks no price."""
    text = reading.text.text
    if asks_what_several_cost(reading):
        return True
    if reading.asks_nothing or ASKED_OUTRIGHT[intent].search(text):
        return True
    asks = ASKS.search(text) is not None or gives_measures(text)
    return not asks or (intent == "delivery_query" and reading.place is not None)


def _may_be_written(reading: Reading, answer: Decision) -> bool:
    """The data do not answer, but the shop may have written down what does: of a new question what to do where they
    know no device or no such product (台式机的条子笔记本能用吗); else where nothing is named (能发顺丰吗), or the
    message goes on about what was written (加钱也行)."""
    text = reading.text.text
    if ASKS_THE_PRICE_ALONE.fullmatch(text) and (reading.state.product or reading.state.products):
        return False
    in_so_many_words = answer.intent != "compatibility" and len(text) <= IN_SHORT and IS_IT_THERE.search(text)
    if not (reading.state.pending or reading.follow.keeps_intent or answer.product or in_so_many_words):
        return True
    goes_on = reading.state.last_turn.route in ("knowledge", "rule") or reading.parts.written.alike(reading.text.text)
    return answer.missing == ("product",) and goes_on


def forced_goods(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The flow has decided already that this is about goods (Dify's classifier, or the stock workflow)."""
    intent = reading.follow.intent if reading.follow.intent in GOODS_INTENTS else "stock_query"
    return answer_goods(reading, ports, intent)


def _about_goods(reading: Reading) -> bool:
    """An unsure intent about goods is believed when the text or the conversation names something to be asked about."""
    named_here = reading.resolution.kind != "none" or bool(reading.resolution.candidates)
    named_here = named_here or any(slot.type == "attribute" for slot in reading.slots)
    return named_here or reading.follow.is_follow_up or bool(reading.follow.product)
