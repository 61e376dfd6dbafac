"""From a sentence to named features: characters with their radicals, words, any two of its parts that stand near.

A feature is a string whose first character names its block. Blocks are weighted against each other by the model, so a
long sentence's characters cannot drown its words.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from kefu.core.intents.stems import stem
from kefu.core.text import normalise, tokenise

MAX_CHARS = 300
"""Intent shows early; a pasted page costs no more than this."""

PAIRED = 30
"""So many first parts of a sentence (a Chinese character, any other word) are paired: what is asked (什么时候) and
about what (发票) may be apart. Pairs of characters do not depend on where words are cut."""
NEAR = 8
"""Two parts are paired when at most so many steps lie between them."""

_PLACEHOLDER = re.compile(r"\[[^\[\]]{1,6}x\]|<num>|#e-s\[[^\[\]]*\]", re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_LATIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CONTENT = re.compile(r"[^\W_]")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_PART = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_RADICALS = tuple(chr(0x2F00 + number) for number in range(214))
_FIRST = tuple(unicodedata.normalize("NFKC", radical) for radical in _RADICALS)
"""Unicode orders U+4E00–9FFF by radical, and each radical itself is the first character of its own."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A cleaned sentence and its features."""

    cleaned: str
    counts: Counter[str]

    @classmethod
    def of(cls, cleaned: str) -> Sentence:
        return cls(cleaned, features(cleaned))


def clean(text: str) -> str:
    """Normal form for features: numbers become 0, punctuation a blank; "" when there is no letter or digit at all."""
    folded = normalise(text[: MAX_CHARS * 4]).text[:MAX_CHARS]
    folded = _DIGITS.sub("0", _PLACEHOLDER.sub("0", folded))
    folded = " ".join(_PUNCTUATION.sub(" ", folded).split())
    return folded if _CONTENT.search(folded) else ""


def features(cleaned: str) -> Counter[str]:
    """Feature counts of a sentence from `clean`."""
    counts: Counter[str] = Counter()
    for part in cleaned.split(" "):
        if part.isascii():
            continue
        edged = f"^{part}$"
        counts.update("c" + char for char in part)
        counts.update("c" + edged[i : i + 2] for i in range(len(edged) - 1))
    latin = " ".join(_LATIN_WORD.findall(cleaned))
    if latin:
        edged = f"^{latin}$"
        for size in (4, 5):
            counts.update("c" + edged[i : i + size] for i in range(len(edged) - size + 1))
    counts.update(dict.fromkeys("c" + radical(char) for char in _HAN.findall(cleaned)).keys())
    counts.update("w" + stem(word) for word in tokenise(cleaned))
    parts = [stem(part) for part in _PART.findall(cleaned)[:PAIRED]]
    pairs = ((one, other) for at, one in enumerate(parts) for other in parts[at + 1 : at + 1 + NEAR])
    counts.update(f"s{one} {other}" if one < other else f"s{other} {one}" for one, other in pairs)
    return counts


@lru_cache(maxsize=8192)
def radical(char: str) -> str:
    """The Kangxi radical (U+2F00–2FD5) under which Unicode lists a Chinese character (U+4E00–9FFF): 疒 for 疹 and 瘫.

    It says something of a word that was never seen.
    """
    return _RADICALS[bisect_right(_FIRST, char) - 1]
