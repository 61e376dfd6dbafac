"""品牌调性: how the shop speaks. One record for each shop, used wherever a sentence is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from kefu.core.identity import asked_about
from kefu.core.text import normalise
from kefu.errors import BadInput

ADDRESSES = ("您", "你", "亲", "")
MAX_LINES = 30
MAX_LINE = 300


@dataclass(frozen=True, slots=True)
class Voice:
    """``name`` is the assistant's, ``maker`` who stands behind it (usually the shop's company or brand).

    ``tone`` in words (亲切、简洁); ``address`` is how customers are spoken to; ``do`` and ``dont`` are rules in words;
    ``samples`` are sentences as the shop says them.
    """

    name: str = "小客"
    maker: str = "本店"
    tone: str = "亲切、简洁、专业"
    address: str = "您"
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 40:
            raise BadInput("The voice needs a name of 1 to 40 characters.", "E.g. 小客.")
        if not self.maker.strip() or len(self.maker) > 80:
            raise BadInput("The voice needs a maker of 1 to 80 characters.", "E.g. the company or the shop's name.")
        if len(self.address) > 8:
            raise BadInput(f"“{self.address}” is too long as a form of address.", "Use 您, 你 or 亲.")
        if len(self.tone) > MAX_LINE:
            raise BadInput("The tone is too long.", f"At most {MAX_LINE} characters.")
        for lines in (self.do, self.dont, self.samples):
            if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
                raise BadInput("The voice is too long.", f"At most {MAX_LINES} lines of {MAX_LINE} characters each.")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Voice:
        """From JSON; unknown names and wrong types raise BadInput."""
        known = {f.name: f.default for f in fields(cls)}
        unknown = set(data) - set(known)
        if unknown:
            raise BadInput(f"The voice has no {', '.join(sorted(map(str, unknown)))}.", f"It has {', '.join(known)}.")
        values: dict[str, Any] = {}
        for name, value in data.items():
            many = isinstance(known[name], tuple)
            if many and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
                values[name] = tuple(v.strip() for v in value if v.strip())
            elif not many and isinstance(value, str):
                values[name] = value.strip()
            else:
                raise BadInput(
                    f"{name} of the voice has the wrong type.", "Text; do, dont and samples are lists of text."
                )
        return cls(**values)


def variables(voice: Voice, *, customer: str = "", now: datetime | None = None, **more: str) -> dict[str, str]:
    """What a template may use: name, maker, address, customer (name, else form of address), greeting, time, date."""
    called = f"{customer}" if customer else voice.address or "您"
    values = {"name": voice.name, "maker": voice.maker, "author": voice.maker, "address": voice.address or "您"}
    values["customer"] = called
    if now is not None:
        values |= {"greeting": _greeting(now), "time": now.strftime("%H:%M"), "date": f"{now.month}月{now.day}日"}
    return values | {name: value for name, value in more.items() if value}


def fill(template: str, values: Mapping[str, str]) -> str:
    """``template`` with {name} and {{name}} filled from ``values``; an unknown variable stays as it is written."""
    return _VARIABLE.sub(lambda m: values.get(m[1] or m[2], m[0]), template)


_VARIABLE = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}|\{([a-z_]{1,40})\}")


def _greeting(now: datetime) -> str:
    hours = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (23, "晚上好"), (25, "夜深了"))
    return next(words for before, words in hours if now.hour < before)


def brief(voice: Voice) -> str:
    """The voice as instructions for a language model: also the system prompt of the fine-tuning data."""
    parts = [f"你是{voice.name}，{voice.maker}的客服助手。语气：{voice.tone}。"]
    if voice.address:
        parts.append(f"称呼客户为“{voice.address}”。")
    parts.append(f"被问到身份时，只说自己是{voice.maker}的{voice.name}，不提任何其他公司或模型。")
    parts += [f"要：{line}" for line in voice.do]
    parts += [f"不要：{_avoided(line)}" for line in voice.dont]
    if voice.samples:
        parts.append("说话示例：" + " / ".join(voice.samples[:6]))
    return "\n".join(parts)


_FAILINGS = (
    "耐|礼貌|文明|尊|专业|友|客气|理|回|[真属]?实|负责|确|准确|当|良|雅|满|屑|清|明|合|恰|必|相|该|懂|诚|公|规范|健康|正"
    "|利|符|好|适|周|及时|认真"
)
"""What 不 makes a failing of, which is to be avoided as it stands."""
_FORBIDS = re.compile(
    r"(?:^|(?<=[、，,；;。]))(?:一律|绝对?|坚决)?"
    r"(?:不要|不得|不能|不可以?|不许|不准|切勿|请勿|勿|严禁|禁止|避免|杜绝|别(?![人的家处样名])"
    rf"|不(?!{_FAILINGS})[会再]?)"
)


def _avoided(line: str) -> str:
    """What a line of ``dont`` forbids: 不承诺 after 不要 would be read as the opposite; 不耐烦 is a failing itself."""
    return _FORBIDS.sub("", line.strip())


_BUILT_IN = {
    "human": "我是{maker}的智能客服{name}，不是真人哦。需要的话，{address}随时说“转人工”。",
    "model": "我是{maker}的智能客服{name}，由{maker}提供服务。商品和订单的问题都可以问我～",
    "maker": "我是由{maker}打造的智能客服{name}～",
    "name": "我是{maker}的智能客服{name}，很高兴为{address}服务～",
}
"""Kind of identity question → what is said unless the shop has its own answer."""


def identity_answer(text: str, voice: Voice, own: Sequence[tuple[str, str]] = (), kind: str = "") -> str:
    """The answer to a question about who speaks: the shop's ``own`` (question, answer) first, else the built-in; ""
    if it is no such question. ``kind``: which one it is (`kefu.core.identity`), where that is known already. Own
    answers may use {{name}}, {{author}} as in LLaMA-Factory's identity.json."""
    values = variables(voice)
    said = _bare(text)
    for question, answer in own:
        if said and _bare(question) == said:
            return fill(answer, values)
    if not (kind := kind or asked_about(text).kind):
        return ""
    for question, answer in own:
        if asked_about(question).kind == kind:
            return fill(answer, values)
    card = dict(own).get("*", "") if kind != "human" else ""  # 你是真人吗 wants a no, which a card does not give
    return fill(card or _BUILT_IN[kind], values)


def _bare(text: str) -> str:
    return re.sub(r"[^\w]|[吗呢啊呀吧么嘛]$", "", normalise(text, 200).text)


@dataclass(frozen=True, slots=True)
class Touch:
    """What is known of who writes: ``last_order`` and ``status`` in words, e.g. 6680…, 已发货."""

    customer: str = ""
    returning: bool = False
    last_order: str = ""
    order_status: str = ""


def welcome(voice: Voice, touch: Touch, now: datetime) -> str:
    """The first sentence to a customer, personal as far as data allow."""
    called = touch.customer or voice.address or "您"
    hello = f"{called}，{_greeting(now)}！" if touch.customer else f"{_greeting(now)}！"
    again = "欢迎回来，" if touch.returning else ""
    me = f"我是{voice.maker}的{voice.name}，" if not touch.returning else ""
    order = (
        f"{voice.address or '您'}最近的订单{touch.last_order}{touch.order_status}，"
        if touch.last_order and touch.order_status
        else ""
    )
    return f"{hello}{again}{me}{order}有什么可以帮{voice.address or '您'}？"
