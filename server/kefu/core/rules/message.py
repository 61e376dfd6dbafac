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


def is_one_form(text: str) -> bool:
    """Whether a message of letters and digits only, which is its own full and bare form."""
    return text.isalnum() and len(text) <= MAX_CHARS


def prepare(source: Normalised) -> Message:
    """Cut to MAX_CHARS, drop spaces next to Chinese characters, find the bare message."""
    full = squeeze(source.text[:MAX_CHARS])
    if not full or not (_EDGES[full[0]] or _EDGES[full[-1]]):
        return Message(full, full, 0)
    start, end = bare_span(full)
    return Message(full, full[start:end] if end - start < len(full) else full, start)


def original_span(source: Normalised, start: int, end: int) -> tuple[int, int]:
    """The half-open span of the customer's own text behind ``prepare(source).full[start:end]``."""
    loose = {found.start() for found in _LOOSE_SPACE.finditer(source.text[:MAX_CHARS])}
    origin = [at for i, at in enumerate(source.origin) if i not in loose] if loose else source.origin
    if start >= end:
        at = origin[start] if start < len(origin) else len(source.original)
        return at, at
    return origin[start], origin[end - 1] + 1


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
