"""Words that stand for a shop's finer values: 黑色 for 曜石黑, 180 for 180/96A, 41 for EU41/25.5cm, 110 for 110cm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf

from kefu.core.catalogue.words import COLOURS, UNITS, canonical_value, counts, fold, key, measures
from kefu.core.text import normalise, tokenise

_SHADE = re.compile(
    r".*[^浅深淡大粉玫橘](?P<base>[黑白红蓝绿黄紫灰棕青粉橙咖])色?|[深浅大](?P<plain>[黑白红蓝绿黄紫灰棕粉咖])色?"
)
"""The last character of a colour's name is its colour; 粉红 and 玫红 are called red by nobody who wants red."""
_LEADING = re.compile(
    r"(?P<number>\d{2,4})(?:\s*[/(（]|\s*[a-z一-鿿]+$)"
    r"|(?:eur?|cn|欧码?|国码?)\s*(?P<size>\d{2}(?:\.5)?)码?(?:\s*[/(（ ].*)?$"
    r"|(?P<letters>[2-6]?x{0,4}[sml])码?\s*[/(（]\s*\d"
)
"""180/96A, 110码; EU41/25.5cm; XL/175."""


@lru_cache(maxsize=65_536)
def looser(name: str, value: str) -> str:
    """What customers say for this value of the attribute ``name`` when they do not say it whole; ``""`` if nothing."""
    folded = value.strip().lower()
    if "色" in name or name in ("color", "colour"):
        shade = _SHADE.fullmatch(folded)
        base = f"{shade['base'] or shade['plain']}色" if shade else ""
        return base if base in COLOURS and base != canonical_value(value) and key(value) + "色" != base else ""
    leading = _LEADING.match(folded)
    return next(filter(None, leading.groups()), "") if leading else ""


@lru_cache(maxsize=65_536)
def leading(name: str, value: str) -> str:
    """The colour with which a colour's name begins, for those to whom it is no finer one: 橙色 for 橙红."""
    base = f"{value[:1]}色"
    return base if ("色" in name or name in ("color", "colour")) and len(value) == 2 and base in COLOURS else ""


_MODEL = re.compile(r"[一-鿿]{2,}([a-z]{1,3}\d+[a-z]*|\d+[a-z]+)|[a-z]{3,}(\d+[a-z]+)")


def shorter(value: str) -> str:
    """A model's name without its make (15pro for iphone15pro), 浅色 for 浅色系; ``""`` for others."""
    if value.endswith("系") and len(value) > 2:
        return value[:-1]
    if model := _MODEL.fullmatch(value):
        said = model[1] or model[2]
        return "" if any(measures(said)) else said
    return ""


@lru_cache(maxsize=65_536)
def parts_of(value: str) -> frozenset[str]:
    """What may be said for a longer value, in canonical form: 大果 and 5斤 of 大果5斤装（果径80-85mm）, 180cm of
    1.8*2.0m, 103 and 正红 of 103 正红, EU41 of EU41/25.5cm."""
    folded = fold(_BRACKETS.sub(" ", value))
    if coded := _CODED.fullmatch(folded):
        rest = coded["rest"].replace(" ", "")
        pieces = [word for word in tokenise(rest) if len(word) > 1]
        pieces += [rest[:2], rest[2:]] if len(rest) == 4 else []  # 灰紫 of 灰紫烟雨
        return frozenset((*codes_of(value), canonical_value(coded["rest"]), *parts_of(coded["rest"]), *pieces))
    spans = [(amount, start, end) for amount, start, end in measures(folded)]
    letters = list(folded)
    for _, start, end in spans:
        letters[start:end] = " " * (end - start)
    counted = [*((match[0], *match.span()) for match in _COUNT.finditer(folded)), *counts(folded)]
    for _, start, end in counted:
        letters[start:end] = " " * (end - start)
    said = _CHINESE.findall("".join(letters))
    words = [canonical_value(word) if len(word) == 1 else word for word in said]  # 白 of 30ml 白
    words += [_TAIL.sub("", word) for word in said]
    if not spans and len(rest := folded.strip()) >= LONG and _CHINESE.fullmatch(rest):
        return frozenset(word for word in tokenise(rest) if len(word) > 1) - {canonical_value(value)}
    sides = (side for amount, start, end in spans for side in _sides(amount, folded[start:end]))
    amounts = (amount for amount, _, _ in spans)
    many = (count for count, _, _ in counted)
    codes = _LETTERS_AND_NUMBER.findall("".join(letters))
    words = [word for word in words if len(word) > 1]
    return frozenset((*many, *amounts, *sides, *codes, *words)) - {canonical_value(value)}


_LETTERS_AND_NUMBER = re.compile(r"(?<![a-z0-9])[a-z]{1,3}\d{1,3}(?![a-z0-9])")


def _sides(amount: str, written: str) -> tuple[str, ...]:
    """The width of 180*200cm, the M4 of m4*25; of what is labelled (宽2.0*高2.7m) both."""
    if amount.startswith("m"):
        return (amount.partition("*")[0],)
    one, by, other = amount.removesuffix("cm").partition("*")
    if not by:
        return ()
    return (f"{one}cm", f"{other}cm") if re.search("[宽长高深]", written) else (f"{one}cm",)


_RANGE_UNIT = f"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))}|[a-z]*)"
_RANGES = (
    re.compile(rf"(?P<low>\d+(?:\.\d+)?)[-~–—～至到](?P<high>\d+(?:\.\d+)?){_RANGE_UNIT}"),
    re.compile(rf"(?P<high>\d+(?:\.\d+)?){_RANGE_UNIT}(?:以下|以内|内)"),
    re.compile(rf"(?P<low>\d+(?:\.\d+)?){_RANGE_UNIT}以上"),
)
MOST_IN_A_RANGE = 60
"""Whole numbers of a range at most that customers say for it."""


@dataclass(frozen=True, slots=True)
class Range:
    """``unit`` as `words.UNITS` has it; lengths in metres are in cm."""

    low: float
    high: float
    unit: str

    @property
    def whole_numbers(self) -> tuple[str, ...]:
        """36, 37, 38 of 36-38, where the range has no unit and is short."""
        short = not self.unit and self.high - self.low <= MOST_IN_A_RANGE
        return tuple(str(number) for number in range(ceil(self.low), floor(self.high) + 1)) if short else ()


@lru_cache(maxsize=65_536)
def range_of(value: str) -> Range | None:
    """The range that a value is: 43-46, 2.5-7.5kg, 25kg以上; None for other values."""
    written = _BRACKETS.sub("", normalise(value).text).replace(" ", "")  # `fold` drops the dash
    found = next((match for pattern in _RANGES if (match := pattern.fullmatch(written))), None)
    if found is None:
        return None
    groups = found.groupdict()
    unit = UNITS.get(groups["unit"], groups["unit"])
    by, unit = (100, "cm") if unit == "m" else (1, unit)
    return Range(by * float(groups.get("low") or 0), by * float(groups.get("high") or inf), unit)


@lru_cache(maxsize=65_536)
def begins(value: str) -> str:
    """The amount with which a range in a unit begins, in canonical form (85mm of 85-90mm); "" for other values."""
    span = range_of(value)
    return f"{span.low:g}{span.unit}" if span and span.unit and span.low else ""


_CODED = re.compile(r"(?P<letters>[a-z]{0,2})(?P<number>\d{1,3}) ?(?:号|色号)? +(?P<rest>[一-鿿].*)")
"""103 正红, N15 象牙白: a number as makers of paints and lipsticks give shades, and the name."""


@lru_cache(maxsize=65_536)
def codes_of(value: str) -> tuple[str, ...]:
    """How the number of a numbered value is said: 04, 04号, 4号 of 04 梅子酱, n15 of N15 象牙白; () without one."""
    coded = _CODED.fullmatch(fold(value))
    if not coded:
        return ()
    letters, number = coded["letters"], coded["number"]
    if letters:
        return (f"{letters}{number}",)
    return tuple(dict.fromkeys((number, f"{number}号", f"{number.lstrip('0') or '0'}号")))


LONG = 4
"""Characters from which a value without amounts may be named by one of its words (控油 of 控油雾面)."""
_BRACKETS = re.compile(r"[（(].*?[)）]")
_CHINESE = re.compile(r"[一-鿿]+")
_COUNT = re.compile(r"(?<![\d.])\d{1,4}(?:[包片粒袋支只枚颗瓶罐盒抽卷张双块串](?![层人])|[个斤条件根](?=装))")
_TAIL = re.compile(r"[装型款味色版盒形]$")


def said_for(value: str) -> tuple[str, ...]:
    """Other ways to say exactly this value: 原木 for 原木色, 墨绿色 for 墨绿, 107, 107号 and 车厘子 for 107 车厘子."""
    coded = _CODED.fullmatch(fold(value))
    if coded:
        rest = coded["rest"].replace(" ", "")
        return (*codes_of(value), *((rest,) if len(rest) > 1 else ()))
    canonical = canonical_value(value)
    if value.endswith("色") and len(canonical) > 1 and not canonical.endswith("色"):
        return (canonical,)
    return (f"{value}色",) if canonical in COLOURS and not value.endswith("色") else ()


def stands_for(said: str, name: str, value: str) -> bool:
    """Whether a customer who says ``said`` (canonical) may mean this value."""
    return said in (canonical_value(value), looser(name, value)) or said in parts_of(value)
