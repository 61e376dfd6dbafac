"""Ridge regression on sparse rows, one column of targets a class, and its predictions for rows left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats, Rows

EXACT_ROWS = 4_500
"""Up to here the dual is solved exactly (a rows × rows matrix, 80 MB); above, by conjugate gradients."""
STEPS = 15
FOLDS = 5


class Solver:
    """One regression problem; the costly part (an inverse) is done once and serves weights and every kind of fold.

    ``importance`` has a factor for each row's error (all 1 if left out).
    """

    def __init__(self, rows: Rows, targets: Floats, penalty: float, importance: Floats | None = None) -> None:
        self.rows, self.targets, self.penalty = rows, targets, penalty
        self.importance = np.ones(len(rows), np.float32) if importance is None else importance.astype(np.float32)
        self._inverse = self._invert() if len(rows) <= EXACT_ROWS else None

    def _invert(self) -> Floats:
        gram = self.rows.gram()
        gram[np.diag_indices_from(gram)] += self.penalty / self.importance
        return np.linalg.inv(gram)

    def weights(self) -> Floats:
        """The W (columns × classes) that minimises |rows·W − targets|² + penalty·|W|²."""
        if self._inverse is None:
            return _descend(self.rows, self.targets, self.penalty, self.importance)
        return self.rows.transposed_times(self._inverse @ self.targets)

    def without(self, folds: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
        """Scores of rows by the model that saw no row of their fold, and which rows those are.

        Negative folds are never left out. With very many rows only the first fold is: each costs a whole fit.
        """
        numbers = [int(fold) for fold in np.unique(folds) if fold >= 0]
        if self._inverse is None:
            numbers = numbers[:1]
        tested = np.flatnonzero(np.isin(folds, numbers))
        return self._scores_without(folds, numbers)[tested], tested

    def _scores_without(self, folds: NDArray[np.int64], numbers: list[int]) -> Floats:
        if self._inverse is not None:
            return held_out(self._inverse, self.targets, folds, numbers)
        scores = np.zeros_like(self.targets)
        for fold in numbers:
            inside = folds == fold
            weights = self._weights_of(np.flatnonzero(~inside))
            scores[inside] = self.rows.take(np.flatnonzero(inside)).times(weights)
        return scores

    def _weights_of(self, chosen: NDArray[np.int64]) -> Floats:
        return _descend(self.rows.take(chosen), self.targets[chosen], self.penalty, self.importance[chosen])


def held_out(inverse: Floats, targets: Floats, folds: NDArray[np.int64], numbers: list[int]) -> Floats:
    """Scores of each row by the model without its fold, from (gram + penalty)⁻¹ of all rows."""
    dual = inverse @ targets
    scores = np.zeros_like(targets)
    for fold in numbers:
        inside = np.flatnonzero(folds == fold)
        scores[inside] = targets[inside] - np.linalg.solve(inverse[np.ix_(inside, inside)], dual[inside])
    return scores


def _descend(rows: Rows, targets: Floats, penalty: float, importance: Floats) -> Floats:
    """Conjugate gradients on the normal equations, all classes side by side; stopping early regularises as well."""
    factor = importance[:, None].astype(np.float32)
    present, flipped = rows.transposed()
    local = np.zeros(rows.width, np.int32)
    local[present] = np.arange(len(present))
    narrow = Rows(rows.starts, local[rows.columns], rows.values, len(present))
    residual = flipped.times(factor * targets)
    weights = np.zeros_like(residual)
    direction = residual.copy()
    size = np.square(residual).sum(axis=0)
    for _ in range(STEPS):
        image = flipped.times(factor * narrow.times(direction)) + np.float32(penalty) * direction
        step = size / np.maximum((direction * image).sum(axis=0), 1e-12)
        weights += step * direction
        residual -= step * image
        new_size = np.square(residual).sum(axis=0)
        direction = residual + (new_size / np.maximum(size, 1e-12)) * direction
        size = new_size
    out = np.zeros((rows.width, targets.shape[1]), np.float32)
    out[present] = weights
    return out
