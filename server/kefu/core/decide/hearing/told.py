"""Messages that tell of goods and ask for none: when they were bought, after a claim, or how much of them is used."""

from __future__ import annotations

import re

from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading

_CLAIMS = ("complaint", "after_sales", "warranty")
_BOUGHT = re.compile(
    r"(?:昨|前|大前)[天日]|上(?:个?[周月]|礼拜|星期)|\d+(?:天|号|个?月)(?:前|的时候)?|前几天|刚[刚才]?|去年|双(?:11|12|十一|十二)|618"
)
_OWN = re.compile(r"(?:[买拍订收]到?|下单)(?:的|了)(?!时候|话|吗)")
_WANTS = re.compile(r"[想要来拿再]|有货|现货|多少|价|便宜|发[到往]")
_USES = re.compile(
    r"(?:[滴喂吃喝抹涂擦敷喷贴泡]|使用|服用)(?:了|过|的|一?半|一点|[一二两三四五六七八九十半\d]{1,3}[次滴片粒颗袋勺顿天])"
)


def tells_more_of_a_claim(reading: Reading) -> bool:
    """Whether it is told which goods a claim is about and when they were bought (冻干那款 上周买的), after an answer to
    the claim: their stock is not asked for."""
    text = reading.text.text
    claimed = reading.state.last_turn.intent in _CLAIMS and reading.state.last_turn.route in (
        "knowledge",
        "llm",
        "rule",
    )
    told = _BOUGHT.search(text) is not None and _OWN.search(text) is not None
    return claimed and told and not ASKS.search(text) and not _WANTS.search(text)


def tells_of_use(reading: Reading) -> bool:
    """Whether it is told how much is used or taken (猫8斤 滴一半), and nothing is asked for or taken to buy."""
    text = reading.text.text
    return _USES.search(text) is not None and not ASKS.search(text) and not _WANTS.search(text)
