"""calm, urgent, dissatisfied or angry: a weighted sum of words, forms and what came before, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import ahocorasick_rs

from kefu.core.emotion import words
from kefu.core.text import Normalised, normalise
from kefu.errors import BadInput

Level = Literal["calm", "urgent", "dissatisfied", "angry"]
LEVELS: tuple[Level, ...] = ("calm", "urgent", "dissatisfied", "angry")


@dataclass(frozen=True, slots=True)
class EmotionSettings:
    """Thresholds of one shop. Scores are sums of word weights (about 1 a plain word, 2 an insult).

    ``hand_off_at``: the level from which a person is called. ``repeats``: failed turns in a row that call one as well.
    ``soothe_*``: said first; variables {address}, {name}.
    """

    enabled: bool = True
    urgent: float = 1.0
    dissatisfied: float = 1.0
    angry: float = 2.0
    hand_off_at: Literal["dissatisfied", "angry", "never"] = "angry"
    repeats: int = 2
    soothe_urgent: str = "理解{address}着急的心情，我马上帮{address}看。"
    soothe_dissatisfied: str = "给{address}添麻烦了，非常抱歉。"
    soothe_angry: str = "非常抱歉让{address}这么生气，{address}的问题我们一定认真处理，马上请人工客服来跟进。"
    soothe_repeat: str = "抱歉一直没能帮到{address}，这就请人工客服来处理。"

    def __post_init__(self) -> None:
        if not all(0 < value <= 100 for value in (self.urgent, self.dissatisfied, self.angry)):
            raise BadInput(
                "An emotion threshold is not between 0 and 100.", "About 1 a word; 2 is the usual for angry."
            )
        if not 1 <= self.repeats <= 20:
            raise BadInput("repeats is not between 1 and 20.", "2 hands over after two failed turns in a row.")
        if self.hand_off_at not in ("dissatisfied", "angry", "never"):
            raise BadInput(f"hand_off_at: “{self.hand_off_at}” is unknown.", "Use dissatisfied, angry or never.")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EmotionSettings:
        """From JSON; unknown names and wrong types raise BadInput."""
        kinds = {f.name: f.type for f in fields(cls)}
        for name, value in data.items():
            if name not in kinds:
                raise BadInput(f"Emotion has no setting “{name}”.", f"It has {', '.join(kinds)}.")
            default = getattr(cls(), name)
            wanted: tuple[type, ...] = (int, float) if isinstance(default, float) else (type(default),)
            if not isinstance(value, wanted) or (isinstance(value, bool) and not isinstance(default, bool)):
                raise BadInput(f"{name}: {value!r} is not a {type(default).__name__}.", "Look at the default value.")
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Emotion:
    """``evidence`` are the customer's words that show it, ``span`` their place in the original text (first to last)."""

    level: Level = "calm"
    evidence: str = ""
    span: tuple[int, int] | None = None
    score: float = 0.0


CALM = Emotion()

SHAPED_CHARS = 200
"""A complaint's shape is looked for in so many characters; words count wherever they stand."""


@dataclass(frozen=True, slots=True)
class _Hit:
    kind: str
    weight: float
    start: int
    end: int


def read_emotion(
    text: str | Normalised,
    settings: EmotionSettings = EmotionSettings(),
    previous: str = "calm",
) -> Emotion:
    """The emotion of ``text``; ``previous`` is the level of the turn before: anger fades, it does not vanish at once.

    Cost: one pass of a multi-pattern automaton over all, and about twenty expressions over the first characters.
    """
    n = text if isinstance(text, Normalised) else normalise(text)
    hits = _hits(n.text) if settings.enabled else []
    if not hits:
        return CALM
    anger = (_sum(hits, "anger") + _pressing(n, hits)) * (0.4 if _asks_of_goods(n.text) else 1.0)
    complaint = _sum(hits, "complaint")
    discontent = complaint + _sum(hits, "discontent") * (1.0 if anger or complaint else _weight_of_words(n.text))
    calming = _sum(hits, "calming")
    carried = {"angry": 0.75, "dissatisfied": 0.5}.get(previous, 0.0) if anger or discontent else 0.0
    angry = anger + 0.35 * min(discontent, 3.0) * (anger > 0) + carried * (anger > 0) - 0.75 * calming
    if anger and angry >= settings.angry:
        return _emotion("angry", n, hits, _UPSET, angry)
    upset = anger + discontent - 0.75 * calming + carried
    if upset >= settings.dissatisfied and (anger or discontent >= settings.dissatisfied or carried):
        return _emotion("dissatisfied", n, hits, _UPSET, upset)
    urgency = _sum(hits, "urgency")
    if urgency >= settings.urgent:
        return _emotion("urgent", n, hits, ("urgency",), urgency)
    return CALM


@dataclass(frozen=True, slots=True)
class Soothing:
    """``sentence`` is said before anything else ("" = nothing); ``hand_off`` is the reason to call a person, or ""."""

    sentence: str = ""
    hand_off: str = ""


def soothe(emotion: Emotion, failures: int, settings: EmotionSettings = EmotionSettings()) -> Soothing:
    """What feeling and ``failures`` failed turns in a row (with this one) call for; templates, not filled in yet."""
    if not settings.enabled:
        return Soothing()
    calls = settings.hand_off_at != "never" and LEVELS.index(emotion.level) >= LEVELS.index(settings.hand_off_at)
    if calls:
        return Soothing(settings.soothe_angry, "angry_customer")
    if failures >= settings.repeats:
        return Soothing(settings.soothe_repeat, "unknown_question")
    sentences = {
        "urgent": settings.soothe_urgent,
        "dissatisfied": settings.soothe_dissatisfied,
        "angry": settings.soothe_angry,
    }
    return Soothing(sentences.get(emotion.level, ""))


_WEIGHTS: tuple[tuple[str, dict[str, float]], ...] = (
    ("harmless", words.HARMLESS),
    ("anger", words.ANGER),
    ("discontent", words.DISCONTENT),
    ("urgency", words.URGENCY),
    ("calming", words.CALMING),
)
_ENTRIES = [(kind, word, weight) for kind, table in _WEIGHTS for word, weight in table.items()]
_AUTOMATON = ahocorasick_rs.AhoCorasick(
    [word for _, word, _ in _ENTRIES], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
)
_COMPLAINTS = [(re.compile(pattern), weight) for pattern, weight in words.COMPLAINTS.items()]
_EXCUSES = re.compile(words.EXCUSES)
_QUESTION = re.compile(
    "(吗|么|呢|嘛|不|(?<![都也])没有?|对吧|是吧|哪[里儿]?|哪[个种款些][^,。!?]{0,3}|多少|多久|几[天年个号]|(?<![有做])(什么|啥)|怎么(区分|办|[^,。!?]))"
    "[?!。~啊呀]*$"
)
_UPSET = ("anger", "discontent", "complaint")
_NEGATED = re.compile(rf"(?:{'|'.join(words.NEGATIONS)})(?:是|太|很|那么|怎么|想|觉得|敢|要)?$")
_SUPPOSED = re.compile("如果|要是|万一|假如|若是|倘若|怕|会不会|有没有|容易")
_GAS = re.compile("(?:空|天然|燃|煤|液化|氧|氢|沼|氮|氦|暖|充|打|漏|排|尾|蒸)$")
"""Before 气 it is air or gas that bursts or breaks (空气炸锅, 暖气坏了), nobody's temper."""
_SHOPPING = re.compile("(?:吗|呢|么|嘛|[?]|怎么区分|推荐)[?!。~]*$|有货|多少钱|有卖")
_ACCUSED = re.compile("你们|商家|店家|客服|卖家|老板")
_INTENSE = re.compile(rf"(?:{'|'.join(words.INTENSIFIERS)})(?:是|地|的)?$")


def _hits(text: str) -> list[_Hit]:
    found = []
    for index, start, end in _AUTOMATON.find_matches_as_indexes(text):
        kind, _, weight = _ENTRIES[index]
        before = text[max(0, start - 4) : start]
        if kind == "harmless" or (kind != "calming" and _NEGATED.search(before)):
            continue
        if kind in _UPSET and text[start] == "气" and _GAS.search(before):
            continue
        if kind in _UPSET and _SUPPOSED.search(text[max(0, start - 8) : start]):
            continue
        if kind == "calming" and _NEGATED.search(before):
            kind, weight = "discontent", 0.5
        found.append(_Hit(kind, weight * (1.25 if _INTENSE.search(before) else 1.0), start, end))
    head = text[:SHAPED_CHARS]
    shapes = [(pattern.search(head), weight) for pattern, weight in _COMPLAINTS]
    found += [
        _Hit("complaint", weight, *shape.span()) for shape, weight in shapes if shape and not _EXCUSES.search(head)
    ]
    return found


def _weight_of_words(text: str) -> float:
    """What words of discontent count where no complaint is made: little in a plain question, or beside an excuse."""
    return 0.3 if _QUESTION.search(text) or _EXCUSES.search(text) else 1.0


def _sum(hits: list[_Hit], kind: str) -> float:
    """Different words add up; the same word again counts a quarter (哈哈哈, 急急急)."""
    return sum(hit.weight for hit in hits if hit.kind == kind)


def _pressing(n: Normalised, hits: list[_Hit]) -> float:
    """Exclamation marks and an accused 你们 or 客服 make angry words angrier; alone they say nothing."""
    if not any(hit.kind == "anger" for hit in hits):
        return 0.0
    loud = len(re.findall(r"[!！]", n.original)) >= 3 or any(
        hit.kind == "anger" and n.text[hit.end : hit.end + 1] == "!" for hit in hits
    )
    return 0.5 * loud + 0.5 * bool(_ACCUSED.search(n.text))


def _asks_of_goods(text: str) -> bool:
    """A question that speaks neither of you nor of me is about goods more often than about the shop."""
    return bool(_SHOPPING.search(text)) and not re.search("你|我|咱|俺|您", text)


def _emotion(level: Level, n: Normalised, hits: list[_Hit], kinds: tuple[str, ...], score: float) -> Emotion:
    spans = sorted(n.span(hit.start, hit.end) for hit in hits if hit.kind in kinds)
    words_shown = " ".join(n.original[a:b] for a, b in spans[:5])
    return Emotion(level, words_shown, (spans[0][0], max(end for _, end in spans)), round(score, 2))
