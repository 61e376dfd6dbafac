"""Which features there are, how telling each is, and how a sentence becomes a sparse row of unit length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.bags import Bags
from kefu.core.intents.rows import Floats, Ints, Rows
from kefu.core.intents.telling import telling

BLOCK_WEIGHTS = {"c": 0.5, "s": 0.25, "w": 0.25}
"""Share of each block in the similarity of two sentences (characters, any two words, words)."""

UNSEEN = -1
COUNT_UNSEEN = "cw"
"""Blocks in which unseen features count; nearly all pairs of words are unseen, so there it would only be noise."""

BIAS = 0
"""Column 0 is in every row: no row is empty, and each class has its own base rate."""
BIAS_VALUE = 0.1

_NUMBER = {block: number for number, block in enumerate(BLOCK_WEIGHTS, start=1)}
_COUNT_UNSEEN = np.array([False, *(block in COUNT_UNSEEN for block in BLOCK_WEIGHTS)])
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
    def learn(cls, bags: Bags, most: int, classes: NDArray[np.int64] | None = None) -> Vocabulary:
        """The ``most`` commonest of the sentences' features.

        Their weight is what they tell of the sentences' ``classes`` (numbers from 0); inverse document frequency
        without classes.
        """
        spread = bags.spread
        kept = np.sort(np.argsort(-spread, kind="stable")[:most])
        rarity = np.log((1 + len(bags)) / (1 + spread)) + 1
        weight = (rarity if classes is None else telling(bags, classes))[kept]
        return cls.of(["", *map(bags.names.__getitem__, kept)], np.concatenate([[1.0], weight]).astype(np.float32))

    def row(self, counts: Mapping[str, int]) -> Rows:
        """One sentence's features as `rows` has them: for a message this is the faster way."""
        find = self.column.get
        unseen = np.zeros(len(_LENGTHS))
        columns, often = [], []
        for name, count in counts.items():
            column = find(name)
            if column is not None:
                columns.append(column)
                often.append(count)
            else:
                unseen[_NUMBER[name[0]]] += 1
        found = np.array(columns, np.int32)
        values = self._values(found, np.array(often, np.float64), self.block[found], unseen * _COUNT_UNSEEN)
        return Rows(
            np.array([0, len(columns) + 1]),
            np.concatenate([[BIAS], found]).astype(np.int32),
            np.concatenate([[np.float32(BIAS_VALUE)], values]),
            len(self.names),
        )

    def rows(self, bags: Bags) -> Rows:
        """Sentences' features as sparse rows; each block of a row has the length its weight gives it.

        Characters and words that were never seen take their part of the length: a sentence of which only one
        character is known must not look like a sentence of just that character.
        """
        column = np.array([self.column.get(name, UNSEEN) for name in bags.names], np.int32)[bags.rows.columns]
        block = np.array([_NUMBER[name[0]] for name in bags.names], np.int64)[bags.rows.columns]
        owner, seen = bags.rows.owners, column != UNSEEN
        cell = owner * len(_LENGTHS) + block
        unseen = np.bincount(cell[~seen & _COUNT_UNSEEN[block]], minlength=len(bags) * len(_LENGTHS))
        column = column[seen]
        values = self._values(column, bags.rows.values[seen], cell[seen], unseen)
        starts = np.append(0, np.cumsum(np.bincount(owner[seen], minlength=len(bags))))
        return Rows(
            starts + np.arange(len(starts)),
            np.insert(column, starts[:-1], BIAS),
            np.insert(values, starts[:-1], BIAS_VALUE),
            len(self.names),
        )

    def _values(self, columns: Ints, often: Floats, cells: NDArray[np.integer], unseen: NDArray) -> Floats:
        """Of features in these ``columns``; ``cells`` are their sentences' blocks, numbered through, and ``unseen`` is
        how many features of each cell have no column."""
        values = self.weight[columns] * (1 + np.log(often))
        length = np.sqrt(np.bincount(cells, np.square(values), len(unseen)) + unseen * self.heaviest * self.heaviest)
        per_cell = np.tile(_LENGTHS, len(unseen) // len(_LENGTHS)) / np.maximum(length, 1e-9)
        return (values * per_cell[cells]).astype(np.float32)
