"""The region cell of a delivery file → division codes: one place, several, or a customary group of provinces."""

from __future__ import annotations

import re

from kefu.core.catalogue import EVERYWHERE
from kefu.core.places import DIVISIONS, find_places, full_name, within
from kefu.core.places.table import NAMES
from kefu.core.text import normalise
from kefu.errors import BadInput

_ALL = frozenset(
    (EVERYWHERE, "全国", "中国", "*", "其他", "其它", "其余", "其他地区", "其它地区", "其余地区", "全国其他地区")
)
"""A row for all regions is for those without a row of their own: 全国 and 其他地区 say the same."""

_SHORT = {
    short: code
    for code, names in {
        "110000": "京", "120000": "津", "130000": "冀", "140000": "晋", "150000": "蒙", "210000": "辽",
        "220000": "吉", "230000": "黑", "310000": "沪", "320000": "江苏", "330000": "浙", "340000": "皖",
        "350000": "闽", "360000": "赣", "370000": "鲁", "410000": "豫", "420000": "鄂", "430000": "湘",
        "440000": "粤", "450000": "桂", "460000": "琼", "500000": "渝", "510000": "川蜀", "520000": "贵黔",
        "530000": "云滇", "540000": "藏", "610000": "陕秦", "620000": "甘陇", "630000": "青", "640000": "宁",
        "650000": "新", "710000": "台", "810000": "港", "820000": "澳",
    }.items()
    for short in names
}  # fmt: skip
"""Provinces by one character (the official 简称; 江 as in 江浙沪): read only where several stand together."""

_GROUPS = {
    name: codes.split()
    for names, codes in (
        ("东北 东三省 东北三省", "210000 220000 230000"),
        ("西北 西北五省", "610000 620000 630000 640000 650000"),
        ("西南", "500000 510000 520000 530000 540000"),
        ("华中", "410000 420000 430000"),
        ("两广", "440000 450000"),
        ("两湖", "420000 430000"),
        ("包邮区", "310000 320000 330000"),
        ("长三角", "310000 320000 330000 340000"),
        ("珠三角", "440100 440300 440400 440600 440700 441200 441300 441900 442000"),
    )
    for name in names.split()
}
"""Groups that mean the same provinces to everybody. 东北, 西北, 西南, 华中: GB/T 2260 (2, 6, 5, 41-43) and
Taobao's freight templates agree. 华东, 华北 and 华南 are left out: there 福建, 江西 and 山东 change sides.
长三角: outline of the integrated Yangtze delta of 2019 (three provinces and Shanghai); 珠三角: reform plan of 2008
(nine cities)."""

_LISTED = re.compile(r"[、,，;；\n]+")
_BESIDE = re.compile(r"[\s/·+&:：-]+")
"""Between two regions, or between a province and its city."""
_JOINS = re.compile(rf"(?:{_BESIDE.pattern}|以及|[和与及])?")
_AROUND = re.compile(r"(?:地区|境内|省内|市内|全境|全省|全市)$")


def region_codes(cell: str) -> tuple[str, ...]:
    """``江浙沪、广东/广西 东北`` → the code of each region; raises BadInput that names what is no region.

    A province before a part of itself only says where that is (广东省 深圳市, 浙江/杭州/宁波), but 浙江、杭州 are two.
    """
    found: dict[str, None] = {}
    unknown: list[str] = []
    for part in filter(None, map(str.strip, _LISTED.split(cell))):
        codes = _read(part)
        for one in [part] if codes else filter(None, _BESIDE.split(part)):
            read = codes or _read(one)
            found.update(dict.fromkeys(read))
            unknown += [] if read else [one]
    if unknown or not found:
        raise BadInput(
            f"“{'、'.join(unknown) or cell}” is no region.",
            "Write provinces, cities, districts or their codes, several with 、 between, 江浙沪 or 东北, or 全国.",
        )
    return tuple(found)


def region_name(code: str) -> str:
    """A region as a person reads it: 浙江省, 南京市鼓楼区, 全国."""
    return "全国" if code == EVERYWHERE else full_name(DIVISIONS[code])


def _read(part: str) -> tuple[str, ...]:
    """The regions that the whole of ``part`` names; none if a word of it is something else."""
    text = normalise(part).text
    if text in _ALL:
        return (EVERYWHERE,)
    for name in (part, text, _AROUND.sub("", text)):  # 乾县 is simplified with the rest
        if name in DIVISIONS:
            return (name,)
        if name in NAMES:
            return (NAMES[name][0].code,)
        if name in _GROUPS:
            return tuple(_GROUPS[name])
        if len(name) > 1 and all(one in _SHORT for one in name):
            return tuple(_SHORT[one] for one in name)
    return _side_by_side(text)


def _side_by_side(text: str) -> tuple[str, ...]:
    """Names with nothing but joins between, without those of which a later one is a part."""
    places = find_places(text)
    ends = [0, *(place.end for place in places)]
    starts = [*(place.start for place in places), len(text)]
    if not places or not all(_JOINS.fullmatch(text, end, start) for end, start in zip(ends, starts, strict=True)):
        return ()
    codes = [place.code for place in places]
    return tuple(one for at, one in enumerate(codes) if not any(within(later, one) for later in codes[at + 1 :]))
