"""A cell that says when goods leave which are not kept ready: 25-30天, 3个工作日, 48小时, 12月20日 → a lead time."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, timedelta

from kefu.core.catalogue import LeadTime
from kefu.core.slots.numbers import parse_number
from kefu.errors import BadInput

JUST_PAST = timedelta(days=90)
"""A day without a year that is past no longer than this is this year's: the presale is over, not a year away."""

_HINT = "Write days like 25-30天, 3个工作日 or 48小时, or the day of dispatch like 2026-12-20; leave it empty for none."
_AT_ONCE = re.compile(
    r"[-—无否]|0天?|有?现货(?:速发|秒发)?|当[天日](?:发货)?|(?:立即|即时|马上)发货?|现货当[天日]发货?|no|none"
)
_SAID_BEFORE = re.compile(
    r"^(?:(?:大?约|大概|预计|预售|预定|定制|订制|定做|制作|生产|加工|备货|发货|周期|工期|时间|需要?|要|[付拍下单款确认]{2,4}[之以]?后|从|自|[:：,，])\s*)+"
)
_SAID_AFTER = re.compile(
    r"(?:\s*(?:左右|上下|[之以]?[内前后]|起|开始|陆续|依次|统一|发货|发出|寄出|出货|出库|制作|定制|备货|完成))+$"
)
_DAY = re.compile(r"(?:(\d{4})[-/.年](\d{1,2})[-/.月]|(\d{1,2})[/月])(\d{1,2})[日号]?(?: \d{1,2}:\d{2}(?::\d{2})?)?")
_NUMBER = r"(\d+(?:\.\d+)?|[半一二两三四五六七八九十]+)"
_UNIT = (
    r"(个?工作[日天]|working ?days?|个?自然[日天]|[天日]|days?|d|个?小时|hours?|h"
    r"|周|个?星期|个?礼拜|weeks?|个月|months?)"
)
_SPAN = re.compile(rf"(?:{_NUMBER}\s*{_UNIT}?\s*(?:[-~—–至到]|to)+\s*)?{_NUMBER}\s*{_UNIT}?")
_DAYS_OF = {"周": 7, "星": 7, "礼": 7, "w": 7, "月": 30, "m": 30}
"""By the first letter of the unit; a month is thirty days."""


def lead_time(cell: str, today: date) -> LeadTime | None:
    """The cell's lead time; None where it is empty or says that the goods are there. Raises BadInput."""
    text = " ".join(unicodedata.normalize("NFKC", cell).lower().split())
    if not text or _AT_ONCE.fullmatch(text):
        return None
    core = _SAID_AFTER.sub("", _SAID_BEFORE.sub("", text))
    if found := _DAY.fullmatch(core):
        return LeadTime(day=_day(cell, found, today))
    if found := _SPAN.fullmatch(core):
        low, low_unit, high, unit = found.groups()
        unit = unit or low_unit or "天"
        most = _days(high, unit)
        least = _days(low, low_unit or unit) if low else most
        return LeadTime(least, most, working="工作" in unit or "working" in unit)
    raise BadInput(f"lead_time “{cell}” is no time before dispatch.", _HINT)


def _days(said: str, unit: str) -> int:
    """Whole days, hours rounded up."""
    number = 0.5 if said == "半" else parse_number(said) or 0
    core = unit.removeprefix("个")
    if core.startswith(("小", "h")):
        return math.ceil(number / 24)
    return math.ceil(number * (1 if "day" in core else _DAYS_OF.get(core[0], 1)))


def _day(cell: str, found: re.Match[str], today: date) -> date:
    year, month_of_it, month, day = found.groups()
    try:
        if year:
            return date(int(year), int(month_of_it), int(day))
        this_year = date(today.year, int(month), int(day))
        return this_year if this_year >= today - JUST_PAST else this_year.replace(year=today.year + 1)
    except ValueError as error:
        raise BadInput(f"lead_time “{cell}” is no date.", _HINT) from error
