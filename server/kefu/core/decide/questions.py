"""Which parts of a message ask something."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[，,。？！?!；;\n])|(?<=[一-龥][ 　])(?=[一-龥])|(?=另外|还有|顺便|再问)")
ASKS = re.compile(
    r"[吗嘛么呢?？]|怎|咋|多少|多久|多长|几|哪|什么|啥|谁|是不是|能不能|可不可以|有没有|要不要|行不行|好不好|能否|是否"
    r"|(?<=[一-龥])(?<![还也从并要])[不没](?=\W|$)|([一-龥])[不没]\1"
)


def questions_in(text: str) -> list[str]:
    """The parts of a message that each ask something, with what leads up to it; [] for a long one."""
    if len(text) > 200:
        return []
    found, before = [], ""
    for piece in _END.split(text):
        before += piece
        if ASKS.search(piece):
            found.append(before.strip(" ，,。；;\n"))
            before = ""
    return found
