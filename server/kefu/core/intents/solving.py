"""Symmetric systems in blocks, on plain numpy: one factorisation serves the fit and every kind of rows left out.

numpy has no triangular solve, and its inverse costs six times a Cholesky factorisation and twice the memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kefu.core.intents.rows import Floats

BLOCK = 512


def factor(matrix: Floats) -> Floats:
    """The lower Cholesky factor of a positive definite matrix, written over it (what is above the diagonal blocks
    keeps its old numbers and is never read)."""
    for low, high in blocks(len(matrix)):
        if low:
            matrix[low:, low:high] -= matrix[low:, :low] @ matrix[low:high, :low].T
        corner = np.linalg.cholesky(matrix[low:high, low:high])
        matrix[low:high, low:high] = corner
        matrix[high:, low:high] = matrix[high:, low:high] @ np.linalg.inv(corner).T
    return matrix


def forward(lower: Floats, right: Floats) -> Floats:
    """L⁻¹ @ right."""
    solved = right.astype(np.float32)
    for low, high in blocks(len(lower)):
        part = solved[low:high] - lower[low:high, :low] @ solved[:low]
        solved[low:high] = np.linalg.inv(lower[low:high, low:high]) @ part
    return solved


def backward(lower: Floats, right: Floats) -> Floats:
    """L⁻ᵀ @ right."""
    solved = right.astype(np.float32)
    for low, high in reversed(list(blocks(len(lower)))):
        part = solved[low:high] - lower[high:, low:high].T @ solved[high:]
        solved[low:high] = np.linalg.inv(lower[low:high, low:high]).T @ part
    return solved


def blocks(size: int) -> Iterator[tuple[int, int]]:
    """First row and the one after the last of each `BLOCK` of so many rows."""
    for low in range(0, size, BLOCK):
        yield low, min(low + BLOCK, size)
