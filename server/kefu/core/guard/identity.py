"""Claims to be another maker's model, in Chinese and English; what denies one, asks about one or only names one passes.

No claim is longer than the guard holds back (30 characters); what runs on after one (its maker, its kind) is dropped
word by word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from kefu.core.text import normalise
from kefu.core.voice import Voice

NAMES = tuple(
    word
    for line in (
        r"chatgpt gpt-?[345]\w{0,3}(?:\.\d)? 通义千问 通义 千问 tongyi qwen qwq 文心一言 文心 ernie",
        "豆包 doubao deepseek kimi claude gemini bard llama 智谱清言 chatglm glm-?[0-9] 讯飞星火",
        "星火大模型 混元 腾讯元宝 baichuan mistral copilot minimax grok",
    )
    for word in line.split()
)
"""Models and assistants, as patterns."""
MAKERS = tuple(
    word
    for line in (
        r"open\x20?ai 阿里云 阿里巴巴 阿里(?!旺旺) 达摩院 alibaba 百度 baidu 字节跳动 bytedance",
        r"深度求索 月之暗面 moonshot anthropic 谷歌 google 微软 microsoft meta\x20ai meta 智谱 zhipu",
        "科大讯飞 腾讯 tencent 百川智能 零一万物 xai",
    )
    for word in line.split()
)
"""Who makes them."""

AHEAD = 6
"""Characters after a claim that decide whether it is one."""

_DENIED = r"(?<!以为)(?<!认为)(?<!觉得)(?<!如果)(?<!假如)"
_DENIED_EN = r"(?<![a-z])(?<!whether )(?<!if )(?<!think )(?<!not )(?<!n't )"
_FILL = r"[^。!?,;，；\n不没非否吗]{0,5}?"
_ASKED = r"(?![^。!,;，；\n]{0,3}(?:吗|嘛|还是|\?))"
_MADE = "开发|训练|研发|打造|创造"
_MADE_EN = "developed|trained|created|made|built"
_SELF = (
    r"(?:我|本助手|本模型|本ai)(?:其实|就|只|本来|确实|也)?(?:是|叫|名叫|由|来自|属于|基于|的名字(?:是|叫)"
    r"|的(?:底层)?(?:模型|开发者|创造者|公司|开发商)是|背后的?(?:模型)?是)"
)
_SELF_EN = (
    r"(?:i am|i'm|my name is|my (?:underlying )?model is|i run on|i was)(?: (?:actually|really|called|named|an?|the|ai"
    rf"|model|assistant|based on|built on|powered by|(?:{_MADE_EN}) by|from)){{0,4}}"
)


def identity_pattern(voice: Voice) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    """What claims it, and what is said instead. The shop's own name is no other maker's."""
    own = normalise(f"{voice.maker} {voice.name}").text
    names, makers = (tuple(brand for brand in rows if not re.search(brand, own)) for rows in (NAMES, MAKERS))
    return _compiled(names, makers), partial(_said, voice)


def _said(voice: Voice, match: re.Match[str]) -> str:
    if match["by"]:
        return f"由{voice.maker}打造"
    return f"built by {voice.maker}" if match["built"] else f"我是{voice.maker}的{voice.name}"


@lru_cache(maxsize=64)
def _compiled(names: tuple[str, ...], makers: tuple[str, ...]) -> re.Pattern[str]:
    name, maker, brand = ("|".join(rows) for rows in (names, makers, (*names, *makers)))
    claims = (
        rf"{_DENIED}{_SELF}{_FILL}(?:{brand}){_ASKED}",
        rf"(?:这里是|我(?:使用|用)的(?:模型)?是){_FILL}(?:{name}){_ASKED}",
        rf"(?:作为|身为){_FILL}(?:(?:{name})|(?:{maker}){_FILL}(?:模型|助手|ai)){_ASKED}",
        rf"(?:{name})(?=为您服务|很高兴为|竭诚|在此为)|(?:{name}) ?就?是我(?![国们])",
        rf"(?<![^。!?\n])(?:{name})(?=[。!~\n]|\Z)",
        rf"(?:{brand})[^。!?,;，；\n不没非否]{{0,4}}?(?:{_MADE})出?了?我(?![国们])|(?:{brand}) (?:{_MADE_EN}) me",
        rf"{_DENIED_EN}{_SELF_EN} (?:{brand})(?![a-z]){_ASKED}",
        rf"(?<![a-z])as (?:an? |the |ai |assistant |model ){{0,3}}(?:{brand})(?=, ?i[ '])",
        r"(?:我(?:是|只是)?|作为)(?:一个|一款|一名)?(?:大型?|人工智能|ai|超?大规模|预训练)*(?:语言|大)模型",
        r"as an? (?:ai|large) language model",
        rf"(?P<by>(?<!不是)(?<!并非)(?<!没有)(?:由|被)(?:{brand})[^。!?,;，；\n不没非否]{{0,8}}?(?:{_MADE}){_ASKED})",
        rf"(?P<built>{_DENIED_EN}(?:{_MADE_EN}) by (?:{brand})(?![a-z]){_ASKED})",
    )
    return re.compile("|".join(claims))


_BRAND = "|".join((*NAMES, *MAKERS))
SIGN = re.compile(rf"{_BRAND}|模型|language model")
"""Without one of these nothing is a claim."""
_SOON = rf"(?=[^。!?,，\n]{{0,10}}(?:{_BRAND}))"
_RUNS_ON = (
    rf"[（(]?(?:{_BRAND})[)）]?|[- ]?[vr]?\d[\w.]{{0,4}}",
    "集团|公司|团队|旗下|实验室|自主|独立|自研|全新|系列|超?大规模|大型|预训练|多模态|人工智能",
    r"(?:研发|开发|训练|推出|打造)(?:的|出的)?|的?(?:超?大规模)?(?:语言|大)?模型|的?(?:ai|智能)?(?:语言)?助手",
    rf"的(?={_BRAND}|超?大|语言|ai|人工|一|[。!?！？,，~\n]|\Z)",
    rf"[,，] ?(?=(?:{_BRAND})[^。!?,，\n]{{0,6}}(?:{_MADE}))",
    rf"[,，] ?(?:是|由|又名|也叫|也就是|是?一(?:个|款)由?|来自|我的?(?:名字)?(?:是|叫)){_SOON}",
    r", an?(?= (?:ai|large|language|assistant)\b)| (?:ai|large|language|model|assistant)\b",
    rf",(?= (?:{_MADE_EN}) )| (?:{_MADE_EN})(?: exclusively)? by(?= )",
    rf"(?: the)?(?: chinese)? company(?= )| (?:cloud|group|team|inc)\b| (?={_BRAND})",
)
RUNS_ON = re.compile("|".join(_RUNS_ON), re.IGNORECASE)
"""What follows a claim and belongs to it: version, maker, kind of model."""
