"""A rule's plain sentences as knowledge: who says them in other words (可以花呗吗 for 支持花呗吗) is still answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kefu.core.knowledge.entry import MAX_CONTENT, Entry
from kefu.core.knowledge.index import KnowledgeIndex
from kefu.core.knowledge.judging import Candidate
from kefu.core.knowledge.senses import Senses
from kefu.core.knowledge.terms import says_little
from kefu.core.rules.reply import variables_of
from kefu.core.rules.rule import EVERYWHERE, Rule

MOST = 500
"""Of more rules nothing is taken: indexing them would delay an edit by more than 50 ms, and so many cover variants."""

ALIKE = 0.45
"""Share of a message that a rule's sentences must cover."""


class WrittenRules:
    """The rules that hold everywhere, only answer, and have a plain sentence and a reply without variables."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        found = sorted((entry for rule in rules if (entry := _entry(rule))), key=lambda entry: entry.id)
        self._entries = {entry.id: entry for entry in found}
        # Words are compared with what customers say; the reply speaks of much that they did not ask.
        self._words = KnowledgeIndex(Entry(e.id, "scripts", e.title, e.question) for e in found)
        self._sentences = self._words.with_senses(Senses(found, ways=lambda entry: entry.tags))

    def alike(self, text: str) -> bool:
        """Whether a rule says nearly the same, in the same words."""
        return not says_little(text) and bool(self._words.search(text, 1, ALIKE))

    def candidates(self, text: str) -> list[Candidate]:
        """The rules that are likeliest to answer, each as an entry whose content is the reply."""
        if says_little(text) or not self._entries:
            return []
        return [replace(one, entry=self._entries[one.entry.id]) for one in self._sentences.candidates(text)]


def is_searched(rule: Rule) -> bool:
    """Whether its sentences are found in other words too, in a shop of few rules."""
    return _entry(rule) is not None


def _entry(rule: Rule) -> Entry | None:
    sentences = [pattern.text for pattern in rule.patterns if pattern.kind == "sentence"]
    replies = [reply for reply in rule.replies if not variables_of(reply) and len(reply) <= MAX_CONTENT]
    acts = rule.action.kind not in ("", "set_topic")
    if not sentences or not replies or acts or not rule.enabled or rule.scope != EVERYWHERE or rule.none:
        return None
    name, said = f"rule:{rule.id}", " ".join(sentences)
    return Entry(name, "scripts", sentences[0], replies[0], question=said, tags=tuple(sentences))
