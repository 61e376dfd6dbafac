"""Sparse rows on plain numpy: just the three products that ridge regression needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int32]

CHUNK = 4_000_000
"""Numbers in a temporary (16 MB of float32): memory stays flat however many rows and classes there are."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Row ``i`` has ``values[starts[i]:starts[i+1]]`` in the columns ``columns[…]``; no row is empty."""

    starts: NDArray[np.int64]
    columns: Ints
    values: Floats
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, rows: list[tuple[Ints, Floats]], width: int) -> Rows:
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(columns) for columns, _ in rows], out=starts[1:])
        if not rows:
            return cls(starts, np.zeros(0, np.int32), np.zeros(0, np.float32), width)
        return cls(starts, np.concatenate([c for c, _ in rows]), np.concatenate([v for _, v in rows]), width)

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        """The chosen rows, in that order."""
        return Rows.of([self.row(int(i)) for i in chosen], self.width)

    def row(self, index: int) -> tuple[Ints, Floats]:
        span = slice(self.starts[index], self.starts[index + 1])
        return self.columns[span], self.values[span]

    def times(self, weights: Floats) -> Floats:
        """self @ weights, (rows × classes)."""
        out = np.empty((len(self), weights.shape[1]), np.float32)
        for first, last in self._spans(weights.shape[1]):
            a, b = self.starts[first], self.starts[last]
            terms = weights[self.columns[a:b]] * self.values[a:b, None]
            out[first:last] = np.add.reduceat(terms, self.starts[first:last] - a)
        return out

    def transposed(self) -> tuple[NDArray[np.int64], Rows]:
        """The columns that have any value, and selfᵀ with one row for each of them."""
        order = np.argsort(self.columns, kind="stable")
        owner = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))
        present, firsts = np.unique(self.columns[order], return_index=True)
        starts = np.append(firsts, len(order)).astype(np.int64)
        return present.astype(np.int64), Rows(starts, owner[order], self.values[order], len(self))

    def transposed_times(self, right: Floats) -> Floats:
        """selfᵀ @ right, (columns × classes)."""
        out = np.zeros((self.width, right.shape[1]), np.float32)
        present, flipped = self.transposed()
        out[present] = flipped.times(right)
        return out

    def gram(self) -> Floats:
        """self @ selfᵀ, dense; for a few thousand rows."""
        out = np.zeros((len(self), len(self)), np.float32)
        owner = np.repeat(np.arange(len(self)), np.diff(self.starts))
        spread = np.bincount(self.columns, minlength=self.width)
        lone = spread[self.columns] == 1  # a column of one row only adds to that row's own square
        np.add.at(out, (owner[lone], owner[lone]), np.square(self.values[lone]))
        place = np.cumsum(spread > 1) - 1
        width = int((spread > 1).sum())
        order = np.argsort(self.columns[~lone], kind="stable")
        columns = place[self.columns[~lone]][order]
        owner = owner[~lone][order]
        values = self.values[~lone][order]
        step = min(width, max(256, 4 * CHUNK // max(1, len(self))))
        for low in range(0, width, step):
            a, b = np.searchsorted(columns, (low, low + step))
            dense = np.zeros((len(self), step), np.float32)
            dense[owner[a:b], columns[a:b] - low] = values[a:b]
            out += dense @ dense.T
        return out

    def _spans(self, classes: int) -> list[tuple[int, int]]:
        spans, first = [], 0
        room = max(1, CHUNK // max(1, classes))
        while first < len(self):
            last = int(np.searchsorted(self.starts, self.starts[first] + room, side="right")) - 1
            last = min(max(last, first + 1), len(self))
            spans.append((first, last))
            first = last
        return spans
