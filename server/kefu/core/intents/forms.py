"""What a sentence looks like, whatever it is about: asks, points back, gives a number, closes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from kefu.core.intents.roles import ROLES

FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "then": r"^(?:那|那么|然后|换成|换|改|要是|如果)",
        "ne": r"(?:呢|咧|勒|嘞)[?。~\s]*$",
        "yes_no": r"(?:吗|嘛|么|不|没|没有|伐|咩|否|吧)[?。~!\s]*$",
        "which": r"几|多久|多少|啥|什么|哪|怎|咋|谁|肿么|如何|好久",
        "when": r"几天|多久|什么时候|啥时候|几时|几点|几号|哪天|多长时间|好久",
        "how": r"怎|咋|如何|步骤|教程",
        "how_much": r"多少|几块|几个钱|啥价|什么价|价格|贵|便宜|一共|总共|报价|几多",
        "there": r"有没|有货|现货|还有|有吗|有么|没货|补货|剩|缺",
        "wants": r"^(?:我?要|来|拿|给我|就要|下单|拍|买|留)|[来拿要买]\s*(?:\d|[一二两三四五六七八九十俩])",
        "closes": r"^(?:好|行|嗯|哦|噢|可以|ok|谢|多谢|感谢|知道|明白|懂|收到|辛苦|算了|拜|妥|得|没事|棒)",
        "thanks": r"谢|辛苦|感恩|拜拜|再见|麻烦了|3q|晓得|明白|知道了|懂了",
        "points": r"这|那个|那款|它|上面|刚才|第[一二三四]",
        "denies": r"^(?:不|没|别|还不|还没)",
        "angry": r"!|垃圾|骗|投诉|举报|差评|恶心|气死",
        "again": r"还是|又|仍|依然|照样|再",
        "done": r"了[。!~\s]*$",
        "please": r"麻烦|帮|给我|请|能不能|可以",
        "self": r"^我",
        "person": r"人工|真人|客服|经理|主管|老板|领导|活人|电话",
    }.items()
}
_PLACES = ("city", "area", "province")
_SLOTS = {
    **{"product": "product", "attribute": "attribute", "quantity": "quantity", "money": "money", "range": "money"},
    **{"date": "date", "time": "time", "address": "address", "order_no": "order", "phone": "phone", "email": "email"},
    **{"person": "name", "model": "device"},
    **{f"{way}{place}": "place" for place in _PLACES for way in ("", "to_", "from_")},
}
_SIZES = {"length<=3": 3, "length<=6": 6, "length<=10": 10}
LONG = 16
_WORDLESS = re.compile(r"[\W呢吗吧啊的了呀]|那|我")
_NOT_WORD = re.compile(r"\W")

NAMES = (
    *FORMS,
    *(f"slot:{name}" for name in sorted(set(_SLOTS.values()))),
    *_SIZES,
    *("long", "rest=0", "rest<=2", "bare"),
    *(f"cue:{role.id}" for role in ROLES),
)
"""Every form there is, in the order of the weights."""


class Said(Protocol):
    """What is read of a slot."""

    @property
    def type(self) -> str: ...

    @property
    def value(self) -> str: ...


def forms_of(text: str, slots: Iterable[Said]) -> frozenset[str]:
    """The forms of a normalised text with the slots found in it."""
    found = {name for name, pattern in FORMS.items() if pattern.search(text)}
    found |= {f"cue:{role.id}" for role in ROLES if role.cue.search(text)}
    rest, named = text, False
    for slot in slots:
        named = True
        rest = rest.replace(slot.value.lower(), "")
        if slot.type in _SLOTS:
            found.add(f"slot:{_SLOTS[slot.type]}")
    length, left = len(_NOT_WORD.sub("", text)), len(_WORDLESS.sub("", rest))
    found |= {name for name, most in _SIZES.items() if length <= most}
    found |= {name for name, holds in (("long", length > LONG), ("rest=0", left == 0), ("rest<=2", left <= 2)) if holds}
    if named and left <= 1:
        found.add("bare")
    return frozenset(found)
