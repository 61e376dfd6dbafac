"""A list of things with numbers (弯头40个 三通8个; 两套100 一套90): which words belong to which number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kefu.core.catalogue.words import Span

SEPARATOR = re.compile(
    r"还有|以及|加上|加(?=[一二两三四五六七八九十\d]|[个支瓶件条盒包只双张台套把])|另外|顺便|或者|还是|比(?![较如例赛价重])"
    r"|再[来要加拿配买]个?|[和跟与及、，,；;。\n]|(?<![a-zA-Z\d])[+＋]|[+＋](?![a-zA-Z\d])"
    r"|(?<=[的\da-z])配(?=[一二两三四五六七八九十\d])"
    r"|(?<=[一二两三四五六七八九十\d][个支瓶件条盒包只双张台套把箱袋罐桶块本根对份卷])加(?![厚大长绒热宽密固急高]|湿器)"
)
"""Between two things of one sentence. 8+128 and 两件加厚的 are one."""
_BLANK = re.compile("[ 　]+")
_LEADS = re.compile(r"(?:[那就我要来拿给买想先亲再订单拍个,，。 　]|麻烦|帮忙?|一共|总共)*")
_TAKES = re.compile("[再要来拿买拍订和跟]+$")


def portions(text: str, counted: Sequence[Span]) -> list[Span]:
    """Where each thing with its number stands, of the numbers at ``counted``; [] of fewer than two.

    The number stands behind its thing, or before it where the text begins with one. Numbers side by side (一箱24瓶)
    are of one thing.
    """
    counts = _apart(text, sorted(counted))
    if len(counts) < 2:
        return []
    before = _LEADS.fullmatch(text[: counts[0][0]]) is not None
    cuts = [0, *(_cut(text, one[1], other[0], before) for one, other in pairwise(counts)), len(text)]
    return list(pairwise(cuts))


def _apart(text: str, counted: Sequence[Span]) -> list[Span]:
    apart: list[Span] = []
    for span in counted:
        if not apart or text[apart[-1][1] : span[0]].strip(" 　的"):
            apart.append(span)
    return apart


def _cut(text: str, end: int, start: int, before: bool) -> int:
    """Where between two numbers, of which one ends at ``end`` and the next begins at ``start``, the next thing begins:
    at the separator next to the number that its thing stands beside, else at that number itself."""
    between = text[end:start]
    found = [*SEPARATOR.finditer(between), *_BLANK.finditer(between)]
    found = [match for match in found if between[: match.start()].strip() or not before]
    if found:
        return end + (max if before else min)(match.start() for match in found)
    if not before:
        return end
    verb = _TAKES.search(between)
    return start - (len(verb[0]) if verb else 0)
