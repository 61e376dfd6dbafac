"""Train an intent model from labelled sentences: seconds for a shop, under a minute for ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents import prior as general
from kefu.core.intents import report as reporting
from kefu.core.intents import ridge
from kefu.core.intents.bags import Bags
from kefu.core.intents.calibration import Logistic, fit_logistic, keep_threshold, signals, temperature
from kefu.core.intents.encoder import TOPIC_WEIGHT, Encoded, Encoder, main_directions, whole_sense
from kefu.core.intents.features import Sentence, clean, features
from kefu.core.intents.folds import LARGEST_SHARE, grouped_folds, twin_groups
from kefu.core.intents.held_out import Round, rounds, scores_of
from kefu.core.intents.kernel import added, crossed, kernel
from kefu.core.intents.meaning import Meaning, shipped
from kefu.core.intents.model import IntentModel, compact
from kefu.core.intents.nearest import COMMON, ExampleIndex, spread
from kefu.core.intents.rows import Floats
from kefu.core.intents.values import Example
from kefu.core.intents.vocabulary import Vocabulary
from kefu.errors import BadInput

PENALTY = 0.05
EVENNESS = 0.5
"""How far an intent with many examples is held back: each counts (mean number / own number) to this power."""
UNCLAIMED = 0.1
"""A general topic that no intent's examples are like on average (0–1) lies outside: its sentences count as none."""
FAR = 0.25
"""Best score under which an unlabelled turn counts as outside."""
OUTSIDE_SHARE = 0.1
"""Weight of texts from outside, against all known ones, when the confidence learns what a wrong answer looks like."""
CHINESE = 0.3
"""Share of examples with Chinese characters from which the prior (it is Chinese) and the Chinese encoder are used."""
CURVE_ROWS = 60
"""Examples from which a learning curve says anything."""
FEW_ROWS = 4_500
"""Up to here every example is held out once, and the learning curve is drawn."""
HELD_OUT = 1_500
"""Of more rows, about so many are held out: enough for thresholds, and cheap."""
MOST_EXAMPLES = 16_000
"""Examples learnt, spread evenly over the intents; their kernel matrix takes 1 GB."""
MOST_FEATURES = 100_000
FOLDS = 5
ODD = 0.01
"""Share of known sentences that may be unlike all examples in their characters and words."""
GROUPS = 4
"""Where one fold is held out, it has at least so many groups of each intent."""

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done (0–1)."""


@dataclass(frozen=True, slots=True)
class _Data:
    texts: list[str]
    cleaned: list[str]
    bags: Bags
    names: list[str]
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    skipped: int

    def taken(self, order: NDArray[np.int64]) -> _Data:
        """The same rows in another order."""
        texts, cleaned, names = ([column[at] for at in order] for column in (self.texts, self.cleaned, self.names))
        return _Data(texts, cleaned, self.bags.taken(order), names, self.labels, self.truth[order], self.skipped)


def train(
    examples: Iterable[Example],
    unlabelled: Iterable[str] = (),
    *,
    seed: int = 0,
    keep: float = 0.9,
    progress: Progress = lambda step, share: None,
) -> IntentModel:
    """Learn the examples' intents; ``unlabelled`` are other turns of real customers, which show what lies outside.

    ``keep`` is the share of known texts that must not be called unknown. Examples without any content, and those
    beyond `MOST_EXAMPLES`, are skipped and counted in the report. Raises BadInput for fewer than two intents.
    """
    given = _prepare(examples)
    progress("features", 0.05)
    order, folds, plans = _plan(given, seed)
    data = given.taken(order)
    vocabulary = Vocabulary.learn(data.bags, MOST_FEATURES, data.truth)
    meaning, prior = _general_knowledge(data.cleaned)
    whole = whole_sense(meaning.of_all(data.cleaned), prior, data.bags)
    encoder = Encoder(vocabulary, meaning, prior, main_directions(whole))
    known = encoder.with_sense(data.bags, whole)
    progress("likeness", 0.15)
    likeness = known.rows.gram()
    least = _least(likeness, plans)
    matrix = kernel(added(likeness, known.sense), encoder.full)
    curve = _curve(matrix, data, folds, seed) if len(plans) > 1 else ()
    progress("fit", 0.3)
    dual, scores, strangers = _fit(matrix, data, plans)
    asked = np.concatenate([plan.held for plan in plans])
    truth = data.truth[asked]
    progress("outside", 0.8)
    strange = np.concatenate([
        strangers,
        _outside(dual, encoder, known, unlabelled),
        _scored(dual, encoder, known, _unclaimed(encoder, data, whole)),
    ])  # fmt: skip
    progress("calibrate", 0.95)
    right = _fit_right(scores, strange, truth)
    judge, threshold = _fit_known(scores, strange, keep)
    progress("done", 1.0)
    return IntentModel(
        data.labels, encoder, compact(dual), right, judge, threshold, least,
        temperature(scores, truth), _report(given, data, scores, asked, folds, curve), _index(data, known),
    )  # fmt: skip


def _plan(data: _Data, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[Round, ...]]:
    """The order of the rows in the first round and, of rows in that order, the fold of each and all rounds.

    Of up to `FEW_ROWS` rows each is held out once; of more, one fold of about `HELD_OUT` is, in which an intent has
    more than one group of near copies.
    """
    few = len(data.truth) <= FEW_ROWS
    parts = FOLDS if few else max(FOLDS, round(len(data.truth) / HELD_OUT))
    groups = twin_groups(data.bags, data.truth, LARGEST_SHARE if few else 1 / (GROUPS * parts))
    folds = grouped_folds(groups, data.truth, parts, seed)
    kinds = np.full(len(data.labels), -1)
    if len(data.labels) >= 4:
        kinds = np.random.default_rng(seed).permutation(len(data.labels)) % min(parts, len(data.labels) // 2)
    order = rounds(folds, data.truth, kinds, 1)[0].order
    folds, truth = folds[order], data.truth[order]
    return order, folds, rounds(folds, truth, kinds, parts if few else 1)


def _least(likeness: Floats, plans: Sequence[Round]) -> float:
    """The likeness to the nearest example that all held-out sentences have, but for the share `ODD`: what has less is
    babble or another language, whose meaning (a vector like any other) says nothing."""
    near = [likeness[np.ix_(plan.held, plan.others)].max(axis=1, initial=0) for plan in plans]
    return max(0.0, float(np.quantile(np.concatenate(near), ODD)) - float(COMMON))


def _fit(matrix: Floats, data: _Data, plans: Sequence[Round]) -> tuple[Floats, Floats, Floats]:
    """The dual weights; scores of the rows held out, round after round; scores of strangers. ``matrix`` is used up."""
    targets = np.eye(len(data.labels), dtype=np.float32)[data.truth]
    importance = _importance(data)
    dual = np.empty_like(targets)
    found: list[tuple[Floats, Floats]] = []
    for plan in plans:
        order = plan.order
        part = matrix if len(plans) == 1 else matrix[np.ix_(order, order)]  # one round: its order is that of the rows
        solver = ridge.Solver(part, targets[order], PENALTY, importance[order])
        dual[order] = solver.dual
        found.append(scores_of(solver, plan))
    asked, strange = (np.concatenate(scores) for scores in zip(*found, strict=True))
    return dual, asked, strange


def _scored(dual: Floats, encoder: Encoder, known: Encoded, sentences: Sequence[Sentence]) -> Floats:
    """Scores of texts that were not learnt."""
    if not sentences:
        return np.zeros((0, dual.shape[1]), np.float32)
    return kernel(crossed(encoder.encode(sentences), known), encoder.full) @ dual


def _outside(dual: Floats, encoder: Encoder, known: Encoded, unlabelled: Iterable[str]) -> Floats:
    """Scores of the unlabelled turns that no intent is near: the others may be examples that nobody has labelled."""
    scores = _scored(dual, encoder, known, [Sentence.of(cleaned) for text in unlabelled if (cleaned := clean(text))])
    return scores[scores.max(axis=1, initial=0) < FAR]


def _unclaimed(encoder: Encoder, data: _Data, whole: Floats) -> list[Sentence]:
    """Sentences of the general topics that none of the shop's intents is about."""
    if encoder.prior is None:
        return []
    sums = np.zeros((len(data.labels), encoder.prior.topics))
    np.add.at(sums, data.truth, whole[:, encoder.meaning.width :] / np.sqrt(TOPIC_WEIGHT))
    claim = (sums / np.bincount(data.truth)[:, None]).max(axis=0)
    names = sorted({turn.topic for turn in general.turns()})
    outside = {name for name, share in zip(names, claim, strict=True) if share < UNCLAIMED}
    return [Sentence.of(turn.text) for turn in general.turns() if turn.topic in outside]


def _importance(data: _Data) -> Floats:
    counts = np.bincount(data.truth)
    return ((counts.mean() / counts[data.truth]) ** EVENNESS).astype(np.float32)


def _general_knowledge(cleaned: Sequence[str]) -> tuple[Meaning, general.Prior | None]:
    """What is known of the examples' language before any example of it was seen."""
    if sum(not sentence.isascii() for sentence in cleaned) >= CHINESE * len(cleaned):
        return shipped("zh"), general.shipped()
    return shipped("en"), None


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
    chosen = spread(names, MOST_EXAMPLES)
    skipped += len(names) - len(chosen)
    texts, cleaned, names = ([column[i] for i in chosen] for column in (texts, cleaned, names))
    labels = tuple(sorted(set(names)))
    if len(labels) < 2:
        raise BadInput(
            f"Training needs examples of at least two intents, there are {len(labels)}.",
            "Give rows with “text” and “label”, or add intents and examples to the shop.",
        )
    at = {label: i for i, label in enumerate(labels)}
    bags = Bags.of(features(text) for text in cleaned)
    return _Data(texts, cleaned, bags, names, labels, np.array([at[name] for name in names]), skipped)


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


def _index(data: _Data, known: Encoded) -> ExampleIndex:
    by_column = known.rows.by_column()
    return ExampleIndex(
        tuple(map(Example, data.texts, data.names)),
        replace(by_column, values=compact(by_column.values)),
        compact(known.sense),
    )


def _curve(matrix: Floats, data: _Data, folds: NDArray[np.int64], seed: int) -> tuple[reporting.CurvePoint, ...]:
    """Accuracy on the first fold after learning a quarter, a half and all of the rest; () for very few rows."""
    if len(data.truth) < CURVE_ROWS:
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
        dual = ridge.Solver(matrix[np.ix_(chosen, chosen)], targets, PENALTY).dual
        hits = (matrix[np.ix_(tested, chosen)] @ dual).argmax(axis=1) == data.truth[tested]
        points.append(reporting.CurvePoint(share, len(chosen), float(hits.mean())))
    return tuple(points)


def _report(
    given: _Data,
    data: _Data,
    scores: Floats,
    asked: NDArray[np.int64],
    folds: NDArray[np.int64],
    curve: tuple[reporting.CurvePoint, ...],
) -> reporting.TrainingReport:
    """``scores`` are those of the rows ``asked`` of ``data``, by models that had not seen them; ``given`` are the same
    rows in the owner's order."""
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
        contradictions=reporting.contradictions(given.cleaned, given.texts, given.names),
        curve=curve,
        skipped=data.skipped,
    )
