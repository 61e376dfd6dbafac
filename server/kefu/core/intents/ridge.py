"""Ridge regression on sparse rows, one column of targets a class, and its predictions for rows left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats, Rows

EXACT_ROWS = 4_500
"""Up to here the dual is solved exactly (a rows × rows matrix, 80 MB); above, by conjugate gradients."""
STEPS = 30
FOLDS = 5


class Solver:
    """One regression problem; the costly part (an inverse) is done once and serves weights and every kind of fold."""

    def __init__(self, rows: Rows, targets: Floats, penalty: float) -> None:
        self.rows, self.targets, self.penalty = rows, targets, penalty
        self._gram = rows.gram() if len(rows) <= EXACT_ROWS else None
        self._inverse = None if self._gram is None else _inverse(self._gram, penalty)

    def similarity(self, first: int) -> Floats | None:
        """How alike the first rows are (0–1 for unit rows); None when there are too many rows to compare."""
        return None if self._gram is None else self._gram[:first, :first]

    def weights(self) -> Floats:
        """The W (columns × classes) that minimises |rows·W − targets|² + penalty·|W|²."""
        if self._inverse is None:
            return _descend(self.rows, self.targets, self.penalty)
        return self.rows.transposed_times(self._inverse @ self.targets)

    def without(self, folds: NDArray[np.int64], leave_alone: int | None = None) -> Floats:
        """Scores of every row by the model that saw no row of its fold; rows of fold ``leave_alone`` get zeros."""
        numbers = [int(fold) for fold in np.unique(folds) if fold != leave_alone]
        if self._inverse is not None:
            return held_out(self._inverse, self.targets, folds, numbers)
        scores = np.zeros_like(self.targets)
        for fold in numbers:
            inside = folds == fold
            weights = _descend(self.rows.take(np.flatnonzero(~inside)), self.targets[~inside], self.penalty)
            scores[inside] = self.rows.take(np.flatnonzero(inside)).times(weights)
        return scores


def held_out(inverse: Floats, targets: Floats, folds: NDArray[np.int64], numbers: list[int]) -> Floats:
    """Scores of each row by the model without its fold, from (gram + penalty)⁻¹ of all rows."""
    dual = inverse @ targets
    scores = np.zeros_like(targets)
    for fold in numbers:
        inside = np.flatnonzero(folds == fold)
        scores[inside] = targets[inside] - np.linalg.solve(inverse[np.ix_(inside, inside)], dual[inside])
    return scores


def _inverse(gram: Floats, penalty: float) -> Floats:
    shifted = gram.copy()
    shifted[np.diag_indices_from(shifted)] += penalty
    return np.linalg.inv(shifted)


def _descend(rows: Rows, targets: Floats, penalty: float) -> Floats:
    """Conjugate gradients on the normal equations, all classes side by side."""
    residual = rows.transposed_times(targets)
    weights = np.zeros_like(residual)
    direction = residual.copy()
    size = np.square(residual).sum(axis=0)
    for _ in range(STEPS):
        image = rows.transposed_times(rows.times(direction)) + penalty * direction
        step = size / np.maximum((direction * image).sum(axis=0), 1e-12)
        weights += step * direction
        residual -= step * image
        new_size = np.square(residual).sum(axis=0)
        direction = residual + (new_size / np.maximum(size, 1e-12)) * direction
        size = new_size
    return weights
