"""Ridge regression in its dual form, one column of targets a class, and its scores for rows left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats
from kefu.core.intents.solving import backward, factor, forward


class Solver:
    """One regression problem on a kernel matrix (rows × rows, written over).

    ``importance`` has a factor for each row's error (all 1 if left out).
    """

    def __init__(self, kernel: Floats, targets: Floats, penalty: float, importance: Floats | None = None) -> None:
        kernel[np.diag_indices_from(kernel)] += penalty if importance is None else penalty / importance
        self.targets = targets
        self._lower = factor(kernel)
        self.dual = backward(self._lower, forward(self._lower, targets))
        """The A that minimises importance·|K·A − targets|² + penalty·AᵀKA."""

    def without(self, folds: NDArray[np.int64], most: int) -> tuple[Floats, NDArray[np.int64]]:
        """Scores of rows by the model that saw no row of their fold, and which rows those are.

        Of the folds the first ones, up to ``most`` rows, at least one.
        """
        inside: list[NDArray[np.int64]] = []
        for fold in np.unique(folds):
            members = np.flatnonzero(folds == fold)
            if inside and sum(map(len, inside)) + len(members) > most:
                break
            inside.append(members)
        tested = np.concatenate(inside)
        scores = np.concatenate([self._left_out(members) for members in inside])
        order = np.argsort(tested)
        return scores[order], tested[order]

    def _left_out(self, inside: NDArray[np.int64]) -> Floats:
        """From the block of (K + penalty)⁻¹ that belongs to the rows: no second fit."""
        first = int(inside.min())  # nothing above it matters: L⁻¹ is lower triangular
        unit = np.zeros((len(self.targets) - first, len(inside)), np.float32)
        unit[inside - first, np.arange(len(inside))] = 1
        half = forward(self._lower[first:, first:], unit)
        return self.targets[inside] - np.linalg.solve(half.T @ half, self.dual[inside])
