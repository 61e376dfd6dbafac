"""From raw scores to a confidence that means something, and to a threshold for “none of these”."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats

SHARPNESS = 15.0
"""Factor on scores before the softmax that is one of the signals."""
DRIFT = 0.35
"""Of the known texts that may be lost, the share that held-out examples are allowed to use: real traffic is further
from the examples than they are from each other (on real turns 0.90 asked gave 0.77 kept without this, 0.90 with)."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """P(yes) = 1 / (1 + exp(−(bias + weights·signals)))."""

    bias: float
    weights: tuple[float, ...]

    def __call__(self, signals: Floats) -> NDArray[np.float64]:
        logit = signals @ np.array(self.weights) + self.bias
        return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))


def signals(scores: Floats) -> Floats:
    """For each row of class scores: top, its root, its lead over the second, sum of the top three, softmax of top."""
    padded = scores if scores.shape[1] >= 3 else np.pad(scores, ((0, 0), (0, 3 - scores.shape[1])))
    best = -np.sort(np.partition(-padded, 2, axis=1)[:, :3], axis=1)
    top = best[:, 0]
    sure = softmax(scores * SHARPNESS).max(axis=1)
    columns = [top, np.sqrt(np.maximum(top, 0)), top - best[:, 1], best.sum(axis=1), sure]
    return np.stack(columns, axis=1).astype(np.float32)


def fit_logistic(inputs: Floats, answers: NDArray[np.bool_], weight: Floats | None = None) -> Logistic:
    """Newton's method with a small penalty; with one kind of answer only, its (smoothed) share for every input."""
    weight = np.ones(len(answers)) if weight is None else weight
    design = np.column_stack([np.ones(len(inputs)), inputs]).astype(np.float64)
    beta = np.zeros(design.shape[1])
    share = (answers @ weight + 1) / (weight.sum() + 2)
    beta[0] = np.log(share / (1 - share))
    if answers.all() or not answers.any():
        return Logistic(float(beta[0]), tuple(0.0 for _ in beta[1:]))
    penalty = np.full(len(beta), 1e-2)
    penalty[0] = 0
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        slope = design.T @ (weight * (answers - p)) - penalty * beta
        curve = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(penalty + 1e-9)
        change = np.linalg.solve(curve, slope)
        beta += change
        if np.abs(change).max() < 1e-8:
            break
    return Logistic(float(beta[0]), tuple(float(b) for b in beta[1:]))


def temperature(scores: Floats, truth: NDArray[np.int64]) -> float:
    """The factor on scores under which softmax gives the truth the highest likelihood."""
    steps = np.geomspace(1, 60, 40)
    return float(max(steps, key=lambda factor: _log_likelihood(scores * factor, truth)))


def softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _log_likelihood(logits: Floats, truth: NDArray[np.int64]) -> float:
    return float(np.log(softmax(logits)[np.arange(len(truth)), truth] + 1e-9).sum())


def keep_threshold(known: NDArray[np.float64], keep: float) -> float:
    """The score below which a text is unknown, so that of real known texts about ``keep`` (0–1) stay known."""
    return float(np.quantile(known, (1 - keep) * DRIFT)) if len(known) else 0.0
