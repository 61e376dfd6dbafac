"""What is asked on about a rule's sentence (可以开专票 … 公司抬头行吗 … 多久开好), which may hold the answer."""

from __future__ import annotations

import re

from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision
from kefu.core.decide.written.facts import FIRST_ANSWERS, PLAIN, UNSURE, context_of
from kefu.core.knowledge.terms import telling_words

_HOW_LONG = re.compile("多久|几天|多长时间|几个(?:工作日|小时)")
_SO_LONG = re.compile(r"[\d一二两三四五六七八九十](?:个|-\d+个?)?(?:工作日|天|小时|分钟|周|月)")
_ASKING = re.compile(rf"{_HOW_LONG.pattern}|大概|一般|[那要能会可以才得了呢吗啊呀吧,。!?？ ]")
ASKED_ON = 20
"""Characters up to which a message goes on about what a rule said, if that was no shorter."""
LOOK_BACK = 3
"""Turns in which it was said, where those after it went on about it too."""


def after_a_rule(reading: Reading) -> Decision | None:
    """The sentence that a rule said, again where it has each telling word of the message, else for a model to find the
    answer in it."""
    said = _said_by_a_rule(reading)
    if len(reading.text.text) > ASKED_ON or len(said) < ASKED_ON:
        return None
    if _has_what_is_asked(said, reading.text.text):
        material, why = context_of(reading, [said], FIRST_ANSWERS), "a rule has said it"
        return Decision("llm", said, reading.topic, needs_llm=True, context=material, found=True, reason=why)
    material = context_of(reading, [f"（{reading.parts.voice.maker or '本店'}刚说过）{said}"], PLAIN)
    return Decision("llm", UNSURE, reading.topic, needs_llm=True, context=material, reason="asked on after a rule")


def _has_what_is_asked(said: str, text: str) -> bool:
    """Whether each telling word of ``text`` stands in what was ``said``, or the time asked of it (多久能开好)."""
    words = telling_words(text)
    if words and all(word in said for word in words):
        return True
    of_what = _ASKING.sub("", text)
    return (
        _HOW_LONG.search(text) is not None
        and _SO_LONG.search(said) is not None
        and of_what[1:] != ""
        and of_what in said
    )


def _said_by_a_rule(reading: Reading) -> str:
    """What a rule said last, if nothing else was spoken of since; "" if it was."""
    for turn in reversed(reading.state.turns[-LOOK_BACK:]):
        if turn.route == "rule":
            return turn.reply
        if turn.route != "llm" or turn.intent != reading.topic:
            return ""
    return ""
