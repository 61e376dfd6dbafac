"""Words that sound alike: what a sentence says if one of its words was picked wrongly from an input method's list.

The syllables (`syllables.csv`) are those of the 6,763 characters of GB 2312 in their first reading, without tones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from kefu.core.text import dictionary_words

SHORTEST, LONGEST = 2, 8
"""Characters of a word that is looked for by its sound."""
_HAN = re.compile("[一-鿿]+")
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
"""Sounds that many speakers do not tell apart, and so type one for the other."""
_LOOKS_LIKE = str.maketrans("小末己曰", "少未已日")
"""Characters that are mistaken for each other by their look."""


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    rows = files("kefu.core.sounds").joinpath("syllables.csv").read_text(encoding="utf-8").splitlines()[1:]
    found: dict[str, str] = {}
    for syllable, characters in (row.split(",") for row in rows):
        for spelt, alike in _ALIKE:
            syllable = syllable.replace(spelt, alike)
        found.update(dict.fromkeys(characters, syllable))
    return found


def sound_of(word: str) -> str:
    """The syllables of a word; a character that has none stands for itself."""
    syllables = _syllables()
    return " ".join(syllables.get(character, character) for character in word.translate(_LOOKS_LIKE))


class Homophones:
    """Words of Chinese characters, found by their sound. Not changed after it is built."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {word for word in words if SHORTEST <= len(word) <= LONGEST and _HAN.fullmatch(word)}
        self._by_sound: dict[str, str] = {}
        for word in sorted(self._words):
            self._by_sound.setdefault(sound_of(word), word)

    def respelled(self, text: str) -> str:
        """``text`` with each piece that only sounds like one of the words written as that word: as many characters, of
        which at least half are the same. Text without such a piece comes back as it is."""
        out = list(text)
        for start, end, word in self._mistaken(text):
            out[start:end] = word
        return "".join(out)

    def _mistaken(self, text: str) -> Iterator[tuple[int, int, str]]:
        whole = [word for word in dictionary_words(text) if len(word) > SHORTEST]
        for run in _HAN.finditer(text):
            at = run.start()
            while at < run.end():
                word = next(self._begin_at(text, at, run.end(), whole), "")
                if word and word != text[at : at + len(word)]:
                    yield at, at + len(word), word
                at += len(word) or 1

    def _begin_at(self, text: str, start: int, end: int, whole: Sequence[str]) -> Iterator[str]:
        """The words that may stand there, the longest first; not in the middle of a ``whole`` one (顺风 of 顺风耳)."""
        for length in range(min(LONGEST, end - start), SHORTEST - 1, -1):
            piece = text[start : start + length]
            if any(piece in word and piece != word for word in whole):
                continue
            word = piece if piece in self._words else self._by_sound.get(sound_of(piece), "")
            if word and sum(a == b for a, b in zip(piece, word, strict=True)) * 2 >= length:
                yield word
