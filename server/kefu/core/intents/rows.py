"""Sparse rows on plain numpy: just the products that ridge regression needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int32]

RARE = 64
"""A column that at least one row in this many has is common: it goes through a dense product."""
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

    @property
    def owners(self) -> NDArray[np.int64]:
        """The row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def taken(self, chosen: NDArray[np.int64]) -> Rows:
        """The rows ``chosen``, in that order."""
        places, lengths = _places(self.starts, chosen)
        return Rows(np.append(0, np.cumsum(lengths)), self.columns[places], self.values[places], self.width)

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
        owner = self.owners.astype(np.int32)
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
        """self @ selfᵀ, dense: common columns as a matrix product, rare ones by the rows they share."""
        common = np.bincount(self.columns, minlength=self.width) > max(8, len(self) // RARE)
        dense = self._dense(common)
        out = dense @ dense.T
        keep = ~common[self.columns]
        owner = self.owners[keep]
        rare = Columns.of(owner, self.columns[keep], self.values[keep], self.width, len(self))
        bounds = np.searchsorted(owner, np.arange(len(self) + 1))
        columns, values = self.columns[keep], self.values[keep]
        for row in range(len(self)):
            span = slice(bounds[row], bounds[row + 1])
            out[row] += rare.times(columns[span], values[span])
        return out

    def _dense(self, chosen: NDArray[np.bool_]) -> Floats:
        place = np.cumsum(chosen) - 1
        keep = chosen[self.columns]
        owner = self.owners[keep]
        dense = np.zeros((len(self), int(chosen.sum())), np.float32)
        dense[owner, place[self.columns[keep]]] = self.values[keep]
        return dense

    def by_column(self) -> Columns:
        """The same numbers in the order of columns."""
        return Columns.of(self.owners, self.columns, self.values, self.width, len(self))

    def _spans(self, classes: int) -> list[tuple[int, int]]:
        spans, first = [], 0
        room = max(1, CHUNK // max(1, classes))
        while first < len(self):
            last = int(np.searchsorted(self.starts, self.starts[first] + room, side="right")) - 1
            last = min(max(last, first + 1), len(self))
            spans.append((first, last))
            first = last
        return spans


@dataclass(frozen=True, slots=True)
class Columns:
    """Column ``c`` has ``values[starts[c]:starts[c+1]]`` in the rows ``owners[…]`` of ``rows`` rows."""

    starts: NDArray[np.int64]
    owners: Ints
    values: Floats
    rows: int

    @classmethod
    def of(cls, owner: NDArray[np.integer], columns: Ints, values: Floats, width: int, rows: int) -> Columns:
        order = np.argsort(columns, kind="stable")
        starts = np.zeros(width + 1, np.int64)
        np.cumsum(np.bincount(columns, minlength=width), out=starts[1:])
        return cls(starts, owner[order].astype(np.int32), values[order], rows)

    def times(self, columns: Ints, values: Floats) -> Floats:
        """The products of every row with one sparse vector."""
        places, lengths = _places(self.starts, columns)
        terms = np.repeat(values, lengths) * self.values[places]
        return np.bincount(self.owners[places], terms, minlength=self.rows).astype(np.float32)


def _places(starts: NDArray[np.int64], chosen: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the values of the ``chosen`` rows (or columns) stand, one after the other, and how many each has."""
    lengths = starts[chosen + 1] - starts[chosen]
    return np.arange(int(lengths.sum())) + np.repeat(starts[chosen] - np.cumsum(lengths) + lengths, lengths), lengths
