"""From a sentence to named features: characters, words, any two words.

A feature is a string whose first character names its block. Blocks are weighted against each other by the model, so a
long sentence's characters cannot drown its words.
"""

from __future__ import annotations

import re
from collections import Counter

from kefu.core.text import normalise, tokenise

MAX_CHARS = 300
"""Intent shows early; a pasted page costs no more than this."""

PAIRED_WORDS = 20
"""Any two of this many first words are a feature: what is asked (什么时候) and about what (发票) may be apart."""

_PLACEHOLDER = re.compile(r"\[[^\[\]]{1,6}x\]|<num>|#e-s\[[^\[\]]*\]", re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_LATIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CONTENT = re.compile(r"[^\W_]")
_PUNCTUATION = re.compile(r"[^\w\s]|_")


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
    words = tokenise(cleaned)
    counts.update("w" + word for word in words)
    distinct = sorted(set(words[:PAIRED_WORDS]))
    counts.update(f"s{a} {b}" for i, a in enumerate(distinct) for b in distinct[i + 1 :])
    return counts
