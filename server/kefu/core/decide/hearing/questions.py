"""Which parts of a message ask something."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[，,。？！?!；;\n])|(?<=[一-龥][ 　])(?=[一-龥])|(?=另外|还有|顺便|再问)")
ASKS = re.compile(
    r"[吗嘛么呢?？]|怎|咋|多少|多久|多长|几|哪|什么|啥|谁|是不是|能不能|可不可以|有没有|要不要|行不行|好不好|能否|是否"
    r"|(?<=[一-龥])(?<![还也从并要])[不没](?=\W|$)|([一-龥])[不没唔]\1"
)

_WISHES = re.compile(r"取消|(?:想|要|申请|给我|帮我)退(?:款|货|掉|了)|(?:想|要|有|发|给).{0,3}(?:教程|说明书|安装视频)")
"""What is to be done or sent, in so many words, is a part of its own."""
_JOINS = re.compile(
    r"^(?:还有|另外|顺便|再)(?:再?[想请]?问一?下?)?[,，:： ]*(?=[一-龥a-zA-Z]{3})(?![货吗没么现库多少几啥什别其])"
)


_TAKES = re.compile(
    r"(?:那|我|就|先|给我)*(?:想?要|来|拿|买|拍)(?:[一二两三四五六七八九十俩]{1,2}|\d{1,3}) ?[一-龥].{0,6}"
)


def wish_after_the_question(text: str) -> str:
    """What is taken in a message that asked something before it (新鲜不 我要4罐); "" if nothing is."""
    last = re.split(r"[ 　,，。;；!！?？\n]+", text.strip(" 　。！!~"))[-1]
    return last if _TAKES.fullmatch(last) and not ASKS.search(last) and last != text.strip() else ""


def questions_in(text: str) -> list[str]:
    """The parts of a message that each ask something, with what leads up to it; [] for a long one."""
    if len(text) > 200:
        return []
    found, before = [], ""
    for piece in _END.split(text):
        before += piece
        if ASKS.search(piece) or _WISHES.search(piece):
            found.append(_JOINS.sub("", before.strip(" ，,。；;\n")))
            before = ""
    return found
