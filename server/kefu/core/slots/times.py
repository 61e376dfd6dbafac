# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""Times of day: 晚上8点半, 17:30, 早五点, 下午, 现在 → ``HH:MM``, a span ``HH:MM/HH:MM``, or a bound ``/HH:MM``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from kefu.core.slots.numbers import parse_int
from kefu.core.slots.values import Found

_PARTS = {
    "凌晨": ("00:00", "06:00"), "清晨": ("05:00", "08:00"), "早晨": ("06:00", "09:00"), "早上": ("06:00", "09:00"),
    "一早": ("06:00", "09:00"), "大早上": ("06:00", "09:00"), "早": ("06:00", "09:00"), "晨": ("06:00", "09:00"),
    "上午": ("08:00", "12:00"), "中午": ("11:00", "13:00"), "午间": ("11:00", "13:00"), "午后": ("13:00", "15:00"),
    "下午": ("13:00", "18:00"), "傍晚": ("17:00", "19:00"), "晚上": ("18:00", "24:00"), "晚间": ("18:00", "24:00"),
    "晚": ("18:00", "24:00"), "夜里": ("22:00", "24:00"), "夜间": ("22:00", "24:00"), "夜": ("18:00", "24:00"),
    "半夜": ("00:00", "03:00"), "午夜": ("00:00", "01:00"), "深夜": ("22:00", "24:00"), "午": ("11:00", "13:00"),
}  # fmt: skip
_LONG = "|".join(sorted((part for part in _PARTS if len(part) > 1), key=len, reverse=True))
_H = r"(?:2[0-4]|1\d|0?\d|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MIN = r"(?:[0-5]?\d|[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九])"
_CLOCK = rf"(?:{_H}点(?!击|赞|评|数|餐|单|卡|心|式|位|积分|儿(?!吧)|什么)(?:钟|整|半|一刻|三刻|过?{_MIN}分?(?!钟))?|(?<!\d)(?:[01]?\d|2[0-4])[:时]{_MIN}分?(?![\d:])|{_H}时整?(?=[之以]?[前后]|$))"
_FIRST = "(?=[\\d零一二两三四五六七八九十早晚凌清上中午下傍夜半深大晨现当目此这眼])"
_SCAN = re.compile(
    rf"{_FIRST}(?:(?P<clock>(?<![第\d.:])(?:{_LONG}|[早晚])?的?{_CLOCK}(?:钟)?)"
    rf"|(?P<part>(?:{_LONG})(?!好|茶|吉祥|市|霞))"
    r"|(?P<short>(?<=[今明昨后])(?:[早晚晨夜午]))"
    r"|(?P<now>现在|当前(?!位置|页)|目前|此刻|这会儿|眼下))"
)
_BOUND = re.compile(r"(?:之前|以前|前(?!台|面))|(?:之后|以后|后(?!台|面))")
_READ = re.compile(
    rf"(?P<part>{_LONG}|[早晚])?的?(?P<h>{_H})[点:时](?:钟|整|(?P<half>半)|(?P<quarter>[一三])刻|过?(?P<m>{_MIN})分?)?"
)
_UNTIL = re.compile(r"\s*(?:到|至|[-~—–])\s*")
_A_LITTLE = re.compile(r"[早晚]?一点(?!钟|半|整|[一二三四五\d]|[之以]?前|左右|到)")


def find_times(text: str, now: datetime) -> Iterator[Found]:
    """Times of day in the normalised ``text``; 现在 is ``now``. 有一点贵, 早一点发 and 早上好 are no times."""
    last: tuple[int, str] = (-9, "")
    for match in _SCAN.finditer(text):
        kind = match.lastgroup or ""
        meaning = _meaning(kind, _carried(text, last, match) + match[kind], now)
        if meaning is None:
            continue
        last = match.end(), match[kind]
        end = match.end()
        if kind == "clock" and (bound := _BOUND.match(text, end)):
            meaning = f"/{meaning}" if "前" in bound[0] else f"{meaning}/"
            end = bound.end()
        yield Found("time", match.start(), end, meaning, 0.9 if kind == "clock" else 0.8)


def _carried(text: str, last: tuple[int, str], match: re.Match[str]) -> str:
    """晚上8点到10点: the second clock keeps the part of the day that the first one named."""
    part = (
        _READ.match(last[1]) if match.lastgroup == "clock" and _UNTIL.fullmatch(text, last[0], match.start()) else None
    )
    named = _READ.match(match[0])
    return part["part"] or "" if part and named and not named["part"] else ""


def _meaning(kind: str, said: str, now: datetime) -> str | None:
    if kind == "now":
        return f"{now:%H:%M}"
    if kind in ("part", "short"):
        return "/".join(_PARTS[said])
    if _A_LITTLE.match(said):
        return None
    return _read_clock(said)


def _read_clock(said: str) -> str | None:
    match = _READ.match(said)
    if not match:
        return None
    hour, minute = parse_int(match["h"]), 0
    if match["half"]:
        minute = 30
    elif match["quarter"]:
        minute = 15 if match["quarter"] == "一" else 45
    elif match["m"]:
        minute = parse_int(match["m"].removeprefix("零")) or 0
    if hour is None or hour > 24 or minute > 59:
        return None
    return f"{_on_24(hour, match['part'] or '') % 24:02d}:{minute:02d}"


def _on_24(hour: int, part: str) -> int:
    if part in ("下午", "傍晚", "晚上", "晚间", "晚", "夜里", "夜间", "午后", "深夜") and hour < 12:
        return hour + 12
    if part in ("晚上", "晚间", "晚", "半夜", "午夜", "凌晨", "深夜", "夜里") and hour == 12:
        return 0
    return hour + 12 if part == "中午" and hour in (1, 2) else hour
