"""Which features there are, how telling each is, and how a sentence becomes a sparse row of unit length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats, Ints, Rows
from kefu.core.intents.telling import telling

BLOCK_WEIGHTS = {"c": 0.5, "s": 0.25, "w": 0.25}
"""Share of each block in the similarity of two sentences (characters, any two words, words)."""

COUNT_UNSEEN = "cw"
"""Blocks in which unseen features count; nearly all pairs of words are unseen, so there it would only be noise."""

BIAS = 0
"""Column 0 is in every row: no row is empty, and each class has its own base rate."""
BIAS_VALUE = 0.1

_NUMBER = {block: number for number, block in enumerate(BLOCK_WEIGHTS, start=1)}
_LENGTHS = np.sqrt([0.0, *BLOCK_WEIGHTS.values()])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``names[i]`` is the feature of column ``i`` (``names[0]`` is the bias), ``weight[i]`` its weight."""

    names: tuple[str, ...]
    weight: Floats
    column: dict[str, int] = field(repr=False)
    block: NDArray[np.int8] = field(repr=False)
    heaviest: float

    @classmethod
    def of(cls, names: Sequence[str], weight: Floats) -> Vocabulary:
        block = np.array([_NUMBER.get(name[:1], 0) for name in names], np.int8)
        return cls(tuple(names), weight, {name: i for i, name in enumerate(names)}, block, float(weight.max()))

    @classmethod
    def learn(
        cls, counted: Sequence[Mapping[str, int]], most: int, classes: NDArray[np.int64] | None = None
    ) -> Vocabulary:
        """The ``most`` commonest of the sentences' features.

        Their weight is what they tell of the sentences' ``classes`` (numbers from 0); inverse document frequency
        without classes.
        """
        spread: Counter[str] = Counter()
        for counts in counted:
            spread.update(counts.keys())
        kept = sorted(name for name, _ in sorted(spread.items(), key=lambda item: (-item[1], item[0]))[:most])
        if classes is None:
            shared = np.array([spread[name] for name in kept], np.float64)
            weight = np.log((1 + len(counted)) / (1 + shared)) + 1
        else:
            weight = telling(counted, kept, classes)
        return cls.of(["", *kept], np.concatenate([[1.0], weight]).astype(np.float32))

    def row(self, counts: Mapping[str, int]) -> tuple[Ints, Floats]:
        """Columns and values of one sentence's features, as in `rows`."""
        return self.rows([counts]).row(0)

    def rows(self, counted: Sequence[Mapping[str, int]]) -> Rows:
        """Sentences' features as sparse rows; each block of a row has the length its weight gives it.

        Characters and words that were never seen take their part of the length: a sentence of which only one
        character is known must not look like a sentence of just that character.
        """
        found: list[int] = []
        often: list[int] = []
        starts = [0]
        unseen = np.zeros((len(counted), len(_LENGTHS)))
        find = self.column.get
        for at, counts in enumerate(counted):
            found.append(BIAS)
            often.append(1)
            for name, count in counts.items():
                column = find(name)
                if column is not None:
                    found.append(column)
                    often.append(count)
                elif name[0] in COUNT_UNSEEN:
                    unseen[at, _NUMBER[name[0]]] += self.heaviest * self.heaviest
            starts.append(len(found))
        columns, ends = np.array(found, np.int32), np.array(starts)
        values = self.weight[columns] * (1 + np.log(np.array(often, np.float64)))
        cell = np.repeat(np.arange(len(counted)) * len(_LENGTHS), np.diff(ends)) + self.block[columns]
        length = np.sqrt(np.bincount(cell, np.square(values), unseen.size) + unseen.ravel())
        values *= (_LENGTHS / np.maximum(length.reshape(unseen.shape), 1e-9)).ravel()[cell]
        values[ends[:-1]] = BIAS_VALUE
        return Rows(ends, columns, values.astype(np.float32), len(self.names))
