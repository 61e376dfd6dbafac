# ruff: noqa: E501 - word lists in Chinese count two columns a character
"""Divisions by code and by name: official, short, former and colloquial names, China first, some cities abroad."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
LEVELS = ("municipality", "province", "city", "county")
"""Municipalities (and Hong Kong, Macau) are provinces that people call a city."""
_SUFFIXES = ("市", "县", "区")
_WORDS = {"解放区", "市中区", "开发区", "新城区", "老城区", "城中区", "港口区"} | {
    "罗马", "马赛", "尼斯", "里昂", "京都", "金边", "汉堡", "万象", "威尼斯", "科隆", "夏威夷", "珀斯", "维也纳", "巴黎", "米兰", "里约",
}  # fmt: skip
"""Names that are ordinary words, brands or foods as well: places only in a place context."""


@dataclass(frozen=True, slots=True)
class Division:
    """``code`` is GB/T 2260 (six digits), or ISO country + UN/LOCODE abroad; ``parent`` is ``""`` at the top."""

    code: str
    name: str
    short: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class Named:
    """One division behind a written name; ``bare`` is y, u or c (see README), ``official`` for its full name."""

    code: str
    bare: str
    official: bool


def _read(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _divisions(rows: list[dict[str, str]]) -> dict[str, Division]:
    home = {
        row["code"]: Division(row["code"], row["name"], row["short"] or row["name"], row["level"], row["parent"])
        for row in rows
    }
    abroad: dict[str, Division] = {}
    for row in _read("abroad.csv"):
        abroad.setdefault(
            row["code"], Division(row["code"], row["name"], row["name"], "city", row["code"].partition("-")[0])
        )
    return home | abroad


_ROWS = _read("divisions.csv")
DIVISIONS: dict[str, Division] = _divisions(_ROWS)


def _names(rows: list[dict[str, str]]) -> dict[str, tuple[Named, ...]]:
    found: dict[str, list[Named]] = defaultdict(list)
    for row in rows:
        code, name, short, bare = row["code"], row["name"], row["short"], row["bare"]
        plain_word = len(name) <= 2 or name in _WORDS
        found[name].append(Named(code, "c" if plain_word else "y", True))
        if short:
            found[short].append(Named(code, bare, False))
    official = set(found)
    for row in rows:
        if row["level"] == "county" and len(row["short"]) > 1:
            for suffix in _SUFFIXES:
                if (written := row["short"] + suffix) not in official:
                    found[written].append(Named(row["code"], "y", False))
    for row in (*_read("old_names.csv"), *_read("abroad.csv")):
        found[row["name"]].append(Named(row["code"], "c" if row["name"] in _WORDS else "y", False))
    return {name: tuple(sorted(named, key=_rank)) for name, named in found.items()}


def _rank(named: Named) -> tuple[bool, int, bool, str]:
    """Best reading first: official name, higher level, capitals' districts, then code order."""
    division = DIVISIONS[named.code]
    level = LEVELS.index(division.level)
    capital = division.parent[2:] in ("0000", "0100")
    return not named.official, level, not capital, named.code


NAMES: dict[str, tuple[Named, ...]] = _names(_ROWS)
NOT_PLACES: tuple[str, ...] = tuple(row["word"] for row in _read("not_places.csv"))


def within(code: str, ancestor: str) -> bool:
    """Is ``code`` the division ``ancestor`` or a part of it? Unknown codes are within nothing but themselves."""
    while code:
        if code == ancestor:
            return True
        division = DIVISIONS.get(code)
        code = division.parent if division else ""
    return False


def full_name(division: Division) -> str:
    """A district with its city (南京市鼓楼区): many are called alike. Others by their own name."""
    city = next((one for one in chain(division.parent) if one.level in ("city", "municipality")), None)
    return (
        city.name + division.name
        if city and division.level == "county" and division.name[-1] == "区"
        else division.name
    )


def chain(code: str) -> tuple[Division, ...]:
    """The division and its ancestors, smallest first."""
    out: list[Division] = []
    while code in DIVISIONS:
        out.append(DIVISIONS[code])
        code = DIVISIONS[code].parent
    return tuple(out)
