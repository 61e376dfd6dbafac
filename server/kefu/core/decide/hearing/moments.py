"""The moments that a message names: when it is to arrive, when the order is placed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time

from kefu.core.catalogue.values import When
from kefu.core.slots import Slot

_BOUGHT = re.compile(r"\s*(?:之?[前后]|左右)?\s*[再才就]?(?:下订?单|付款|付了?钱|拍下?|购买|买|订)")
"""After a day or an hour: when it is bought, not when it is to arrive (今天下单明天能到吗)."""


def arrival(slots: Sequence[Slot], text: str, now: datetime) -> When | None:
    """When it is to arrive, by the first day and hour said; None if neither is."""
    days = [s for s in slots if s.type == "date" and _day(s.normalised)]
    wished = [s for s in days if not _says_when_bought(s, text)]
    bought_today = len(days) == 1 and not wished and _day(days[0].normalised) == now.date()
    day = next(iter(wished if len(days) > 1 or bought_today else days), None)
    clock = next((s for s in slots if s.type == "time" and not _says_when_bought(s, text)), None)
    if day is None and (clock is None or "点" not in clock.value):
        return None
    on = _day(day.normalised) if day else now.date()
    assert on is not None
    words = "".join(s.value for s in (day, clock) if s) if _touch(day, clock) else (day or clock).value  # type: ignore[union-attr]
    return When(on, _by(clock) if clock else None, words)


def order_moment(slots: Sequence[Slot], text: str, now: datetime) -> datetime:
    """``now``, or later today where the text says so of the order (今天4点半下单)."""
    said = next((s for s in slots if s.type == "time" and _says_when_bought(s, text)), None)
    days = [_day(s.normalised) for s in slots if s.type == "date"]
    hour = said.normalised.partition("/")[0][:5] if said and all(day == now.date() for day in days) else ""
    try:
        return max(now, datetime.combine(now.date(), time.fromisoformat(hour), now.tzinfo)) if hour else now
    except ValueError:
        return now


def _says_when_bought(slot: Slot, text: str) -> bool:
    return slot.start >= 0 and bool(_BOUGHT.match(text, slot.end))


def _day(normalised: str) -> date | None:
    try:
        return date.fromisoformat(normalised.rpartition("/")[2][:10])
    except ValueError:
        return None


def _by(clock: Slot) -> time | None:
    """The end of the span of time that was said: 晚上 is until midnight."""
    end = clock.normalised.rpartition("/")[2]
    try:
        return time(23, 59) if end.startswith("24") else time.fromisoformat(end[:5])
    except ValueError:
        return None


def _touch(day: Slot | None, clock: Slot | None) -> bool:
    return day is not None and clock is not None and day.end == clock.start
