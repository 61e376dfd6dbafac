"""`kefu-local`: the reply for an LLM node when no language model is set up.

It is no language model and says so: it picks, from what the prompt's system message holds, the passages that answer the
question, and says that it does not know where none does. It never writes a fact that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kefu.core.decide.written.facts import FIRST_ANSWERS, FIRST_ANSWERS_PART, FIRST_MAY_ANSWER, PLAIN, UNSURE
from kefu.core.knowledge import Entry, KnowledgeIndex, Senses, split_passage
from kefu.core.knowledge.entry import MAX_CONTENT
from kefu.core.knowledge.passage import MAX_LABEL
from kefu.gateway.nodes import text_of

DESCRIPTION = "不是大语言模型：只从检索到的资料里挑选原文作答，资料里没有的就说不确定。"
MAYBE = "您看是不是这个情况：{passage}\n如果不是，您可以再说详细一点，或者说“转人工”找同事确认～"
SURE = 0.35
"""Chance (0–1) from which a passage is said. A prompt holds neither other ways of asking nor intents: less is reached
than where the passages were found."""
MAX_PASSAGES = 2
MOST_READ = 50
"""Passages of a prompt that are looked at: each costs a millisecond."""

REST = "{passage}\n另外问的这边暂不确定，需要的话我帮您转人工客服确认～"
_SAID_AS = {FIRST_ANSWERS: "{passage}", FIRST_MAY_ANSWER: MAYBE, FIRST_ANSWERS_PART: REST}
_MARKED = re.compile(rf"^(?:{'|'.join((PLAIN, *_SAID_AS))})\n?(.*?)</资料>", re.DOTALL | re.MULTILINE)
_FIRST = re.compile(rf"({'|'.join(_SAID_AS)})\n(.+)")
_PASSAGE = re.compile(r"\n+")
_BULLET = re.compile(r"^(?:\[\d+\]|[-*•]|\d+[.、)])\s*")


def answer_locally(messages: Sequence[Mapping[str, Any]]) -> str:
    """A reply made of passages of the system message, or `UNSURE`."""
    question = next((text_of(m.get("content")) for m in reversed(messages) if m.get("role") == "user"), "")
    system = "\n".join(text_of(m.get("content")) for m in messages if m.get("role") == "system")
    if first := _FIRST.search(system):
        return _SAID_AS[first[1]].format(passage=split_passage(first[2])[1])
    chosen = best_passages(question, passages(system))
    return "\n".join(chosen) if chosen else UNSURE


def passages(system: str) -> list[str]:
    """The passages of the prompt's material: what stands between <资料> marks, one a line with its label.

    A prompt without the marks offers nothing: its lines are instructions, not facts.
    """
    found: list[str] = []
    for block in _MARKED.findall(system):
        found.extend(_BULLET.sub("", line).strip() for line in _PASSAGE.split(block))
    return [line for line in dict.fromkeys(found) if line]


def best_passages(question: str, material: Sequence[str]) -> list[str]:
    """The passages that answer ``question``, best first, at most `MAX_PASSAGES`; none if none is likely to.

    A passage's label (【title / question】) tells what it is about and is left out of what is said.
    """
    entries = [_entry(number, *split_passage(passage)) for number, passage in enumerate(material[:MOST_READ])]
    index = KnowledgeIndex(entries)
    hits = index.with_senses(Senses(index.entries)).search(question, MAX_PASSAGES, SURE) if entries else []
    return [hit.entry.content for hit in hits if hit.score >= hits[0].score * 0.8]


def _entry(number: int, label: str, text: str) -> Entry:
    return Entry(f"{number:03}", "manuals", label or text[:MAX_LABEL], (text or label)[:MAX_CONTENT])
