"""Goods that are not kept ready: how long after payment they leave, or the day a presale leaves on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from kefu.core.catalogue.phrases import say_date, say_day
from kefu.errors import BadInput

LONGEST = 365
"""Days; a longer time before dispatch is a slip."""

_WRITTEN = re.compile(r"(?:(\d+)-)?(\d+)(天|个工作日)")


@dataclass(frozen=True, slots=True)
class LeadTime:
    """``least`` to ``most`` days from payment to dispatch, or for a presale the ``day`` from which it is sent.

    ``working`` days are Monday to Friday without the shop's holidays; others are days of the calendar.
    """

    least: int = 0
    most: int = 0
    working: bool = False
    day: date | None = None

    def __post_init__(self) -> None:
        if self.day is None and not 0 <= self.least <= self.most:
            raise BadInput(f"{self.least}-{self.most} days are no span.", "Write the smaller number first: 25-30天.")
        if self.day is None and not 0 < self.most <= LONGEST:
            raise BadInput(f"{self.most} days before dispatch are not believable.", f"Give 1 to {LONGEST}, or a date.")

    @classmethod
    def of(cls, written: str) -> Self | None:
        """What `written` gave; None for ``""``, goods that leave at once."""
        if not written:
            return None
        if found := _WRITTEN.fullmatch(written):
            return cls(int(found[1] or found[2]), int(found[2]), found[3] != "天")
        return cls(day=date.fromisoformat(written))

    @property
    def written(self) -> str:
        """As it is stored and exported: 25-30天, 3个工作日, 2026-12-20."""
        return self.day.isoformat() if self.day else f"{self._count}{self._unit}"

    @property
    def _count(self) -> str:
        return str(self.most) if self.least == self.most else f"{self.least}-{self.most}"

    @property
    def _unit(self) -> str:
        return "个工作日" if self.working else "天"

    def holds(self, today: date) -> bool:
        """Whether an order of today waits for it; a presale is over once its day has come."""
        return self.day is None or self.day > today


def say_lead(lead: LeadTime, today: date, told: str = "") -> str:
    """A clause after the goods' name: 需下单后备货，付款后25-30天发货, true of what is made or ordered in; without the
    day of dispatch if ``told`` beside it has that."""
    if lead.day:
        sent = f"预计{say_day(lead.day, today)}"
        return "是预售商品" if sent in told else f"是预售商品，{sent}发货"
    return f"需下单后备货，付款后{lead.written}发货"


def mark_lead(lead: LeadTime, today: date | None = None) -> str:
    """The same in a list: （需备货，付款后25-30天发货）; a day without the year where that is ``today``'s."""
    return f"（预售，{say_date(lead.day, today)}发货）" if lead.day else f"（需备货，付款后{lead.written}发货）"
