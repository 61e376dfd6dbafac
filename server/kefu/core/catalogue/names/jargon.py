"""Words of the trade: what a customer calls things in a way that no name of theirs has (条子 for 内存条)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kefu.core.catalogue.names.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.values import JargonTerm
from kefu.core.catalogue.words import Query, Span, key


class Jargon:
    """The shop's words of the trade. Not changed after it is built."""

    def __init__(self, terms: Iterable[JargonTerm] = ()) -> None:
        self._terms: Gazetteer[JargonTerm] = Gazetteer({key(term.term): term for term in terms}, shortest=1)

    def translated(self, query: Query, named: Callable[[Query], Sequence[Span]]) -> tuple[Query, list[JargonTerm]]:
        """``query`` with what each word of the trade means in its place, and those words. ``named`` tells where goods
        and kinds are named: a part of what stands there is no word of the trade."""
        hits = self._terms.find(query)
        if hits:
            spans = named(query)
            hits = [hit for hit in hits if not _is_part(query, hit, spans)]
        if not hits:
            return query, []
        parts: list[str] = []
        at = 0
        for hit in hits:
            parts.extend((*query.words(at, hit.start), hit.target.means))
            at = hit.end
        parts.extend(query.words(at, len(query.text)))
        return Query.of(" ".join(parts)), [hit.target for hit in hits]


def _is_part(query: Query, term: Hit[JargonTerm], spans: Sequence[Span]) -> bool:
    """Whether the term is only a part of what it means or of a longer name (内存 in 内存条), which stand in
    ``spans``."""
    meaning = key(term.target.means)
    around = meaning.find(query.text[term.start : term.end])
    if around >= 0 and query.text.startswith(meaning, term.start - around) and term.start >= around:
        return True
    length = term.end - term.start
    return any(start <= term.start and term.end <= end and end - start > length for start, end in spans)
