"""What the shop has written of its reductions (满300减50), told with a price that is asked after them: a sum is the
shop's prices, and no model reckons what is taken off."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.decide.reading import Reading
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written_stages import ruled_or_written
from kefu.core.emotion import Emotion

_REDUCED = re.compile(
    r"满减|满\s*\d{2,5}|减完|减[了掉]?多少|减后|(?:优惠|活动|打完?折|用完?券|券|折扣?|领完?券)[之以]?后|折后|券后|优惠完|打完折|[减折扣]下来"
)
_IN_THE_SHOPS_WORDS = ("满减怎么算", "有什么优惠活动", "有满减吗", "有优惠券吗")
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
    if written.reply in answer.reply:
        return answer
    return replace(answer, reply=f"{answer.reply}\n{written.reply}", sources=written.sources, hits=written.hits)
