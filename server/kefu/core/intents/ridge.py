"""Ridge regression in its dual form, one column of targets a class, and its scores for rows left out."""

from __future__ import annotations

import numpy as np

from kefu.core.intents.rows import Floats
from kefu.core.intents.solving import backward, factor, forward


class Solver:
    """One regression problem on a kernel matrix (rows × rows, written over).

    ``importance`` has a factor for each row's error (all 1 if left out).
    """

    def __init__(self, kernel: Floats, targets: Floats, penalty: float, importance: Floats | None = None) -> None:
        kernel[np.diag_indices_from(kernel)] += penalty if importance is None else penalty / importance
        self._lower = factor(kernel)
        self._half = forward(self._lower, targets)
        self.dual = backward(self._lower, self._half)
        """The A that minimises importance·|K·A − targets|² + penalty·AᵀKA."""

    def ahead(self, first: int, last: int | None = None) -> Floats:
        """Scores of the rows ``first`` up to ``last`` by the model that has learnt only the rows before ``first``.

        Nearly free: the factor of the first rows is the first part of the factor.
        """
        return self._lower[first:last, :first] @ self._half[:first]
