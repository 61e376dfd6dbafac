"""Find every known name in a question at once.

A dict of names plus, for each two-character beginning, the lengths that occur: one look-up a position and one more for
each length there. Measured against Aho–Corasick in ``docs/decisions/catalogue-engines.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kefu.core.catalogue.words import Query


@dataclass(frozen=True, slots=True)
class Hit[T]:
    """``query.text[start:end]`` is a known name of ``target``."""

    start: int
    end: int
    target: T


class Gazetteer[T]:
    """Names → targets. Not changed after it is built."""

    def __init__(self, names: Iterable[tuple[str, T]] = (), shortest: int = 2) -> None:
        """``names`` are keys as :func:`words.key` makes them; of two equal names the later wins, those with fewer
        than ``shortest`` characters are left out."""
        self._targets: dict[str, T] = {name: target for name, target in names if len(name) >= shortest}
        lengths: dict[str, set[int]] = {}
        for name in self._targets:
            head = name[:2]
            if head in lengths:
                lengths[head].add(len(name))
            else:
                lengths[head] = {len(name)}
        self._singles = frozenset(head for head in lengths if len(head) == 1)
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def __len__(self) -> int:
        return len(self._targets)

    def get(self, name: str) -> T | None:
        return self._targets.get(name)

    def find(self, query: Query) -> list[Hit[T]]:
        """The longest names that do not overlap, in the order of the text; of equal ones the first."""
        text, targets, lengths = query.text, self._targets, self._lengths
        hits: list[Hit[T]] = []
        if self._singles:
            hits += [Hit(at, at + 1, targets[c]) for at, c in enumerate(text) if c in self._singles]
        for start in range(len(text) - 1):
            for length in lengths.get(text[start : start + 2], ()):
                end = start + length
                if end > len(text):
                    continue
                target = targets.get(text[start:end])
                if target is not None and query.is_word(start, end):
                    hits.append(Hit(start, end, target))
        return _longest(hits)


def _longest[T](hits: list[Hit[T]]) -> list[Hit[T]]:
    if len(hits) < 2:
        return hits
    chosen: list[Hit[T]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if all(hit.end <= other.start or hit.start >= other.end for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)
