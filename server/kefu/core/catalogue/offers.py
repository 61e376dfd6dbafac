"""What an offer like 满99减10，满199减30 takes off a sum, where its words leave no doubt that it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

_TIER = re.compile(
    r"(?P<each>每)?满\s*(?P<reached>\d{2,5})(?:元|块)?\s*(?:立|直|再|就|自动)?减\s*(?P<off>\d{1,4})(?:元|块)?"
)
_SENTENCE = re.compile(r"[^。；;\n]+")
_RANGE = re.compile(
    r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?\s*(?:到|至|-|~|—|–)\s*(?:(?P<to_month>\d{1,2})月)?(?P<to_day>\d{1,2})[日号]?"
)
_DAYS = re.compile(r"\d月|\d[日号]|双\d|双十|双旦|618|节|期间|周[一二三四五六日末]|当天|限时|明天|昨天|今晚|[零\d]点")
_OF_SOME = re.compile(
    r"指定|部分|除外|不(?:参[加与]|含|包括|算)|仅限|只限|限(?!时)|新[客人]|首单|首次|会员|老[客顾]|同款|同店|跨店|凑|分享|关注|领|活动[前后]|恢复|原来|之[前后]|[件折]|上限|封顶|最[多高]"
)
"""Words by which it holds for some goods, some customers or another time."""


@dataclass(frozen=True, slots=True)
class Tier:
    """``off`` is taken off a sum that reaches ``reached``, in fen; ``each`` time that it does."""

    reached: int
    off: int
    each: bool = False

    def off_from(self, cost: int) -> int:
        return self.off * (cost // self.reached if self.each else int(cost >= self.reached))


def tiers_in(text: str, today: date) -> tuple[Tier, ...]:
    """The tiers of the one offer in ``text`` that holds for all goods ``today``, the lowest first; () where its words
    leave that open, or it has several."""
    found = [tiers for sentence in _SENTENCE.findall(text) if (tiers := _tiers_of(sentence, today))]
    return found[0] if len(found) == 1 else ()


def _tiers_of(sentence: str, today: date) -> tuple[Tier, ...]:
    tiers = [
        Tier(int(match["reached"]) * 100, int(match["off"]) * 100, match["each"] is not None)
        for match in _TIER.finditer(sentence)
    ]
    if not tiers or _OF_SOME.search(sentence) or not _holds(sentence, today):
        return ()
    ascending = sorted(tiers, key=lambda tier: tier.reached)
    steps = pairwise(ascending)
    clear = all(low.reached < high.reached and low.off < high.off for low, high in steps)
    return tuple(ascending) if clear and all(tier.off < tier.reached for tier in tiers) else ()


def _holds(sentence: str, today: date) -> bool:
    said = _RANGE.search(sentence)
    if said is None:
        return _DAYS.search(sentence) is None
    first = (int(said["month"]), int(said["day"]))
    last = (int(said["to_month"] or said["month"]), int(said["to_day"]))
    return first <= last and first <= (today.month, today.day) <= last


def best_of(tiers: tuple[Tier, ...], cost: int) -> tuple[Tier, int] | None:
    """The tier that takes most off a sum of ``cost`` fen, and how much; None if none does."""
    best = max(tiers, key=lambda tier: tier.off_from(cost), default=None)
    return (best, best.off_from(cost)) if best and best.off_from(cost) else None
