"""Group questions that ask the same, one after the other, without a model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kefu.core.privacy import mask_personal
from kefu.core.text import normalise, tokenise

SIMILAR = 0.35
"""Cosine from which two questions are the same one; chosen on the pairs of tests/core/data/question_pairs.csv."""
MAX_EXAMPLES = 30
MAX_QUESTION = 200

_FILLER = re.compile(
    r"请问一?下?|麻烦问?一?下?|想问一?下?|问一下|你好|您好|在吗|亲亲?|哈喽|老板|客服|我想知道|我想|谢谢|帮我?看?一?下?"
    r"|能不能|可不可以|是不是|有没有|可以|能够|一下|这个|那个|这款|那款|你们|你家|咱们|咱家|店里|的话"
    r"|[吗呢啊呀吧么嘛哦哈呐咯啦]+(?=[?!,。 ]|$)|[?!,。.~…:;]"
)
_COMMON_WORDS = (
    "支持 需要 付款 收货 发货 使用 订单 商品 产品 东西 衣服 时间 多久 几天 时候 多少 钱 多少钱 买 购买 下单 拍 款"
    " 店 家 怎么办 几点 哪里 线上 包 师傅 填 错 写 放 帮 送 开 能否 是否 想 改 一张"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_COMMON_WEIGHT = 0.25
_EMPTY = frozenset("的了是我你您他在有和就都也还要会能用这那个吗呢啊吧到给把被让从对哪一") | {"什么", "怎么", "如何"}


def as_question(text: str) -> str:
    """The text of a turn as it is kept in a cluster: one line, personal data masked, cut."""
    return mask_personal(" ".join(text.split()))[:MAX_QUESTION]


@lru_cache(maxsize=20_000)
def features(question: str) -> Mapping[str, float]:
    """Words, characters and character pairs of ``question`` without politeness and particles, as a unit vector.

    Numbers are one feature; words that any question of a shop may have weigh a quarter.
    """
    core = re.sub(r"\d+(?:\.\d+)?", "0", _FILLER.sub(" ", normalise(question, MAX_QUESTION).text))
    weights: dict[str, float] = {}
    for word in tokenise(core):
        if word not in _EMPTY and any(map(str.isalnum, word)):
            weights[word] = _COMMON_WEIGHT if word in _COMMON else 1.0
    common = "".join(word for word in weights if word in _COMMON)
    for i, character in enumerate(core):
        if not character.isalnum() or character in _EMPTY:
            continue
        light = _COMMON_WEIGHT if character in common else 1.0
        weights[f"_{character}"] = 0.5 * light
        if i + 1 < len(core) and core[i + 1].isalnum() and core[i + 1] not in _EMPTY:
            weights[f"__{core[i : i + 2]}"] = 0.5 * light
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {name: weight / length for name, weight in weights.items()} if length else {}


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster as the grouper sees it: its key and some of its questions."""

    key: int
    questions: tuple[str, ...]


class Grouper:
    """Finds the group of a question among many by the cosine of shared words; new groups join as they come.

    Cost: the questions that share a word, one addition each.
    """

    def __init__(self, groups: Iterable[Group] = (), similar: float = SIMILAR) -> None:
        self._similar = similar
        self._keys: list[int] = []
        self._having: dict[str, list[tuple[int, float]]] = {}
        for one in groups:
            for question in one.questions:
                self.add(one.key, question)

    def add(self, key: int, question: str) -> None:
        """Let ``question`` stand for group ``key``."""
        for name, weight in features(question).items():
            self._having.setdefault(name, []).append((len(self._keys), weight))
        self._keys.append(key)

    def find(self, question: str) -> int | None:
        """The key of the most similar group (the earliest among equals), or None if none is similar enough."""
        scores: dict[int, float] = {}
        for name, weight in features(question).items():
            for index, other in self._having.get(name, ()):
                scores[index] = scores.get(index, 0.0) + weight * other
        index, score = max(scores.items(), key=lambda item: (round(item[1], 9), -item[0]), default=(0, 0.0))
        return self._keys[index] if score >= self._similar else None


def group(questions: Sequence[str]) -> list[list[int]]:
    """Indices of ``questions`` that belong together, largest group first: for reports and tests."""
    grouper, groups = Grouper(), dict[int, list[int]]()
    for index, question in enumerate(questions):
        key = grouper.find(question)
        key = len(groups) if key is None else key
        grouper.add(key, question)
        groups.setdefault(key, []).append(index)
    return sorted(groups.values(), key=len, reverse=True)


def pick_title(questions: Iterable[str]) -> str:
    """The question that stands for the others: the commonest, then the shortest that still has words."""
    counts = Counter(questions)
    return min(counts, key=lambda q: (-counts[q], not features(q), len(q), q), default="")


PLACEHOLDERS = {
    "[单号]": r"[a-z]{0,4}\d{9,24}",
    "[手机号]": r"1\d{10}",
    "[电话]": r"\d{3,4}[- ]\d{7,8}",
    "[证件号]": r"\d{17}[\dx]",
}


def as_pattern(question: str) -> tuple[Literal["sentence", "regex"], str]:
    """(kind, text) of a rule pattern for ``question``: the sentence, or a regex where something was masked."""
    if not any(mark in question for mark in (*PLACEHOLDERS, "[邮箱]", "[账号]", "[地址]", "[姓名]")):
        return "sentence", question
    parts = re.split(r"(\[(?:单号|手机号|电话|证件号|邮箱|账号|地址|姓名)\])", question)
    body = "".join(
        (PLACEHOLDERS.get(part, r".{1,60}") if part.startswith("[") else re.escape(normalise(part).text))
        for part in parts
    )
    return "regex", f"^{body}$"


def ended_unanswered(route: str, handoff_reason: str, unknown: bool) -> bool:
    """Did the turn end in other or low confidence? ``unknown``: the intent was rejected."""
    return handoff_reason in ("unknown_question", "low_confidence") or (unknown and route in ("llm", "human"))
