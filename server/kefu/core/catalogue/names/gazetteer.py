"""Find every known name in a question at once.

Up to ``AUTOMATON_UP_TO`` names an Aho–Corasick automaton (about 1 µs a question); above it a dict of names with, for
each two-character beginning, the lengths that occur (about 15 µs, but built several times faster and so what lets a
million SKUs start in time). Measured in ``docs/decisions/catalogue-engines.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from kefu.core.catalogue.words import Query, Span

AUTOMATON_UP_TO = 300_000


@dataclass(frozen=True, slots=True)
class Hit[T]:
    """``query.text[start:end]`` is a known name of ``target``."""

    start: int
    end: int
    target: T

    @property
    def span(self) -> Span:
        return self.start, self.end


class Gazetteer[T]:
    """Names → targets. Not changed after it is built."""

    def __init__(self, names: Mapping[str, T], shortest: int = 2, automaton_up_to: int = AUTOMATON_UP_TO) -> None:
        """``names`` are keys as :func:`words.key` makes them; those shorter than ``shortest`` are left out."""
        self._targets: dict[str, T] = {name: target for name, target in names.items() if len(name) >= shortest}
        self._automaton: AhoCorasick | None = None
        self._lengths: dict[str, tuple[int, ...]] = {}
        if len(self._targets) <= automaton_up_to:
            self._automaton = AhoCorasick(self._targets)
            self._in_order = list(self._targets.values())
        else:
            self._lengths = _lengths(self._targets)

    def __len__(self) -> int:
        return len(self._targets)

    def get(self, name: str) -> T | None:
        return self._targets.get(name)

    def find(self, query: Query) -> list[Hit[T]]:
        """The longest names that do not overlap, in the order of the text; of equal ones the first."""
        if not self._targets:
            return []
        return _longest([hit for hit in self._all(query) if query.is_word(hit.start, hit.end)])

    def _all(self, query: Query) -> Iterator[Hit[T]]:
        """Every name anywhere, torn words included."""
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(query.text, overlapping=True):
                yield Hit(start, end, self._in_order[index])
            return
        text, targets, lengths = query.text, self._targets, self._lengths
        for start in range(len(text)):
            for length in lengths.get(text[start : start + 2], ()):
                target = targets.get(text[start : start + length])
                if target is not None and start + length <= len(text):
                    yield Hit(start, start + length, target)
            if start + 1 < len(text) and text[start] in lengths:  # names of one character
                yield Hit(start, start + 1, targets[text[start]])


def _lengths(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First two characters → the lengths of the names that begin so."""
    found: dict[str, set[int]] = {}
    for name in names:
        head = name[:2]
        if head in found:
            found[head].add(len(name))
        else:
            found[head] = {len(name)}
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}


def _longest[T](hits: list[Hit[T]]) -> list[Hit[T]]:
    if len(hits) < 2:
        return hits
    chosen: list[Hit[T]] = []
    taken = bytearray(max(hit.end for hit in hits))
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)
