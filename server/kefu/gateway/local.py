"""`kefu-local`: the reply for an LLM node when no language model is set up.

It is no language model and says so: it picks, from what the prompt's system message holds, the passages that answer the
question, and says that it does not know where none does. It never writes a fact that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kefu.core.knowledge import split_passage
from kefu.core.knowledge.index import ceiling, coverage
from kefu.core.knowledge.terms import query_terms, terms_of
from kefu.core.textindex import TextIndex
from kefu.gateway.nodes import text_of

DESCRIPTION = "不是大语言模型：只从检索到的资料里挑选原文作答，资料里没有的就说不确定。"
UNSURE = "这个问题我手上的资料里没有，暂不确定，需要的话我帮您转人工客服确认～"
COVERED = 0.30
"""Share of the question's information that a passage must cover to be said (square-root BM25 coverage, 0–1)."""
MAX_PASSAGES = 2

_MARKED = re.compile(r"<资料>\n?(.*?)</资料>", re.DOTALL)
_PASSAGE = re.compile(r"\n+")
_BULLET = re.compile(r"^(?:\[\d+\]|[-*•]|\d+[.、)])\s*")


def answer_locally(messages: Sequence[Mapping[str, Any]]) -> str:
    """A reply made of passages of the system message, or `UNSURE`."""
    question = next((text_of(m.get("content")) for m in reversed(messages) if m.get("role") == "user"), "")
    system = "\n".join(text_of(m.get("content")) for m in messages if m.get("role") == "system")
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
    """The passages that answer ``question``, best first, at most `MAX_PASSAGES`; none if none covers enough of it.

    A passage's label (【title / question】) counts twice in the search and is left out of what is said.
    """
    texts = [split_passage(passage) for passage in material]
    index = TextIndex(terms_of(f"{label}\n{text}") + terms_of(label) for label, text in texts)
    terms = query_terms(question)
    most = ceiling(index, terms)
    found = [(texts[at][1], coverage(raw, most)) for at, raw in index.search(terms, MAX_PASSAGES)]
    return [text for text, score in found if score >= COVERED and score >= found[0][1] * 0.8]
