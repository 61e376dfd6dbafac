"""What a shop's words mean: product names, attribute values, device models; compiled once for each shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, MatchKind

from kefu.core.text import normalise


@dataclass(frozen=True, slots=True)
class Term:
    """``kind`` is product, attribute or model; ``name`` the attribute's name; ``canonical`` what the shop calls it."""

    kind: str
    name: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Build with ``Lexicon.build``; ``find`` gives terms longest-first, left to right, in normalised text.

    ``numbers`` are the bare numbers of values such as 32GB: 有32的吗 means one only in a shop that has it."""

    terms: tuple[Term, ...] = ()
    numbers: Mapping[str, Term] = field(default_factory=dict)
    _words: tuple[str, ...] = field(default=(), repr=False)
    _search: AhoCorasick | None = field(default=None, repr=False, compare=False)

    @classmethod
    def build(
        cls,
        products: Mapping[str, str] | None = None,
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        models: Mapping[str, str] | None = None,
    ) -> Lexicon:
        """``products`` and ``models``: name or alias → canonical name. ``attributes``: attribute → (value or alias →
        canonical value). Words are normalised here; empty ones are left out; the first meaning of a word wins."""
        words: dict[str, Term] = {}
        for kind, table in (("product", products or {}), ("model", models or {})):
            for word, canonical in table.items():
                words.setdefault(normalise(word).text, Term(kind, kind, canonical))
        for name, values in (attributes or {}).items():
            for word, canonical in values.items():
                words.setdefault(normalise(word).text, Term("attribute", name, canonical))
        words.pop("", None)
        if not words:
            return cls()
        numbers = _bare_numbers(words)
        words |= {unit: term for unit, term in _short_units(words).items() if unit not in words}
        search = AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest)
        return cls(tuple(words.values()), numbers, tuple(words), search)

    def find(self, text: str) -> list[tuple[int, int, Term]]:
        """(start, end, term) in normalised ``text``; a Latin word matches only whole (s is not in usb)."""
        if self._search is None:
            return []
        return [
            (start, end, self.terms[index])
            for index, start, end in self._search.find_matches_as_indexes(text)
            if _whole(text, start, end)
        ]


_SIZED = re.compile(r"(\d{1,4})(g|t)b")


def _bare_numbers(words: Mapping[str, Term]) -> dict[str, Term]:
    """32gb → 32, where no other unit of the same attribute has that number; and values that are numbers (鞋码 42)."""
    sized = [
        (match[1], term) for word, term in words.items() if (match := _SIZED.fullmatch(word)) and term.name != "model"
    ]
    found: dict[str, Term] = {}
    for number, term in sized:
        found.setdefault(number, term)
    plain = {word: term for word, term in words.items() if word.isdigit() and term.kind == "attribute"}
    return plain | {n: term for n, term in found.items() if all(t == term for m, t in sized if m == n)}


def _short_units(words: Mapping[str, Term]) -> dict[str, Term]:
    """32gb → 32g, as people type it."""
    return {match[1] + match[2]: term for word, term in words.items() if (match := _SIZED.fullmatch(word))}


def _whole(text: str, start: int, end: int) -> bool:
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, at: int) -> bool:
    """Do the characters around ``at`` belong to one Latin word or number?"""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


EMPTY = Lexicon()
