"""English words without their endings: charges, charged and charging are one word to the intent model.

Not a linguist's stemmer: what matters is that the forms of one word meet, not what they meet in.
"""

from __future__ import annotations

from functools import lru_cache

SHORTEST = 3
"""Letters that stay, at least."""
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", ""))
_DOUBLED = frozenset("bdgmnprt")
"""Letters that English doubles before an ending (stopped); others are double in the word itself (fill, fee, miss)."""


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """A lower-case word without a common English ending; any other string as it is."""
    if len(word) <= SHORTEST or not (word.isascii() and word.isalpha()) or word.endswith("ss"):
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            word = word[: len(word) - len(ending)] + instead
            if word[-1] == word[-2] and word[-1] in _DOUBLED:
                word = word[:-1]
            break
    return word[:-1] if len(word) > SHORTEST + 1 and word.endswith("e") else word
