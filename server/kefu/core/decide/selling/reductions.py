"""What the shop has written of its reductions (满300减50), told with a price that is asked after them, and taken off
where its words are clear: no model reckons that."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.offers import best_of, tiers_in
from kefu.core.catalogue.phrases import say_price
from kefu.core.decide.goods.answer import answer_goods
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.stages import ruled_or_written
from kefu.core.emotion import Emotion

_REDUCED = re.compile(
    r"满减|满\s*\d{2,5}|减完|减[了掉]?多少|减后|(?:优惠|活动|打完?折|用完?券|券|折扣?|领完?券)[之以]?后|折后|券后|优惠完|打完折|[减折扣]下来"
)
_IN_THE_SHOPS_WORDS = ("满减怎么算", "有什么优惠活动", "有满减吗", "有优惠券吗")
_AFTER_A_PRICE = re.compile(r"多少|几块|[吗么呢]\W*$|怎么算|能减|算下来")
_ON_PAYING = "以付款页面为准。"
_BEFORE_REDUCTIONS = "以上没有算优惠，优惠以付款页面为准。"


def asks_after_reductions(text: str) -> bool:
    """Whether a price is asked as it is after reductions (总共减完多少, 满减后呢)."""
    return _REDUCED.search(text) is not None


def with_reductions(reading: Reading, ports: Ports, emotion: Emotion, answer: Decision) -> Decision:
    """A price with what is written of the shop's reductions, where it is asked after them."""
    told = answer.found and answer.intent == "price_query" and not answer.needs_llm and not answer.handed_off
    if not told or not asks_after_reductions(reading.text.text):
        return answer
    written = ruled_or_written(reading, _IN_THE_SHOPS_WORDS, ports, emotion)
    if written is None or written.handed_off or not written.reply:
        return replace(answer, reply=f"{answer.reply}{_BEFORE_REDUCTIONS}")
    taken_off = _reckoned(written.reply, reading, answer.cost) or written.reply
    if taken_off in answer.reply:
        return answer
    return replace(answer, reply=f"{answer.reply}\n{taken_off}", sources=written.sources, hits=written.hits)


def _reckoned(written: str, reading: Reading, cost: int) -> str:
    """What is left of ``cost`` by the offer that is ``written``, or what is missing for its first tier; "" where the
    sum is not known, or the words leave open whether the offer holds for it."""
    tiers = tiers_in(written, reading.asked.now.date())
    if not (tiers and cost):
        return ""
    if found := best_of(tiers, cost):
        tier, off = found
        rule = f"{'每' if tier.each else ''}满{say_price(tier.reached)}减{say_price(tier.off)}"
        in_all = f"共减{say_price(off)}，" if off != tier.off else ""
        return f"{rule}，{in_all}减后{say_price(cost - off)}，{_ON_PAYING}"
    first = tiers[0]
    return f"满{say_price(first.reached)}减{say_price(first.off)}，还差{say_price(first.reached - cost)}，{_ON_PAYING}"


def asks_what_is_left(reading: Reading) -> bool:
    """Whether it is asked what a price that was just told comes to after reductions (满减之后呢)."""
    last, text = reading.state.last_turn, reading.text.text
    just_told = last.route == "stock" and last.intent == "price_query"
    return just_told and asks_after_reductions(text) and _AFTER_A_PRICE.search(text) is not None


def after_reductions(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The sum of what was spoken of before, with what is taken off it; None where that is not asked or not known."""
    if not asks_what_is_left(reading) or reading.alone.is_named:
        return None
    price = answer_goods(reading.asking("一共多少钱"), ports, "price_query")
    told = with_reductions(reading, ports, emotion, price) if price.cost else None
    return told if told and told.reply != price.reply else None
