"""Index terms of a text and of a question: jieba's words, and bigrams of neighbouring Chinese characters."""

from __future__ import annotations

import re

from kefu.core.text import normalise, tokenise

MAX_TEXT = 10_000
_HAN = re.compile("[\u3400-\u9fff]+")

_ASKING = """
怎么 怎么样 怎样 怎么办 怎么弄 如何 什么 啥 吗 呢 吧 啊 呀 哦 了 的 得 地 着 过
我 你 您 他 她 它 我们 你们 咱们 这 那 这个 那个 请 请问 一下 下 是 是不是 有
有没有 没有 在 和 跟 与 或 把 被 给 让 就 都 也 还 还是 又 再 很 太 好 多 可以
能 能不能 可不可以 会 要 想 想要 需要 知道 告诉 帮 帮我 麻烦 处理 办 为什么 为啥 哪
哪里 哪个 哪些 哪儿 几 多少 多久 多长时间 时候 不 不能 没 一个 个 之后 以后 后 时
上 里 到 去 来 说 问 问下 问一下 亲 老板 客服 谢谢 你好 您好 问题 情况 东西 现在
突然 老是 总是 会不会 不会 好不好 要不要 是否 能否 可否 咋 咋办 咋弄 咋整 咋样 哪款 哪种 嘛 么
"""
ASKING = frozenset(_ASKING.split())
"""Words that say that something is asked, not what."""

TOLD = 3
"""Weight of a word that says something against one of asking; measured in docs/knowledge.md."""


def terms_of(text: str) -> list[str]:
    """The terms of a text that is indexed."""
    folded = normalise(text, limit=MAX_TEXT).text
    return [word for word in tokenise(folded) if _says(word)] + _bigrams(folded)


def query_terms(text: str) -> list[str]:
    """The terms of a question, those that say what it is about `TOLD` times, words of asking once.

    怎么退货 finds 怎么申请退货 before 退货地址, and 羽绒服怎么洗 does not find 硬盘怎么装.
    """
    folded = normalise(text, limit=MAX_TEXT).text
    words = tokenise(folded)
    told = _told(words)
    told += _bigrams("".join(" " if word in ASKING else word for word in words))
    return told * (TOLD - 1) + terms_of(text)


def says_little(text: str) -> bool:
    """Whether a question hardly says what it is about (怎么办, 多少钱): fewer than two characters beyond asking."""
    return sum(map(len, telling_words(text))) < 2


def telling_words(text: str) -> list[str]:
    """The words of a question that say what it is about, each once, in their order."""
    return list(dict.fromkeys(_told(tokenise(normalise(text, limit=MAX_TEXT).text))))


def _told(words: list[str]) -> list[str]:
    return [word for word in words if word not in ASKING and _says(word)]


def _says(word: str) -> bool:
    return word.isalnum() or any(c.isalnum() for c in word)


def _bigrams(text: str) -> list[str]:
    return [f"₂{run[at : at + 2]}" for run in _HAN.findall(text) for at in range(len(run) - 1)]
