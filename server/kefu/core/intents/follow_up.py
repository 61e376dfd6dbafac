"""Short follow-ups: “那苏州呢” has no intent of its own, it keeps the one that was talked about."""

from __future__ import annotations

import re

SHORT = 8
"""Characters up to which a message can lean on the one before."""

_LEANS = re.compile(r"^(那|还有(?=个|一|别|另)|那么|要是|如果是|换成|换做|也)|(呢|的话|的呢|也是吗|也行吗|一样吗)$")
_CLOSES = re.compile(
    r"^(好|好的|好吧|好滴|嗯+|哦+|噢|行|可以|是的|对|不用|不是|没有|没了|知道了|明白|收到|谢谢|多谢|辛苦|再见|ok|thanks?)"
    r"[吧啊呀哦了的啦 ]*(谢谢|知道了|明白了|辛苦了|再见)?[你您了啦 ]*$"
)


def leans_on_the_past(cleaned: str) -> bool:
    """Is this message too short to stand alone, and no mere “好的，谢谢”?"""
    words = cleaned.replace(" ", "")
    return not _CLOSES.match(cleaned) and (
        len(words) <= SHORT or (len(words) <= 2 * SHORT and bool(_LEANS.search(words)))
    )


def points_back(cleaned: str) -> bool:
    """Does the wording itself say that it goes on: “那…呢”, “还有…”?"""
    return bool(_LEANS.search(cleaned.replace(" ", "")))
