"""A message that leads nowhere, with its mistyped words written as what they sound like (武汗, 膨闰土, 包油吗)."""

from __future__ import annotations

import re

from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision

_SENDS = re.compile("[到送寄发运]|快递|包邮|几天|多久|时效|地址")
_NOBODY_KNEW = ("unknown_question", "low_confidence")


def respelt(reading: Reading, decision: Decision) -> Reading | None:
    """The message written otherwise, where ``decision`` is no answer and it may be mistyped; None where it is not."""
    if decision.route in ("", "rule", "human_active"):
        return None
    if reading.place and not _SENDS.search(reading.text.text):
        words = reading.parts.values_by_sound  # 百色的, of what comes in 白色
    elif _leads_nowhere(decision):
        words = reading.parts.words_by_sound
    else:
        return None
    said = reading.asked.query
    written = words.respelled(said)
    return None if written == said else reading.asking(written)


def _leads_nowhere(decision: Decision) -> bool:
    lost = decision.failed or bool(decision.missing) or decision.handoff_reason in _NOBODY_KNEW
    of_goods = decision.needs_llm and decision.intent in ("price_query", "stock_query")  # which the data would answer
    no_place = decision.intent == "delivery_query" and not decision.place
    return lost or no_place or of_goods or (decision.route == "llm" and not decision.hits)


def is_better(again: Decision, before: Decision) -> bool:
    """Whether the message as it was respelled leads somewhere, or asks for less."""
    if again.failed or again.handed_off:
        return False
    if before.needs_llm:
        return again.route in ("stock", "delivery") and (again.found or again.product is not None)
    if before.failed or before.handed_off or (before.place and not again.place):
        return True
    if again.place and not before.place:
        return True
    return len(again.missing) < len(before.missing) or (again.found and not before.found)
