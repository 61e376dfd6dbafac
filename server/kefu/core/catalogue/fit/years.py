"""The years of a device: as a shop's data give them (2013-2017, 19款至今) and as customers say them (15款, 17年的)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from kefu.core.catalogue.words import key
from kefu.core.text import normalise
from kefu.errors import BadInput

NAMES = frozenset({"年款", "年份", "years", "year"})
"""Attributes of a device that hold its years."""

Years = tuple[float, float]
"""First and last year, both included; infinite where it has no end."""

_YEAR = r"(?:(?:19[89]|20[0-4])\d|\d\d)"
_MONTH = r"(?:\.\d{1,2}|年\d{1,2}月)?(?:年|款|年款|型)?"
_GIVEN = re.compile(
    rf"(?P<low>{_YEAR}){_MONTH}(?:(?P<open>至今|到现在|[-~到至](?:今|现在)?$|\+|以后|及以后|之后|起|以上|及以上|后)"
    rf"|(?P<until>及以前|以前|之前|前|及之前|以下|及以下)|[-~到至](?P<high>{_YEAR}){_MONTH})?"
)
_EVERY = frozenset({"全部", "通用", "不限", "all"})
_DASHES = str.maketrans("—–", "--")


def full_year(digits: str) -> int:
    """2015 of 15, 1998 of 98; 0 for two digits that are no year of a thing in use."""
    number = int(digits)
    if len(digits) == 4:
        return number
    return 2000 + number if number < 50 else 1900 + number if number >= 80 else 0


def read_years(value: str) -> tuple[Years, ...]:
    """The years in an attribute's value: 2013-2017, 13-17款, 2019至今, 18款, several with / or 、. Raises BadInput."""
    text = normalise(value).text.replace(" ", "").translate(_DASHES)
    if text in _EVERY:
        return ((-inf, inf),)
    return tuple(_read_one(value, part) for part in re.split("[/、,;]", text) if part)


def _read_one(value: str, part: str) -> Years:
    match = _GIVEN.fullmatch(part)
    low = full_year(match["low"]) if match else 0
    if match is None or not low:
        raise BadInput(f"“{value}” are no years.", "Write 2013-2017, 2019至今, 2012及以前 or 2018, several with /.")
    if match["open"]:
        return low, inf
    if match["until"]:
        return -inf, low
    high = full_year(match["high"]) if match["high"] else low
    if high < low:
        raise BadInput(f"“{value}” ends before it begins.", "Write the earlier year first: 2013-2017.")
    return low, high


_IN_A_NAME = re.compile(
    rf"(?<!\d)(?P<low>{_YEAR})(?:年?款)?[-~到至/](?P<high>{_YEAR})(?:年?款)"
    r"|(?<!\d)(?P<from>(?:19[89]|20[0-4])\d)年?款?[-~到至/](?:(?P<to>(?:19[89]|20[0-4])\d)(?!\d)|今|现在)年?款?"
    r"|(?<!\d)(?P<one>\d\d|(?:19[89]|20[0-4])\d)年?款|(?<!\d)(?P<full>(?:19[89]|20[0-4])\d)(?![\d.])"
)
_EDITION = re.compile(
    r"^(?:老款|旧款|新款|全新|经典|现款|[老旧新](?!能源))(?=..)|(?<=..)(?:老款|旧款|新款|经典款?|现款)$"
)
SHORTEST = 2
"""Characters of a name that is left without its years."""


@dataclass(frozen=True, slots=True)
class DatedName:
    """A name without what tells its edition (朗逸 of 15款朗逸, 老款朗逸), and the years that it holds."""

    stem: str
    years: tuple[Years, ...]
    is_whole: bool
    """Nothing was taken away."""


def dated(name: str) -> DatedName:
    """The parts of a device's name; ``stem`` is "" where too little is left."""
    text = normalise(name).text.translate(_DASHES)
    years = tuple(_years_of(match) for match in _IN_A_NAME.finditer(text))
    stem = key(_EDITION.sub("", _IN_A_NAME.sub("", text).strip()))
    long_enough = len(stem) > SHORTEST or (len(stem) == SHORTEST and not stem.isascii())
    return DatedName(stem if long_enough else "", years, stem == key(text))


def _years_of(match: re.Match[str]) -> Years:
    low = full_year(match["low"] or match["from"] or match["one"] or match["full"])
    high = match["high"] or match["to"]
    return low, full_year(high) if high else inf if match["from"] else low


@dataclass(frozen=True, slots=True)
class YearSaid:
    """``years`` that may be meant (a car bought in 2018 is of 2017 to 2019), in the customer's ``words``."""

    years: tuple[int, ...]
    words: str


_SPOKEN = str.maketrans("零〇一二三四五六七八九", "00123456789")
_SPOKEN_YEAR = re.compile(
    "(?<![零〇一二三四五六七八九十几])(?:二零[零〇一二三]|[零〇一二])[零〇一二三四五六七八九](?=年?款|年的|年买|年?的?$)"
)
"""一五款, 二零一八年的."""
_ABOUT = r"(?P<about{}>.{{0,2}}(?:买|提|上牌|入手|落地|左右|前后))?"
_SAID = re.compile(
    rf"(?<![\d.a-z])(?P<of>{_YEAR})年?款{_ABOUT.format(1)}"
    rf"|(?<![\d.a-z用开过满快近每有第保质])(?<![用开过骑戴]了)(?P<year>{_YEAR})年"
    rf"(?![内以之后没了多半间保质]|前(?!后)|\d{{1,2}}月|老[店车牌字客]|车龄|旧车|质保){_ABOUT.format(2)}"
    r"|(?<![\d.a-z])(?P<full>(?:19[89]|20[0-3])\d)(?![\d.*a-z%元块毫瓦流寸厘米升斤克转个件套条台]|年)"
)
"""15款, 15年的, 2015; no 用了10年, 10年质保, 2026年12月, 2000块."""
_ALONE = re.compile(
    rf"(?:[我的是这个那车应该好像大概就,. ]|可能|左右)*(?P<of>{_YEAR})年?款?{_ABOUT.format('')}"
    r"(?:[的型吧啊呀哦呢了,. ]|左右|能用|可以|[吗么])*"
)


def said_year(text: str, asked: bool = False) -> YearSaid | None:
    """The year of a device in a text without the device's name; ``asked``: a bare number is one too (17的)."""
    text = _SPOKEN_YEAR.sub(lambda match: match[0].translate(_SPOKEN), normalise(text).text)
    match = (_ALONE.fullmatch(text.strip()) if asked else None) or _SAID.search(text)
    if match is None:
        return None
    groups = match.groupdict()
    digits = groups["of"] or groups.get("year") or groups["full"]
    year = full_year(digits)
    about = any(value for name, value in groups.items() if name.startswith("about"))
    if not year:
        return None
    return YearSaid((year - 1, year, year + 1) if about else (year,), f"{digits}款")


def covers(ranges: Iterable[Years], years: Sequence[int]) -> bool:
    """Whether one of the years lies in one of the ranges."""
    return any(low <= year <= high for low, high in ranges for year in years)


def say_years(ranges: Sequence[Years]) -> str:
    """2013-2017款、2019款; "" for all years and for none. Years that follow each other are joined."""
    joined: list[Years] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return "、".join(said for low, high in joined if (said := _say_one(low, high)))


def _say_one(low: float, high: float) -> str:
    if low == -inf:
        return "" if high == inf else f"{high:.0f}款及以前"
    if high == inf:
        return f"{low:.0f}款至今"
    return f"{low:.0f}款" if low == high else f"{low:.0f}-{high:.0f}款"
