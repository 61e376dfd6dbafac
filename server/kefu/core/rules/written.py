"""A rule's plain sentences as knowledge: who says them in other words (可以花呗吗 for 支持花呗吗) is still answered."""

from __future__ import annotations

from collections.abc import Iterable

from kefu.core.knowledge.entry import MAX_CONTENT, Entry
from kefu.core.knowledge.index import Hit, KnowledgeIndex
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
        found = [entry for rule in rules if (entry := _entry(rule))]
        self._entries = {entry.id: entry for entry in found}
        # Searched by what customers say; the reply speaks of much that they did not ask.
        self._sentences = KnowledgeIndex(Entry(e.id, "scripts", e.title, e.question) for e in found)

    def search(self, text: str, top_k: int = 1) -> list[Hit]:
        """At most ``top_k`` rules that say nearly the same, best first, each as an entry whose content is the reply."""
        if says_little(text):
            return []
        hits = self._sentences.search(text, top_k, ALIKE)
        return [Hit(self._entries[hit.entry.id], hit.score) for hit in hits]


def _entry(rule: Rule) -> Entry | None:
    sentences = [pattern.text for pattern in rule.patterns if pattern.kind == "sentence"]
    replies = [reply for reply in rule.replies if not variables_of(reply) and len(reply) <= MAX_CONTENT]
    acts = rule.action.kind not in ("", "set_topic")
    if not sentences or not replies or acts or not rule.enabled or rule.scope != EVERYWHERE or rule.none:
        return None
    return Entry(f"rule:{rule.id}", "scripts", sentences[0], replies[0], question=" ".join(sentences))
