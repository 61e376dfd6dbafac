"""What a shop's words mean: product names, attribute values, device models; compiled once for each shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from kefu.core.text import normalise


@dataclass(frozen=True, slots=True)
class Term:
    """``kind`` is product, attribute or model; ``name`` the attribute's name; ``canonical`` what the shop calls it."""

    kind: str
    name: str
    canonical: str


@dataclass(frozen=True, slots=True)
class _Table:
    """Normalised words with their meanings, and what finds every one of them in a text."""

    words: tuple[str, ...]
    terms: tuple[Term, ...]
    search: AhoCorasick = field(repr=False, compare=False)

    @classmethod
    def of(cls, words: Mapping[str, Term]) -> _Table:
        return cls(tuple(words), tuple(words.values()), AhoCorasick(list(words)))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Build with ``Lexicon.build``; ``find`` gives terms longest-first, left to right, in normalised text.

    ``numbers`` are the bare numbers of values such as 32GB: 有32的吗 means one only in a shop that has it."""

    numbers: Mapping[str, Term] = field(default_factory=dict)
    _tables: tuple[_Table, ...] = ()

    @classmethod
    def build(
        cls,
        products: Mapping[str, str] | None = None,
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        models: Mapping[str, str] | None = None,
    ) -> Lexicon:
        """``products`` and ``models``: name or alias → canonical name. ``attributes``: attribute → (value or alias →
        canonical value). Words are normalised here; empty ones are left out; the first meaning of a word wins."""
        words = _words("product", "product", products or {})
        for kind, name, table in (
            ("model", "model", models or {}),
            *(("attribute", name, values) for name, values in (attributes or {}).items()),
        ):
            words = _words(kind, name, table) | words
        numbers = _bare_numbers(words)
        words |= {unit: term for unit, term in _short_units(words).items() if unit not in words}
        return cls(numbers, (_Table.of(words),) if words else ())

    def with_products(self, products: Mapping[str, str]) -> Lexicon:
        """The same with more names, which win over equal words; takes no longer for a big lexicon."""
        words = _words("product", "product", products)
        return Lexicon(self.numbers, (_Table.of(words), *self._tables)) if words else self

    def find(self, text: str) -> list[tuple[int, int, Term]]:
        """(start, end, term) in normalised ``text``; a Latin word matches only whole (s is not in usb)."""
        hits = [
            (start, -end, rank, table.terms[index])
            for rank, table in enumerate(self._tables)
            for index, start, end in table.search.find_matches_as_indexes(text, overlapping=True)
        ]
        found: list[tuple[int, int, Term]] = []
        free = 0
        for start, minus_end, _, term in sorted(hits, key=lambda hit: hit[:3]):
            if start >= free:
                free = -minus_end
                found.append((start, free, term))
        return [(start, end, term) for start, end, term in found if _whole(text, start, end)]


def _words(kind: str, name: str, table: Mapping[str, str]) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for word, canonical in table.items():
        if folded := normalise(word).text:
            found.setdefault(folded, Term(kind, name, canonical))
    return found


_SIZED = re.compile(r"(\d{1,4})(g|t)b")
_FEW = ("1", "2", "3")
"""满2减1, 那1呢: too small a number to mean a size without its unit."""


def _bare_numbers(words: Mapping[str, Term]) -> dict[str, Term]:
    """32gb → 32, where no other unit of the same attribute has that number; and values that are numbers (鞋码 42)."""
    sized = [
        (match[1], term) for word, term in words.items() if (match := _SIZED.fullmatch(word)) and term.name != "model"
    ]
    found: dict[str, Term] = {}
    for number, term in sized:
        if number in _FEW:
            continue
        found.setdefault(number, term)
    plain = {word: term for word, term in words.items() if word.isdigit() and term.kind == "attribute"}
    return plain | {n: term for n, term in found.items() if all(t == term for m, t in sized if m == n)}


def _short_units(words: Mapping[str, Term]) -> dict[str, Term]:
    """32gb → 32g, as people type it."""
    return {match[1] + match[2]: term for word, term in words.items() if (match := _SIZED.fullmatch(word))}


def _whole(text: str, start: int, end: int) -> bool:
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, at: int) -> bool:
    """Do the characters around ``at`` belong to one Latin word or number (37.5)?"""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if "." in (left, right):
        return text[max(0, at - 2) : at].strip(".").isdigit() and text[at : at + 2].strip(".").isdigit()
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


EMPTY = Lexicon()
