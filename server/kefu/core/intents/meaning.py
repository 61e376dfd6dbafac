"""What a sentence means, as a vector: sentences that say the same in other words lie near each other.

A transformer of two small layers, whose weights are shipped (`data/meaning.*.npz`: 1.4 MB for Chinese, 3.8 MB for
English). It was taught to answer like a sentence encoder of many times its size; how, with what, and what it brings is
in docs/decisions/sentence-encoder.md. Plain numpy: a message takes about a millisecond and no further package.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from kefu.core.intents.rows import Floats

LANGUAGES = ("zh", "en")
HEADS = 4
SMALLEST = 1e-6
"""Added to a mean square before its root: a vector of zeros stays one."""
TOGETHER = 32
"""Sentences of one length that are worked on at once."""
UNKNOWN = 0
"""Row of the piece that stands for anything unheard of."""

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of one layer; the gains of its two norms are part of ``attend`` and ``widen``."""

    attend: Floats
    attend_bias: Floats
    join: Floats
    join_bias: Floats
    widen: Floats
    widen_bias: Floats
    narrow: Floats
    narrow_bias: Floats


@dataclass(frozen=True, slots=True)
class Meaning:
    """``rows`` gives a piece's row in ``pieces``; a piece inside a word is written with ``##`` before it."""

    language: str
    digest: str
    rows: Mapping[str, int]
    pieces: Floats
    places: Floats
    layers: tuple[Layer, ...]
    out: Floats
    out_bias: Floats

    @property
    def width(self) -> int:
        return self.out.shape[1]

    def of_all(self, cleaned: Sequence[str]) -> Floats:
        """Meanings of sentences from `features.clean` (sentences × `width`): vectors of length 1; zeros when nothing
        can be read."""
        read = [self._read(sentence) for sentence in cleaned]
        by_length: dict[int, list[int]] = {}
        for at, rows in enumerate(read):
            by_length.setdefault(len(rows), []).append(at)
        out = np.zeros((len(read), self.width), np.float32)
        for length, members in by_length.items():
            for first in range(0, len(members) if length else 0, TOGETHER):
                some = members[first : first + TOGETHER]
                out[some] = self._meanings(np.array([read[at] for at in some]))
        return out

    def _read(self, cleaned: str) -> list[int]:
        """Rows of the pieces of a sentence, as many as there are places."""
        rows: list[int] = []
        for word in _WORD.findall(cleaned):
            if len(rows) >= len(self.places):
                break
            rows.extend(self._spell(word))
        return rows[: len(self.places)]

    def _spell(self, word: str) -> list[int]:
        """The longest known pieces of a word from its start on."""
        whole = self.rows.get(word)
        if whole is not None:
            return [whole]
        rows: list[int] = []
        start = 0
        while start < len(word) and len(rows) < len(self.places):
            for end in range(min(len(word), start + 20), start, -1):
                row = self.rows.get(("##" if start else "") + word[start:end])
                if row is not None:
                    break
            else:
                row, end = UNKNOWN, start + 1
            rows.append(row)
            start = end
        return rows

    def _meanings(self, rows: np.ndarray) -> Floats:
        """Of sentences with equally many pieces, (sentences × pieces)."""
        many, length = rows.shape
        stream = self.pieces[rows] + self.places[:length]
        wide = stream.shape[2]
        for layer in self.layers:
            mixed = _level(stream) @ layer.attend + layer.attend_bias
            asked, offered, said = mixed.reshape(many, length, 3, HEADS, wide // HEADS).transpose(2, 0, 3, 1, 4)
            heed = asked @ offered.transpose(0, 1, 3, 2)
            heed -= heed.max(axis=-1, keepdims=True)
            np.exp(heed, out=heed)
            heed /= heed.sum(axis=-1, keepdims=True)
            stream += (heed @ said).transpose(0, 2, 1, 3).reshape(many, length, wide) @ layer.join + layer.join_bias
            broad = _level(stream) @ layer.widen + layer.widen_bias
            np.maximum(broad, 0, out=broad)
            stream += broad @ layer.narrow + layer.narrow_bias
        meant = _level(stream).mean(axis=1) @ self.out + self.out_bias
        return meant / np.linalg.norm(meant, axis=1, keepdims=True)


def _level(stream: Floats) -> Floats:
    """Each vector divided by its root mean square."""
    squares = np.einsum("...i,...i->...", stream, stream)  # a third of the time of square and mean
    return stream / np.sqrt(squares / stream.shape[-1] + SMALLEST)[..., None]


@lru_cache(maxsize=2)
def shipped(language: str) -> Meaning:
    """The encoder for one of `LANGUAGES`."""
    content = files("kefu.core.intents").joinpath(f"data/meaning.{language}.npz").read_bytes()
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        arrays = {name: _full(stored, name) for name in stored.files if not name.endswith((".scale", "names"))}
        names = bytes(stored["names"]).decode().split("\n")
    layers = tuple(
        Layer(**{field: arrays[f"{number}.{field}"] for field in Layer.__slots__})
        for number in range(sum(name.endswith(".attend") for name in arrays))
    )
    return Meaning(
        language, hashlib.sha256(content).hexdigest()[:16], {name: row for row, name in enumerate(names)},
        arrays["pieces"], arrays["places"], layers, arrays["out"], arrays["out_bias"],
    )  # fmt: skip


def _full(stored: Mapping[str, np.ndarray], name: str) -> Floats:
    """Whole numbers of a byte times the scale of their row, or what was stored as it is."""
    array = stored[name].astype(np.float32)
    return array * stored[f"{name}.scale"].astype(np.float32) if f"{name}.scale" in stored else array
