"""Goods that a message only mentions: what comes along with another thing, what was tried, what the customer has."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMES_ALONG = re.compile(
    r"(?:(?<!发)(?<!配)送|赠|自带|(?<![要拿])带|附|含|包括|(?<![一-鿿])配)(?:不[送带配含])?(?:的?有|了)?(?:一?[个条根套把副])?$"
)
_WHETHER = re.compile(r"[吗嘛么不没呢](?!错|锈|粘|是|要)|$|[?？,， ]")
_TRIED = re.compile(r"(?:换|试|用|装|接|插|买)[了过](?:一?个|新的?|别的|好几个)*$")
_IN_VAIN = re.compile(r"[,， ]?(?:也|还|都|仍|依然|照样)")


def only_mentioned(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names``, in the normalised ``text``, that are not asked for themselves (送软管不, 换了开关也不行)."""
    return tuple(name for name in names if _is_mentioned(text, name))


def _is_mentioned(text: str, name: str) -> bool:
    at = text.find(name)
    before, after = text[:at], text[at + len(name) :]
    if at < 0 or name in after:
        return False
    comes_along = _COMES_ALONG.search(before) and _WHETHER.match(after) and after.strip()
    return bool(comes_along or (_TRIED.search(before) and _IN_VAIN.match(after)))
