"""Words that stand for a shop's finer values: 黑色 for 曜石黑, 180 for 180/96A, 110 for 110cm."""

from __future__ import annotations

import re
from functools import lru_cache

from kefu.core.catalogue.words import COLOURS, canonical_value, fold, key, measures

_SHADE = re.compile(
    r".*[^浅深淡大粉玫橘](?P<base>[黑白红蓝绿黄紫灰棕青])色?|[深浅大](?P<plain>[黑白红蓝绿黄紫灰棕])色?"
)
"""The last character of a colour's name is its colour; 粉红 and 玫红 are called red by nobody who wants red."""
_LEADING = re.compile(r"(?P<number>\d{2,4})(?:\s*[/(（]|\s*[a-z一-鿿]+$)")


@lru_cache(maxsize=65_536)
def looser(name: str, value: str) -> str:
    """What customers say for this value of the attribute ``name`` when they do not say it whole; ``""`` if nothing."""
    folded = value.strip().lower()
    if "色" in name or name in ("color", "colour"):
        shade = _SHADE.fullmatch(folded)
        base = f"{shade['base'] or shade['plain']}色" if shade else ""
        return base if base in COLOURS and base != canonical_value(value) and key(value) + "色" != base else ""
    leading = _LEADING.match(folded)
    return leading["number"] if leading else ""


_MODEL = re.compile(r"[一-鿿]{2,}([a-z]{1,3}\d+[a-z]*|\d+[a-z]+)|[a-z]{3,}(\d+[a-z]+)")


def shorter(value: str) -> str:
    """A colour's name without 色, where that is more than one character (卡其 for 卡其色); a model's without its make
    (15pro for iphone15pro); ``""`` for others."""
    if model := _MODEL.fullmatch(value):
        said = model[1] or model[2]
        return "" if any(measures(said)) else said
    return value[:-1] if value.endswith("色") and len(value) > 2 else ""


@lru_cache(maxsize=65_536)
def parts_of(value: str) -> frozenset[str]:
    """What may be said for a longer value, in canonical form: 大果 and 5斤 of 大果5斤装（果径80-85mm）."""
    folded = fold(_BRACKETS.sub(" ", value))
    spans = [(amount, start, end) for amount, start, end in measures(folded)]
    rest = list(folded)
    for _, start, end in spans:
        rest[start:end] = " " * (end - start)
    counts = _COUNT.findall(folded)
    words = (_TAIL.sub("", word) for word in _CHINESE.findall("".join(rest)))
    return frozenset((*counts, *(amount for amount, _, _ in spans), *(word for word in words if len(word) > 1))) - {
        canonical_value(value)
    }


_BRACKETS = re.compile(r"[（(].*?[)）]")
_CHINESE = re.compile(r"[一-鿿]+")
_COUNT = re.compile(r"\d{1,4}(?:包|片|粒|袋|支|只|枚|颗|瓶|罐|盒|抽|卷|张|双|块)(?=装|\W|$)")
_TAIL = re.compile(r"[装型款味色版盒]$")


def stands_for(said: str, name: str, value: str) -> bool:
    """Whether a customer who says ``said`` (canonical) may mean this value."""
    return said in (canonical_value(value), looser(name, value)) or said in parts_of(value)
