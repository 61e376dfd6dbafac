"""A number of the last question taken back (5岁的 18斤能用不 … 打错了 18公斤): the same is asked with the new one."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.decide.values import Asked
from kefu.core.dialogue import State
from kefu.core.text import normalise

_UNITS = (
    ("公斤", "千克", "kg", "斤"),
    ("厘米", "公分", "cm", "毫米", "mm", "米"),
    ("毫升", "ml", "升", "l"),
    *(
        (unit,)
        for unit in ("个月", "岁", "寸", "码", "年", "款", "克", "个", "件", "箱", "盒", "瓶", "双", "条", "套", "桶")
    ),
)
"""Units that one may stand for another in a slip, together."""
_UNIT = "|".join(sorted((unit for units in _UNITS for unit in units), key=len, reverse=True))
_AMOUNT = re.compile(rf"(?<![\d.])(?P<number>\d+(?:\.\d+)?) ?(?P<unit>{_UNIT})(?![a-z])")
_CORRECTS = re.compile(
    r"(?:哦|啊|哎|呀|不好意思|抱歉|[ ,.。])*"
    r"(?:[打写说输按发搞弄]错(?:字)?了?|错了|不对|口误|更正一?下?|不是(?P<old>\d[^ ,.。]{0,6}))"
    rf"[ ,.。!]*(?:我|应该|其实|是|[ ,])*(?P<new>\d+(?:\.\d+)? ?(?:{_UNIT}))[的哈啊吧哦 ,.。]*"
)


def corrected(asked: Asked, state: State) -> Asked:
    """``asked`` with the last question in place of a mere correction of one of its numbers, else as it is."""
    match = _CORRECTS.fullmatch(normalise(asked.query).text)
    new = _AMOUNT.search(match["new"]) if match else None
    if not match or not new:
        return asked
    before = normalise(state.last_turn.said).text
    meant = [one for one in _AMOUNT.finditer(before) if _may_be_meant(one, new, match["old"] or "")]
    if len(meant) != 1:
        return asked
    return replace(asked, query=f"{before[: meant[0].start()]}{new[0]}{before[meant[0].end() :]}")


def _may_be_meant(one: re.Match[str], new: re.Match[str], old: str) -> bool:
    alike = any({one["unit"], new["unit"]} <= {*units} for units in _UNITS)
    return (alike or one["number"] == new["number"]) and (not old or old.startswith(one["number"]))
