"""Words that stand for a shop's finer values: 黑色 for 曜石黑, 180 for 180/96A, 110 for 110cm."""

from __future__ import annotations

import re
from functools import lru_cache

from kefu.core.catalogue.words import COLOURS, canonical_value, key

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


def shorter(value: str) -> str:
    """A colour's name without 色, where that is more than one character (卡其 for 卡其色); ``""`` for others."""
    return value[:-1] if value.endswith("色") and len(value) > 2 else ""


def stands_for(said: str, name: str, value: str) -> bool:
    """Whether a customer who says ``said`` (canonical) may mean this value."""
    return said in (canonical_value(value), looser(name, value))
