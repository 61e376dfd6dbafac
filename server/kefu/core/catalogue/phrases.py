"""How days, times and forms of address are said to a customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

_WEEKDAYS = "一二三四五六日"
_NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def say_day(day: date, today: date) -> str:
    """明天（11月23日）; farther days with their weekday: 11月27日（周五）."""
    written = f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"
    near = _NEAR.get((day - today).days)
    return f"{near}（{written}）" if near else f"{written}（周{_WEEKDAYS[day.weekday()]}）"


def say_time(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02d}"


def say_moment(moment: datetime, now: datetime) -> str:
    """A moment in the customer's time zone, short: 11月22日18:30."""
    local = moment.astimezone(now.tzinfo)
    year = f"{local.year}年" if local.year != now.year else ""
    return f"{year}{local.month}月{local.day}日{say_time(local.time())}"


def say_price(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}元"


def apart(name: str) -> str:
    """A name before a number: one that ends in a digit or letter needs a blank (内存条 6000 379.00元)."""
    return f"{name} " if name[-1:].isascii() and name[-1:].isalnum() else name


def some_of(names: Sequence[str], most: int) -> str:
    """At most so many names, 等 where there are more: 内存条、键盘等."""
    return "、".join(names[:most]) + ("等" if len(names) > most else "")


def opening(address: str) -> str:
    """How a reply begins: 您好，for 您 and none, otherwise the form of address itself (亲，)."""
    return f"{address}，" if address not in ("", "您", "你") else "您好，"
