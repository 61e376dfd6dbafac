# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""Festivals and the lunar calendar: a name and a year give a date."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path


def _lunar_years() -> dict[int, tuple[date, int, str]]:
    """Year → (lunar new year, leap month or 0, one digit a month: 1 = 30 days, 0 = 29). Years 2000 to 2060."""
    with (Path(__file__).parent / "lunar_years.csv").open(encoding="utf-8", newline="") as file:
        return {
            int(row["year"]): (date.fromisoformat(row["new_year"]), int(row["leap_month"]), row["long_months"])
            for row in csv.DictReader(file)
        }


_LUNAR = _lunar_years()


def lunar_date(year: int, month: int, day: int) -> date | None:
    """The day of the lunar year's month (never the leap month), or None outside the table."""
    if year not in _LUNAR:
        return None
    new_year, leap, lengths = _LUNAR[year]
    before = month - 1 + (1 if leap and month > leap else 0)
    days = sum(30 if long == "1" else 29 for long in lengths[:before])
    return new_year + timedelta(days=days + day - 1)


def _lunar_last_day(year: int) -> date | None:
    return _LUNAR[year + 1][0] - timedelta(days=1) if year + 1 in _LUNAR else None


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _qingming(year: int) -> date:
    """Pure Brightness by the usual formula, right for 2000–2099."""
    y = year % 100
    return date(year, 4, int(y * 0.2422 + 4.81) - y // 4)


_SOLAR = {
    "元旦": (1, 1), "跨年": (12, 31), "情人节": (2, 14), "妇女节": (3, 8), "三八": (3, 8), "女王节": (3, 8), "女神节": (3, 8),
    "植树节": (3, 12), "315": (3, 15), "愚人节": (4, 1), "劳动节": (5, 1), "五一": (5, 1), "51": (5, 1), "五四": (5, 4),
    "青年节": (5, 4), "520": (5, 20), "儿童节": (6, 1), "六一": (6, 1), "618": (6, 18), "六一八": (6, 18),
    "建党节": (7, 1), "建军节": (8, 1), "八一": (8, 1), "818": (8, 18), "教师节": (9, 10), "国庆": (10, 1), "十一": (10, 1),
    "万圣": (10, 31), "光棍节": (11, 11), "双十一": (11, 11), "11.11": (11, 11), "12.12": (12, 12), "6.18": (6, 18), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12),
    "平安夜": (12, 24), "圣诞": (12, 25), "年货节": (1, 10),
}  # fmt: skip
_LUNAR_DAYS = {
    "春节": (1, 1), "过年": (1, 1), "新年": (1, 1), "大年初一": (1, 1), "元宵": (1, 15), "端午": (5, 5), "七夕": (7, 7),
    "中元": (7, 15), "中秋": (8, 15), "重阳": (9, 9), "腊八": (12, 8), "小年": (12, 23),
}  # fmt: skip
_FLOATING = {"母亲节": (5, 6, 2), "父亲节": (6, 6, 3), "感恩节": (11, 3, 4)}
_EVE = ("除夕", "年三十", "大年三十", "大年夜")
FESTIVALS: tuple[str, ...] = tuple(
    sorted((*_SOLAR, *_LUNAR_DAYS, *_FLOATING, *_EVE, "清明", "黑五", "黑色星期五"), key=len, reverse=True)
)


def festival(name: str, year: int) -> date | None:
    """The day of a festival in FESTIVALS in the (lunar or solar) ``year``; None where the table ends."""
    if name in _SOLAR:
        return date(year, *_SOLAR[name])
    if name in _LUNAR_DAYS:
        return lunar_date(year, *_LUNAR_DAYS[name])
    if name in _FLOATING:
        return _nth_weekday(year, *_FLOATING[name])
    if name in _EVE:
        return _lunar_last_day(year)
    if name == "清明":
        return _qingming(year)
    return _nth_weekday(year, 11, 3, 4) + timedelta(days=1)
