"""Train an intent model from labelled sentences: seconds for a shop, under a minute for ten thousand rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents import prior as general
from kefu.core.intents import report as reporting
from kefu.core.intents import ridge
from kefu.core.intents.calibration import Logistic, fit_logistic, keep_threshold, signals, temperature
from kefu.core.intents.encoder import Encoder
from kefu.core.intents.features import clean
from kefu.core.intents.folds import grouped_folds, twin_groups
from kefu.core.intents.model import IntentModel
from kefu.core.intents.nearest import MOST_EXAMPLES, ExampleIndex, spread
from kefu.core.intents.rows import Floats, Rows
from kefu.core.intents.values import Example
from kefu.core.intents.vocabulary import Vocabulary
from kefu.errors import BadInput

PENALTY = 0.6
EVENNESS = 0.5
"""How far an intent with many examples is held back: each counts (mean number / own number) to this power."""
UNCLAIMED = 0.1
"""A general topic that no intent's examples are like on average (0–1) lies outside: its sentences count as none."""
FAR = 0.25
"""Best score under which an unlabelled turn counts as outside."""
OUTSIDE_SHARE = 0.1
"""Weight of texts from outside, against all known ones, when the confidence learns what a wrong answer looks like."""
CHINESE = 0.3
"""Share of examples with Chinese characters from which the prior (which is Chinese) is used."""
CURVE_ROWS = 60
"""Examples from which a learning curve says anything."""
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
    encoder = Encoder(Vocabulary.learn(data.cleaned, most), general.shipped() if _is_chinese(data.cleaned) else None)
    progress("outside", 0.15)
    others = _outside(encoder, data, others) + _unclaimed(encoder, data)
    progress("fit", 0.4)
    solver = ridge.Solver(
        encoder.rows(data.cleaned + others), _targets(data, len(others)), PENALTY, _importance(data, len(others))
    )
    similarity = (
        Vocabulary.rows(encoder.vocabulary, data.cleaned).gram() if len(data.truth) <= ridge.EXACT_ROWS else None
    )
    folds = grouped_folds(twin_groups(similarity, data.truth), data.truth, ridge.FOLDS, seed)
    progress("folds", 0.6)
    scores, tested = solver.without(_with_others(folds, len(others), seed))
    inside = tested < len(data.truth)
    asked = tested[inside]
    known_scores, truth = scores[inside], data.truth[asked]
    progress("calibrate", 0.8)
    outside = np.concatenate([scores[~inside], _strangers(solver, data, len(others), seed)])
    right = _fit_right(known_scores, outside, truth)
    known, threshold = _fit_known(known_scores, outside, keep)
    curve = _curve(solver.rows, data, folds, seed)
    progress("done", 1.0)
    return IntentModel(
        data.labels, encoder, solver.weights().astype(np.float16), right, known, threshold,
        temperature(known_scores, truth), _report(data, known_scores, asked, folds, curve),
        _index(data, encoder.vocabulary),
    )  # fmt: skip


def _is_chinese(cleaned: Sequence[str]) -> bool:
    return sum(not sentence.isascii() for sentence in cleaned) >= CHINESE * len(cleaned)


def _targets(data: _Data, others: int) -> Floats:
    targets = np.zeros((len(data.truth) + others, len(data.labels)), np.float32)
    targets[np.arange(len(data.truth)), data.truth] = 1
    return targets


def _importance(data: _Data, others: int) -> Floats:
    counts = np.bincount(data.truth)
    return np.concatenate([(counts.mean() / counts[data.truth]) ** EVENNESS, np.ones(others)])


def _outside(encoder: Encoder, data: _Data, others: list[str]) -> list[str]:
    """The unlabelled turns that no intent is near: all the others may well be examples nobody has labelled."""
    if not others:
        return []
    weights = ridge.Solver(encoder.rows(data.cleaned), _targets(data, 0), PENALTY).weights()
    far = encoder.rows(others).times(weights).max(axis=1) < FAR
    return [sentence for sentence, is_far in zip(others, far, strict=True) if is_far]


def _unclaimed(encoder: Encoder, data: _Data) -> list[str]:
    """Sentences of the general topics that none of the shop's intents is about."""
    if encoder.prior is None:
        return []
    sums = np.zeros((len(data.labels), encoder.prior.topics))
    for sentence, label in zip(data.cleaned, data.truth, strict=True):
        likeness = encoder.prior.likeness(sentence)
        if likeness is not None:
            sums[label] += likeness
    claim = (sums / np.bincount(data.truth)[:, None]).max(axis=0)
    names = sorted({turn.topic for turn in general.turns()})
    outside = {name for name, share in zip(names, claim, strict=True) if share < UNCLAIMED}
    return [turn.text for turn in general.turns() if turn.topic in outside]


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
    scores, tested = solver.without(np.concatenate([folds, np.full(others, -1)]))
    scores[part[None, :] == folds[tested, None]] = -1
    return scores


def _fit_right(known: Floats, outside: Floats, truth: NDArray[np.int64]) -> Logistic:
    """The chance that an answer is right: held-out examples, and a few texts from outside, whose answer never is."""
    right = np.concatenate([known.argmax(axis=1) == truth, np.zeros(len(outside), bool)])
    share = OUTSIDE_SHARE * len(known) / max(1, len(outside))
    weight = np.where(np.arange(len(right)) < len(known), 1.0, share)
    return fit_logistic(signals(np.concatenate([known, outside])), right, weight)


def _fit_known(known: Floats, outside: Floats, keep: float) -> tuple[Logistic, float]:
    inputs = signals(np.concatenate([known, outside]))
    answers = np.arange(len(inputs)) < len(known)
    weight = np.where(answers, 1 / max(1, len(known)), 1 / max(1, len(outside))) * len(inputs) / 2
    judge = fit_logistic(inputs, answers, weight)
    return judge, keep_threshold(judge(signals(known)), keep)


def _index(data: _Data, vocabulary: Vocabulary) -> ExampleIndex:
    chosen = spread(data.names, MOST_EXAMPLES)
    rows = vocabulary.rows([data.cleaned[i] for i in chosen])
    return ExampleIndex.of([Example(data.texts[i], data.names[i]) for i in chosen], rows)


def _curve(rows: Rows, data: _Data, folds: NDArray[np.int64], seed: int) -> tuple[reporting.CurvePoint, ...]:
    """Accuracy on the first fold after learning a quarter, a half and all of the rest; () for few or very many rows."""
    if not CURVE_ROWS <= len(data.truth) <= ridge.EXACT_ROWS:
        return ()
    tested, rest = np.flatnonzero(folds == 0), np.flatnonzero(folds != 0)
    rest = np.random.default_rng(seed).permutation(rest)
    place = np.zeros(len(rest))
    for label in range(len(data.labels)):
        own = np.flatnonzero(data.truth[rest] == label)
        place[own] = (np.arange(len(own)) + 0.5) / max(1, len(own))
    points = []
    for share in (0.25, 0.5, 1.0):
        chosen = rest[place < share]
        targets = np.eye(len(data.labels), dtype=np.float32)[data.truth[chosen]]
        weights = ridge.Solver(rows.take(chosen), targets, PENALTY).weights()
        hits = rows.take(tested).times(weights).argmax(axis=1) == data.truth[tested]
        points.append(reporting.CurvePoint(share, len(chosen), float(hits.mean())))
    return tuple(points)


def _report(
    data: _Data,
    scores: Floats,
    asked: NDArray[np.int64],
    folds: NDArray[np.int64],
    curve: tuple[reporting.CurvePoint, ...],
) -> reporting.TrainingReport:
    """``scores`` are those of the rows ``asked``, by models that had not seen them."""
    guesses = scores.argmax(axis=1)
    hits = guesses == data.truth[asked]
    return reporting.TrainingReport(
        examples=len(data.texts),
        intents=len(data.labels),
        accuracy=float(hits.mean()),
        folds=tuple(float(hits[folds[asked] == fold].mean()) for fold in np.unique(folds[asked])),
        confusions=reporting.confusions(
            [data.texts[i] for i in asked], [data.names[i] for i in asked], [data.labels[g] for g in guesses]
        ),
        too_few=reporting.too_few(data.names),
        contradictions=reporting.contradictions(data.cleaned, data.texts, data.names),
        curve=curve,
        skipped=data.skipped,
    )
