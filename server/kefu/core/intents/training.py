"""Train an intent model from labelled sentences: seconds for a shop, under a minute for ten thousand rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents import report as reporting
from kefu.core.intents import ridge
from kefu.core.intents.calibration import Logistic, fit_logistic, keep_threshold, signals, temperature
from kefu.core.intents.features import clean
from kefu.core.intents.folds import grouped_folds, twin_groups
from kefu.core.intents.model import IntentModel
from kefu.core.intents.rows import Floats
from kefu.core.intents.values import Example
from kefu.core.intents.vocabulary import Vocabulary
from kefu.errors import BadInput

PENALTY = 0.5
MODEL_BYTES = 20_000_000
MOST_FEATURES = 80_000

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done (0–1)."""


@dataclass(frozen=True, slots=True)
class _Data:
    texts: list[str]
    cleaned: list[str]
    names: list[str]
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    skipped: int


def train(
    examples: Iterable[Example],
    unlabelled: Iterable[str] = (),
    *,
    seed: int = 0,
    keep: float = 0.9,
    progress: Progress = lambda step, share: None,
) -> IntentModel:
    """Learn the examples' intents; ``unlabelled`` are other turns of real customers, which show what lies outside.

    ``keep`` is the share of known texts that must not be called unknown. Examples without any content are skipped and
    counted in the report. Raises BadInput for fewer than two intents.
    """
    data = _prepare(examples)
    others = [cleaned for cleaned in (clean(text) for text in unlabelled) if cleaned]
    progress("features", 0.05)
    most = min(MOST_FEATURES, MODEL_BYTES // (2 * len(data.labels)))
    vocabulary = Vocabulary.learn(data.cleaned, most)
    rows = vocabulary.rows(data.cleaned + others)
    targets = np.zeros((len(rows), len(data.labels)), np.float32)
    targets[np.arange(len(data.truth)), data.truth] = 1
    progress("fit", 0.3)
    solver = ridge.Solver(rows, targets, PENALTY)
    groups = twin_groups(solver.similarity(len(data.truth)), data.truth)
    folds = grouped_folds(groups, data.truth, ridge.FOLDS, seed)
    scores = solver.without(_with_others(folds, len(others), seed))
    progress("calibrate", 0.8)
    known_scores = scores[: len(data.truth)]
    outside = np.concatenate([scores[len(data.truth) :], _strangers(solver, data, len(others), seed)])
    right = fit_logistic(signals(known_scores), known_scores.argmax(axis=1) == data.truth)
    known, threshold = _fit_known(known_scores, outside, keep)
    progress("done", 1.0)
    return IntentModel(
        data.labels, vocabulary, solver.weights().astype(np.float16), right, known, threshold,
        temperature(known_scores, data.truth), _report(data, known_scores, folds),
    )  # fmt: skip


def _prepare(examples: Iterable[Example]) -> _Data:
    texts, cleaned, names, skipped = [], [], [], 0
    for example in examples:
        sentence = clean(example.text)
        if not sentence or not example.label:
            skipped += 1
            continue
        texts.append(example.text)
        cleaned.append(sentence)
        names.append(example.label)
    labels = tuple(sorted(set(names)))
    if len(labels) < 2:
        raise BadInput(
            f"Training needs examples of at least two intents, there are {len(labels)}.",
            "Give rows with “text” and “label”, or add intents and examples to the shop.",
        )
    at = {label: i for i, label in enumerate(labels)}
    return _Data(texts, cleaned, names, labels, np.array([at[name] for name in names]), skipped)


def _with_others(folds: NDArray[np.int64], others: int, seed: int) -> NDArray[np.int64]:
    return np.concatenate([folds, np.random.default_rng(seed).integers(0, ridge.FOLDS, others)])


def _strangers(solver: ridge.Solver, data: _Data, others: int, seed: int) -> Floats:
    """Scores of every example by a model that never saw its intent: how real unknown intents look."""
    if len(data.labels) < 4:
        return np.zeros((0, len(data.labels)), np.float32)
    part = np.random.default_rng(seed).permutation(len(data.labels)) % min(ridge.FOLDS, len(data.labels) // 2)
    folds = part[data.truth]
    scores = solver.without(np.concatenate([folds, np.full(others, -1)]), leave_alone=-1)[: len(data.truth)]
    scores[part[None, :] == folds[:, None]] = -1
    return scores


def _fit_known(known: Floats, outside: Floats, keep: float) -> tuple[Logistic, float]:
    inputs = signals(np.concatenate([known, outside]))
    answers = np.arange(len(inputs)) < len(known)
    weight = np.where(answers, 1 / max(1, len(known)), 1 / max(1, len(outside))) * len(inputs) / 2
    judge = fit_logistic(inputs, answers, weight)
    return judge, keep_threshold(judge(signals(known)), keep)


def _report(data: _Data, scores: Floats, folds: NDArray[np.int64]) -> reporting.TrainingReport:
    guesses = scores.argmax(axis=1)
    hits = guesses == data.truth
    names: Sequence[str] = [data.labels[g] for g in guesses]
    return reporting.TrainingReport(
        examples=len(data.texts),
        intents=len(data.labels),
        accuracy=float(hits.mean()),
        folds=tuple(float(hits[folds == fold].mean()) for fold in np.unique(folds)),
        confusions=reporting.confusions(data.texts, data.names, names),
        too_few=reporting.too_few(data.names),
        contradictions=reporting.contradictions(data.cleaned, data.texts, data.names),
        curve=(),
        skipped=data.skipped,
    )
