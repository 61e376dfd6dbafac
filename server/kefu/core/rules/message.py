"""The forms of a message that rules look at."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from kefu.core.text import MAX_CHARS, Normalised

CJK = "\u2e80-\u303e\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff"
_LOOSE_SPACE = re.compile(f" (?=[{CJK}])|(?<=[{CJK}]) ")


class Message(NamedTuple):
    """``full``: normalised, without spaces next to Chinese characters. ``bare``: without the punctuation and emoji
    around it, or the same object as ``full`` if there is none or nothing else. ``shift``: where ``bare`` begins."""

    full: str
    bare: str
    shift: int
    origin: tuple[int, ...]
    source: Normalised

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the customer's own text behind ``full[start:end]``."""
        if start >= end:
            at = self.origin[start] if start < len(self.origin) else len(self.source.original)
            return at, at
        return self.origin[start], self.origin[end - 1] + 1


def prepare(source: Normalised) -> Message:
    """Cut to MAX_CHARS, drop spaces next to Chinese characters, find the bare message."""
    full, origin = source.text, source.origin
    if len(full) > MAX_CHARS:
        full, origin = full[:MAX_CHARS], origin[:MAX_CHARS]
    if " " in full:
        full, origin = _drop_loose_spaces(full, origin)
    if not full or not (_EDGES[full[0]] or _EDGES[full[-1]]):
        return Message(full, full, 0, origin, source)
    start, end = bare_span(full)
    return Message(full, full[start:end] if end - start < len(full) else full, start, origin, source)


def squeeze(text: str) -> str:
    """``text`` without the spaces next to Chinese characters."""
    return _LOOSE_SPACE.sub("", text) if " " in text else text


def bare_span(text: str) -> tuple[int, int]:
    """Where the message without its edge punctuation lies; all of ``text`` if there is nothing else in it."""
    start, end = 0, len(text)
    while end > start and _EDGES[text[end - 1]]:
        end -= 1
    if end == 0:
        return 0, len(text)
    while _EDGES[text[start]]:
        start += 1
    return start, end


class _Edges(dict[str, bool]):
    def __missing__(self, character: str) -> bool:
        self[character] = found = unicodedata.category(character)[0] in "PSZ"
        return found


_EDGES = _Edges()
"""Punctuation, symbols, emoji and spaces: what may stand around a sentence without changing it."""


def _drop_loose_spaces(text: str, origin: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    loose = {found.start() for found in _LOOSE_SPACE.finditer(text)}
    if not loose:
        return text, origin
    kept = [i for i in range(len(text)) if i not in loose]
    return "".join(text[i] for i in kept), tuple(origin[i] for i in kept)
