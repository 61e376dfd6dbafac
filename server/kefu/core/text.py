"""Normalise what a customer typed, with every character traceable to the original."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import rjieba

MAX_CHARS = 2_000
"""Longer messages are cut for matching; the original is kept whole by the caller."""

_QUOTES = dict.fromkeys("“”„‟«»「」『』＂″", '"') | dict.fromkeys("‘’‚‛＇′`´", "'")
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}
_VARIATION = re.compile("[\ufe00-\ufe0f\u200d]")
REPEATABLE = frozenset("!?.,;:~-=_*#。，、！？；：…～·")
"""A run of one of these is folded to one."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """``text`` is matched; ``origin[i]`` is the index in ``original`` of the character that ``text[i]`` came from."""

    text: str
    original: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of ``original`` behind ``text[start:end]``."""
        if start >= end:
            at = self.origin[start] if start < len(self.origin) else len(self.original)
            return at, at
        return self.origin[start], self.origin[end - 1] + 1


def _load_simplified() -> dict[str, str]:
    """Traditional → simplified (mainland) for single characters, from zhconv's table."""
    table = json.loads(files("zhconv").joinpath("zhcdict.json").read_bytes())
    pairs = {**table["zh2Hans"], **table["zh2CN"]}
    return {a: b for a, b in pairs.items() if len(a) == 1 and len(b) == 1}


_SIMPLIFIED = _load_simplified()


@lru_cache(maxsize=65_536)
def fold_character(character: str) -> str:
    """One character's normal form: NFKC (fullwidth → ASCII), straight quotes, simplified, lower case; may be empty."""
    if character in _QUOTES:
        return _QUOTES[character]
    if character in "\t\n\r\x0b\x0c\u2028\u2029":
        return " "
    if _VARIATION.match(character) or unicodedata.category(character) in _INVISIBLE:
        return ""
    folded = unicodedata.normalize("NFKC", character)
    folded = "".join(" " if c.isspace() else _QUOTES.get(c, c) for c in folded).lower()
    return "".join(_SIMPLIFIED.get(c, c) for c in folded)


class _Folds(dict[int, int | None]):
    """For `str.translate`: each character to its one-character form, found once; _ODD for any other form."""

    def __missing__(self, code: int) -> int:
        folded = fold_character(chr(code))
        self[code] = result = ord(folded) if len(folded) == 1 else ord(_ODD)
        return result


_ODD = "\0"
_FOLDS = _Folds()
_REPEATING = re.escape("".join(sorted(REPEATABLE)))
_SUSPECT = re.compile(f"[{_ODD} {_REPEATING}]")
_NOT_PLAIN = re.compile(f"{_ODD}|^ | $|([ {_REPEATING}])\\1")
_COUNTING = tuple(range(MAX_CHARS))

_READ_OUT = re.compile("[零〇一二三四五六七八九幺]{4,}(?!年)")
_READ_DIGITS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")


def with_digits(text: str) -> str:
    """``text`` with numbers that are read out digit by digit (幺三八…) in digits: as long as before, for phones."""
    return _READ_OUT.sub(lambda match: match[0].translate(_READ_DIGITS), text)


REMEMBERED = 200
"""Characters of a text whose form is kept: the stages of one turn ask for the same sentence again and again."""


def normalise(text: str, limit: int = MAX_CHARS) -> Normalised:
    """NFKC per character, traditional → simplified, straight quotes, no invisible characters, runs of the same
    punctuation and of spaces folded to one, ends trimmed, lower case; cut to ``limit`` characters."""
    if len(text) <= REMEMBERED:
        return _normalise_short(text, limit)
    return _normalise(text, limit)


@lru_cache(maxsize=4_096)
def _normalise_short(text: str, limit: int) -> Normalised:
    return _normalise(text, limit)


def _normalise(text: str, limit: int) -> Normalised:
    if len(text) <= min(limit, MAX_CHARS):
        plain = text.translate(_FOLDS)
        if not (_SUSPECT.search(plain) and _NOT_PLAIN.search(plain)):
            return Normalised(plain, text, _COUNTING[: len(plain)])
    return _normalise_odd(text, limit)


def _normalise_odd(text: str, limit: int) -> Normalised:
    """`normalise` for text in which characters vanish, grow or repeat."""
    out: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text[: limit * 2]):
        for c in fold_character(character):
            previous = out[-1] if out else " "
            if c == previous and (c == " " or c in REPEATABLE):
                continue
            out.append(c)
            origin.append(index)
        if len(out) >= limit:
            break
    del out[limit:], origin[limit:]
    while out and out[-1] == " ":
        out.pop()
        origin.pop()
    return Normalised("".join(out), text, tuple(origin))


def tokenise(text: str) -> list[str]:
    """Words of ``text`` as jieba cuts them (rjieba: same segmentation, 25 times faster), without spaces."""
    return [word for word in rjieba.cut(text, True) if not word.isspace()]


def dictionary_words(text: str) -> list[str]:
    """As `tokenise`, without words that jieba only guesses (发武汗)."""
    return list(rjieba.cut(text, False))


def first_few(names: Sequence[str], most: int) -> str:
    """At most so many names for an owner to read, … where there are more: A, B, …."""
    return f"{', '.join(names[:most])}{', …' if names[most:] else ''}"


def quote_for_dify(text: str) -> str:
    """``text`` made safe for Dify's prompts, which paste it unescaped and expand ``{{#…#}}`` in it.

    Straight double quotes become Chinese ones, backslashes and line ends blanks, and ``{{#`` is broken apart.
    """
    cleaned = "".join(" " if c in "\\\r\n\t" or unicodedata.category(c) == "Cc" else c for c in text)
    parts = cleaned.split('"')
    quoted = "".join(part + ("“" if i % 2 == 0 else "”") for i, part in enumerate(parts[:-1])) + parts[-1]
    return re.sub(r"\{\{(?=\s*#)", "{ {", quoted).strip()
