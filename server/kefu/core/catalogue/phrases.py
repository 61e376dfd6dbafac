"""How days, times and forms of address are said to a customer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time

_WEEKDAYS = "一二三四五六日"
WHICH_ONE, WHICH_KIND, WHICH_ONES = "请问您要哪一款？", "请问您要哪一种？", "请问分别要哪一款？"
"""Asks for the product or variant, for the value, and for those of several things."""
_NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def say_day(day: date, today: date) -> str:
    """明天（11月23日）; farther days with their weekday: 11月27日（周五）."""
    written = say_date(day, today)
    near = _NEAR.get((day - today).days)
    return f"{near}（{written}）" if near else f"{written}（周{_WEEKDAYS[day.weekday()]}）"


def say_date(day: date, today: date | None = None) -> str:
    """12月20日, of another year than today's 2027年1月5日."""
    year = "" if today and day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def say_now(moment: datetime) -> str:
    """2026年12月20日（周日）9:05: for who knows no day from which to reckon."""
    return f"{say_date(moment.date())}（周{_WEEKDAYS[moment.weekday()]}）{say_time(moment.time())}"


def say_days(first: date, last: date, today: date) -> str:
    """A span of days, or the day if it is only one."""
    return say_day(last, today) if first == last else f"{say_day(first, today)}至{say_day(last, today)}"


def say_time(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02d}"


def say_moment(moment: datetime, now: datetime) -> str:
    """A moment in the customer's time zone, short: 11月22日18:30."""
    local = moment.astimezone(now.tzinfo)
    year = f"{local.year}年" if local.year != now.year else ""
    return f"{year}{local.month}月{local.day}日{say_time(local.time())}"


def say_price(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}元"


_MEASURE = re.compile(
    r"\d*(?:[厘毫分公千]?米|[cm]?m|延米|平方?米?|㎡|[m米]²|[m米]2|立方米?|方|[市公]?[斤尺寸]|千?克|k?g|[两吨磅码]|毫?升|m?l)",
    re.IGNORECASE,
)
"""Units that goods are measured in rather than counted: what is bought of them is no number of pieces."""


_SAME = (
    ("平方米", "平方", "平米", "平", "㎡", "m²", "m2", "米²"),
    ("米", "m", "公尺"),
    ("公斤", "千克", "kg"),
    ("斤", "市斤"),
    ("尺", "市尺"),
    ("克", "g"),
    ("厘米", "公分", "cm"),
    ("升", "l"),
    ("毫升", "ml"),
    ("立方米", "立方", "方"),
)
"""Names of one measure."""


def same_measure(one: str, other: str) -> bool:
    """Whether two units are one measure: 平 and 平方米."""
    one, other = one.strip().lower(), other.strip().lower()
    return one == other or any(one in names and other in names for names in _SAME)


def say_number(number: float) -> str:
    """8, 2.5."""
    return str(int(number)) if number == int(number) else repr(round(number, 3))


def is_measured(unit: str) -> bool:
    """Whether goods of that unit are sold by measure: 米, 平方米, 斤, 500g."""
    return _MEASURE.fullmatch(unit.strip()) is not None


def say_price_of(fen: int, unit: str) -> str:
    """What goods counted in ``unit`` cost: 129.00元; of those sold by measure a unit's: 88.00元/米."""
    return f"{say_price(fen)}/{unit.strip()}" if is_measured(unit) else say_price(fen)


def say_prices(fen: Sequence[int], unit: str) -> str:
    """The one price of several goods, or from which on they cost: 29.00元起."""
    return f"{say_price_of(min(fen), unit)}{'' if min(fen) == max(fen) else '起'}"


def apart(name: str) -> str:
    """A name before a number: one that ends in a digit or letter needs a blank (内存条 6000 379.00元)."""
    return f"{name} " if name[-1:].isascii() and name[-1:].isalnum() else name


def some_of(names: Sequence[str], most: int) -> str:
    """At most so many names, 等 where there are more: 内存条、键盘等."""
    return "、".join(names[:most]) + ("等" if len(names) > most else "")


def opening(address: str) -> str:
    """How a reply begins: 您好，for 您 and none, otherwise the form of address itself (亲，)."""
    return f"{address}，" if address not in ("", "您", "你") else "您好，"
