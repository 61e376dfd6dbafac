# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""What each written form of a date means on a given day: one reader for each form in ``date_forms``."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from kefu.core.slots.calendar import FESTIVALS, festival, lunar_date
from kefu.core.slots.date_forms import COUNT, DAY, MONTH, YEAR, YEAR_WORD
from kefu.core.slots.numbers import parse_int

_DAY_WORDS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3, "大大后": 4, "大大前": -4}
_YEAR_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "当年": 0, "明年": 1, "后年": 2, "大后年": 3}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}


def _span(first: date, last: date) -> str:
    return f"{first}/{last}"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(make: Callable[[int], date | None], today: date, past: bool) -> date | None:
    """Of this year's and its neighbours' days the one meant: the next one, or one up to a month ago; past if said so."""
    days = [day for year in (today.year - 1, today.year, today.year + 1) if (day := make(year))]
    if past:
        return max((d for d in days if d <= today), default=None)
    return min((d for d in days if d >= today - timedelta(days=31)), default=None)


def _shift_month(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _year_of(said: str, today: date) -> int:
    word = said.rstrip("的")
    if word in _YEAR_WORDS:
        return today.year + _YEAR_WORDS[word]
    year = parse_int(said.rstrip("年的")) or 0
    return year if year >= 100 else (2000 + year if year <= today.year % 100 + 20 else 1900 + year)


def _read_iso(said: str, today: date, past: bool) -> str | None:
    day = _day(*(int(part) for part in re.split("[-/.]", said)))
    return str(day) if day else None


_FULL = re.compile(rf"(?P<y>{YEAR}|(?:{YEAR_WORD})的?)(?P<m>{MONTH})月份?(?P<d>{DAY})?")


def _read_full(said: str, today: date, past: bool) -> str | None:
    match = _FULL.match(said)
    if not match:
        return None
    year, month = _year_of(match["y"], today), _number(match["m"])
    if not match["d"]:
        return f"{year}-{month:02d}"
    day = _day(year, month, _number(match["d"]))
    return str(day) if day else None


def _number(text: str) -> int:
    return parse_int(text.replace("廿", "二十")) or 0


def _read_month_day(said: str, today: date, past: bool) -> str | None:
    month, day = re.split("[月/]", said.rstrip("日号"))
    found = _nearest(lambda year: _day(year, _number(month), _number(day)), today, past)
    return str(found) if found else None


def _month_shift(said: str) -> int:
    if said.startswith("下下"):
        return 2
    return {"下": 1, "上": -1}.get(said[0], 0)


def _read_rel_month_day(said: str, today: date, past: bool) -> str | None:
    head, _, day = said.rstrip("日号").partition("月")
    found = _day(*_shift_month(today, _month_shift(head or "这")), _number(day))
    return str(found) if found else None


def _part_of_month(year: int, month: int, part: str) -> str:
    last = monthrange(year, month)[1]
    first_day, last_day = {
        "初": (1, 5), "中旬": (11, 20), "上旬": (1, 10), "下旬": (21, last), "底": (last - 4, last), "末": (last - 4, last)
    }[part]  # fmt: skip
    return _span(date(year, month, first_day), date(year, month, last_day))


def _read_rel_month_part(said: str, today: date, past: bool) -> str | None:
    head, _, part = said.partition("月")
    return _part_of_month(*_shift_month(today, _month_shift(head or "这")), part)


def _read_month_part(said: str, today: date, past: bool) -> str | None:
    month, _, part = said.partition("月")
    found = _nearest(lambda year: _day(year, _number(month), 28), today, past)
    return _part_of_month(found.year, found.month, part.removeprefix("份")) if found else None


def _read_month(said: str, today: date, past: bool) -> str | None:
    number = _number(said.partition("月")[0])
    found = _nearest(lambda year: _day(year, number, 28), today, past)
    return f"{found.year}-{found.month:02d}" if found else None


def _read_rel_month(said: str, today: date, past: bool) -> str | None:
    year, month = _shift_month(today, _month_shift(said))
    return f"{year}-{month:02d}"


def _read_lunar(said: str, today: date, past: bool) -> str | None:
    text = said.removeprefix("农历").removeprefix("阴历").replace("大年", "正月").replace("初", "")
    month_text, _, day_text = text.partition("月")
    month = {"正": 1, "腊": 12, "冬": 11}.get(month_text) or _number(month_text)
    day = _number(day_text)
    if month == 1 and day == 30 and "大年" in said:
        return _read_festival("除夕", today, past)
    found = _nearest(lambda year: lunar_date(year, month, day), today, past)
    return str(found) if found else None


def _read_festival(said: str, today: date, past: bool) -> str | None:
    year_word = next((word for word in _YEAR_WORDS if said.startswith(word)), "")
    name = said.removeprefix(year_word).lstrip("的")
    if name not in FESTIVALS:
        name = name.removesuffix("节")
    if year_word:
        day = festival(name, today.year + _YEAR_WORDS[year_word])
        return str(day) if day else None
    found = _nearest(lambda year: festival(name, year), today, past)
    return str(found) if found else None


def _read_year_part(said: str, today: date, past: bool) -> str | None:
    if said in ("年前", "年后"):
        eve = _nearest(lambda year: festival("春节", year), today, past)
        if eve is None:
            return None
        return f"/{eve - timedelta(days=1)}" if said == "年前" else f"{eve}/"
    named = re.match(rf"{YEAR_WORD}|{YEAR}", said)
    year = _year_of(named[0], today) if named else today.year
    first, last = {"上半年": ((1, 1), (6, 30)), "下半年": ((7, 1), (12, 31))}.get(said[-3:], (None, None))
    if first is None or last is None:
        first, last = {"底": ((12, 1), (12, 31)), "末": ((12, 1), (12, 31)), "初": ((1, 1), (1, 31))}.get(
            said[-1], ((6, 1), (7, 31))
        )
    return _span(date(year, *first), date(year, *last))


def _read_year(said: str, today: date, past: bool) -> str | None:
    return f"{_year_of(said, today):04d}"


def _amount(said: str) -> int:
    match = re.search(COUNT, said)
    return {"半": 0, "几": 3}.get(match[0]) or _number(match[0]) if match else 0


def _moved(today: date, said: str, sign: int) -> date | None:
    amount = _amount(said)
    try:
        if "月" in said:
            if "半个月" in said:
                return today + timedelta(days=15 * sign)
            year, month = _shift_month(today, amount * sign)
            return date(year, month, min(today.day, monthrange(year, month)[1]))
        if "年" in said:
            months = 6 if "半年" in said else 12 * amount
            year, month = _shift_month(today, months * sign)
            return date(year, month, min(today.day, monthrange(year, month)[1]))
        days = amount * 7 if re.search("周|星期|礼拜", said) else amount
        return today + timedelta(days=days * sign)
    except (ValueError, OverflowError):
        return None


def _read_offset(said: str, today: date, past: bool) -> str | None:
    day = _moved(today, said, -1 if "前" in said else 1)
    return str(day) if day else None


def _read_within(said: str, today: date, past: bool) -> str | None:
    day = _moved(today, said, 1)
    return f"/{day}" if day else None


def _read_span(said: str, today: date, past: bool) -> str | None:
    back = said.startswith(("最近", "近", "过去", "前"))
    day = _moved(today, said, -1 if back else 1)
    if day is None:
        return None
    return _span(day, today) if back else _span(today, day)


def _monday(today: date, said: str) -> date:
    weeks = -2 if said.startswith("上上") else 2 if said.startswith("下下") else {"上": -1, "下": 1}.get(said[0], 0)
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _read_weekday(said: str, today: date, past: bool) -> str | None:
    day = _monday(today, said) + timedelta(days=_WEEKDAYS[said[-1]])
    return _span(day, day + timedelta(days=1)) if said[-1] == "末" else str(day)


def _read_week(said: str, today: date, past: bool) -> str | None:
    monday = _monday(today, said)
    return _span(monday, monday + timedelta(days=6))


def _read_bare_weekday(said: str, today: date, past: bool) -> str | None:
    ahead = (_WEEKDAYS[said[-1]] - today.weekday()) % 7
    if said[-1] == "末" and today.weekday() == 6:
        ahead = -1
    day = today + timedelta(days=ahead - (7 if past and ahead else 0))
    return _span(day, day + timedelta(days=1)) if said[-1] == "末" else str(day)


def _read_day_word(said: str, today: date, past: bool) -> str | None:
    if said[:2] in ("今明", "明后"):
        first = today + timedelta(days=said[0] == "明")
        return _span(first, first + timedelta(days=1))
    return str(today + timedelta(days=_DAY_WORDS[re.sub("[天日儿个]", "", said)]))


def _read_recent(said: str, today: date, past: bool) -> str | None:
    if said == "过几天":
        return f"{today + timedelta(days=1)}/"
    return _span(today - timedelta(days=7), today)


def _read_day(said: str, today: date, past: bool) -> str | None:
    number = _number(said[:-1])
    months = [0, -1] if past else [0, 1, 2]
    for shift in months:
        day = _day(*_shift_month(today, shift), number)
        if day and (day <= today if past else day >= today):
            return str(day)
    return None


READERS: dict[str, Callable[[str, date, bool], str | None]] = {
    "iso": _read_iso,
    "lunar": _read_lunar,
    "full": _read_full,
    "month_day": _read_month_day,
    "slash_day": _read_month_day,
    "rel_month_day": _read_rel_month_day,
    "rel_month_part": _read_rel_month_part,
    "month_part": _read_month_part,
    "month": _read_month,
    "festival": _read_festival,
    "year_part": _read_year_part,
    "year_word": _read_year,
    "year": _read_year,
    "span": _read_span,
    "offset": _read_offset,
    "within": _read_within,
    "weekday": _read_weekday,
    "week": _read_week,
    "rel_month": _read_rel_month,
    "bare_weekday": _read_bare_weekday,
    "day_word": _read_day_word,
    "short": _read_day_word,
    "recent": _read_recent,
    "day": _read_day,
}
"""Form → reader(said, today, past): the normal form, or None where it is no real date."""
