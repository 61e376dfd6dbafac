"""What entries are asked and what they say, as vectors of the shipped sentence encoder.

Customers use other words than the shop: words alone find the right entry first for 44 of 95 such questions, words and
meaning together for some 65 (docs/knowledge.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from kefu.core.intents.features import clean
from kefu.core.intents.meaning import Meaning, shipped
from kefu.core.intents.rows import Floats
from kefu.core.knowledge.entry import SHORTEST_WAY, Entry
from kefu.core.knowledge.passage import label

MOST = 1_000
"""A shop with more entries is searched by words alone: making their vectors would hold its first message for long."""
SENTENCES = 12
"""So many sentences of an entry are compared with a question."""
SAME = 0.9
"""Cosine from which two entries say the same."""

_HAN = re.compile("[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[。；！？!?;\n]+|(?<=[a-z])\. ")

Ways = Callable[[Entry], Sequence[str]]


class Senses:
    """The vectors of ``entries``, in their order. Not changed after it is built."""

    def __init__(self, entries: Sequence[Entry] = (), ways: Ways | None = None) -> None:
        """``ways`` gives the texts by which an entry is asked for (`ways_of_asking`)."""
        asks = [(ways or ways_of_asking)(entry) for entry in entries]
        says = [sentences_of(entry) for entry in entries]
        chinese = any(_HAN.search(text) for text in chain.from_iterable(asks))
        self.meaning: Meaning = shipped("zh" if chinese or not entries else "en")
        self._asks, self._ask_starts = self._stacked(asks)
        self._says, self._say_starts = self._stacked(says)
        sums = np.add.reduceat(self._says, self._say_starts) if entries else self._says
        self.texts: Floats = sums / np.maximum(1e-6, np.linalg.norm(sums, axis=1, keepdims=True))
        """What each entry says as a whole: the mean of its sentences, of length 1."""

    def __len__(self) -> int:
        return len(self._ask_starts)

    def _stacked(self, texts: Sequence[Sequence[str]]) -> tuple[Floats, np.ndarray]:
        """The vectors of all texts, and where those of each entry begin."""
        starts = np.cumsum([0, *map(len, texts)])[:-1]
        return vectors_of(self.meaning, [clean(text) for text in chain.from_iterable(texts)]), starts

    def vector_of(self, question: str) -> Floats:
        """The meaning of a question; zeros where there is nothing to read."""
        return vectors_of(self.meaning, [clean(question)])[0]

    def closeness(self, vector: Floats) -> tuple[Floats, Floats]:
        """For each entry the cosine of the nearest way of asking for it, and of the nearest sentence of its text."""
        asks = np.maximum.reduceat(self._asks @ vector, self._ask_starts)
        return asks, np.maximum.reduceat(self._says @ vector, self._say_starts)


def vectors_of(meaning: Meaning, cleaned: Sequence[str]) -> Floats:
    """The meanings of texts (texts × width). The last `REMEMBERED` are remembered: an edit costs what is new in it, and
    what a shop's next snapshot shares with the one before costs nothing."""
    held = {text: _REMEMBERED.get((meaning.digest, text)) for text in cleaned}
    found = {text: vector for text, vector in held.items() if vector is not None}
    new = [text for text in held if text not in found]
    made = dict(zip(new, meaning.of_all(new), strict=True))
    if len(_REMEMBERED) + len(made) > REMEMBERED:
        _REMEMBERED.clear()
    _REMEMBERED.update({(meaning.digest, text): vector for text, vector in made.items()})
    rows = [made[text] if text in made else found[text] for text in cleaned]
    return np.stack(rows) if rows else np.zeros((0, meaning.width), np.float32)


REMEMBERED = 20_000
"""Texts; 10 MB of vectors."""
_REMEMBERED: dict[tuple[str, str], Floats] = {}


def ways_of_asking(entry: Entry) -> list[str]:
    """The entry's label, its question, and each tag that is long enough to be a way of asking."""
    return list(dict.fromkeys((label(entry), entry.asked, *asked_as(entry))))


def asked_as(entry: Entry) -> list[str]:
    """Tags that are long enough to say how else customers ask."""
    return [tag for tag in entry.tags if len(tag) >= SHORTEST_WAY]


def sentences_of(entry: Entry) -> list[str]:
    """The first sentences of an entry's text; the text itself where none has a letter."""
    found = [sentence for sentence in _SENTENCE_END.split(entry.content) if clean(sentence)]
    return found[:SENTENCES] or [entry.content]
