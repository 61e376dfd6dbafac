"""Measure intents on files of labelled sentences: what is held out is never a near copy of what was learnt.

A file `NAME_train.jsonl` is tested on `NAME_test.jsonl` beside it if there is one, else on a fifth of its own rows,
with sentences that are nearly the same kept on one side. The label `oos` means “none of these” and is never learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kefu.core.intents import Example, IntentModel, IntentResult, train
from kefu.core.intents.bags import Bags
from kefu.core.intents.features import clean, features
from kefu.core.intents.folds import grouped_folds, twin_groups
from kefu.core.intents.training import FEW_ROWS
from kefu.errors import BadInput
from kefu.evaluation.metrics import Figure, calibration_error, macro_f1, most_confident, share
from kefu.jobs.labelled import read_examples, read_texts

OUTSIDE = "oos"
COARSE = "coarse"
"""A column of groups of intents: they are learnt and tested as a set of their own."""
CURVE = (0.25, 0.5)
TARGETS = {
    ("intent_zh_jddc", "accuracy"): 0.705,
    ("intent_zh_jddc", "unknown rejected"): 0.30,
    ("intent_zh_jddc", "accuracy, most confident 50 %"): 0.92,
    ("intent_zh_jddc", "accuracy, most confident 70 %"): 0.85,
    ("intent_zh_jddc coarse", "accuracy"): 0.88,
    ("intent_zh_smp2017", "macro F1"): 0.915,
    ("intent_en_banking77", "accuracy"): 0.915,
    ("intent_en_clinc150", "accuracy"): 0.92,
    ("intent_en_clinc150", "unknown rejected"): 0.60,
}
Say = Callable[[str], None]


def evaluate_folder(folder: Path, unlabelled: Path | None, say: Say) -> list[Figure]:
    """Figures of every `intent_*_train.jsonl` in ``folder``. Raises BadInput for none and for a bad line."""
    others = read_texts(unlabelled) if unlabelled else []
    paths = sorted(folder.glob("intent_*_train.jsonl"))
    if not paths:
        raise BadInput(f"{folder} has no intent_*_train.jsonl.", "Name the folder with --data.")
    figures: list[Figure] = []
    for path in paths:
        name = path.name.removesuffix("_train.jsonl")
        beside = path.with_name(f"{name}_test.jsonl")
        tests = read_examples(beside) if beside.is_file() else None
        figures += evaluate_set(name, read_examples(path), tests, others, say)
        coarse = _coarse(path)
        if coarse:
            tests = _coarse(beside) if beside.is_file() else None
            figures += evaluate_set(f"{name} {COARSE}", coarse, tests or None, others, say)
    return figures


def _coarse(path: Path) -> list[Example]:
    """The rows that belong to a group of intents; none where the file has no such column."""
    try:
        return [row for row in read_examples(path, COARSE) if row.label]
    except BadInput:  # its lines were read before, so it is the column that is missing
        return []


def evaluate_set(
    name: str,
    rows: Sequence[Example],
    tests: Sequence[Example] | None = None,
    unlabelled: Sequence[str] = (),
    say: Say = lambda line: None,
) -> list[Figure]:
    """Figures of one set: accuracy, macro F1, selective accuracy, calibration, what is kept and rejected, and the
    learning curve."""
    known = [row for row in rows if row.label not in ("", OUTSIDE) and clean(row.text)]
    learnt, held = (known, list(tests)) if tests is not None else split(known)
    outside = [row.text for row in (tests or rows) if row.label == OUTSIDE]
    asked = [row for row in held if row.label != OUTSIDE]
    model = train(learnt, unlabelled, progress=lambda step, done: say(f"{name}: {step} {done:.0%}"))
    say(f"{name}: {len(asked)} sentences asked")
    results = [model.classify(row.text) for row in asked]
    figures = _accuracies(name, asked, results)
    if outside:
        figures.append(_rejected(name, model, outside))
    else:
        say(f"{name}: learn without a fifth of the intents")
        figures += _unseen_intents(name, learnt, asked, unlabelled)
    return figures + _curve(name, learnt, asked, say)


def _curve(name: str, learnt: Sequence[Example], asked: Sequence[Example], say: Say) -> list[Figure]:
    """Accuracy after a part of each intent's examples; all of them is the set's accuracy."""
    order = np.random.default_rng(1).permutation(len(learnt))
    by_label: dict[str, list[Example]] = {}
    for place in order:
        by_label.setdefault(learnt[place].label, []).append(learnt[place])
    figures = []
    for part in CURVE:
        say(f"{name}: learn {part:.0%} of the examples")
        model = train([row for own in by_label.values() for row in own[: max(1, round(part * len(own)))]])
        hits = [model.classify(row.text).label == row.label for row in asked]
        figures.append(_figure(name, f"accuracy, {part:.0%} of the examples".replace("%", " %"), hits))
    return figures


def split(rows: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Four fifths to learn, one fifth to test; near copies stand on the same side (for up to `FEW_ROWS` rows)."""
    labels = sorted({row.label for row in rows})
    truth = np.array([labels.index(row.label) for row in rows])
    few = len(rows) <= FEW_ROWS
    groups = twin_groups(Bags.of(features(clean(row.text)) for row in rows), truth) if few else np.arange(len(rows))
    folds = grouped_folds(groups, truth, 5, seed=1)
    learnt = [row for row, fold in zip(rows, folds, strict=True) if fold]
    return learnt, [row for row, fold in zip(rows, folds, strict=True) if not fold]


def _accuracies(name: str, asked: Sequence[Example], results: Sequence[IntentResult]) -> list[Figure]:
    hits = [result.label == row.label for result, row in zip(results, asked, strict=True)]
    sure = [result.confidence for result in results]
    f1 = macro_f1([row.label for row in asked], [result.label for result in results])
    error = calibration_error(hits, sure)
    figures = [
        _figure(name, "accuracy", hits),
        Figure(name, "macro F1", f1, f1, f1, len(hits), TARGETS.get((name, "macro F1"))),
        _figure(name, "accuracy, most confident 50 %", most_confident(hits, sure, 0.5)),
        _figure(name, "accuracy, most confident 70 %", most_confident(hits, sure, 0.7)),
        Figure(name, "calibration error", error, error, error, len(hits)),
        _figure(name, "known kept", [not result.unknown for result in results]),
    ]
    return figures


def _figure(name: str, measure: str, hits: Sequence[bool]) -> Figure:
    return share(name, measure, hits, TARGETS.get((name, measure)))


def _rejected(name: str, model: IntentModel, texts: Sequence[str]) -> Figure:
    return _figure(name, "unknown rejected", [model.classify(text).unknown for text in texts])


def _unseen_intents(
    name: str, learnt: Sequence[Example], asked: Sequence[Example], unlabelled: Sequence[str]
) -> list[Figure]:
    """Leave a fifth of the intents out of training: their test sentences should be called unknown."""
    labels = sorted({row.label for row in learnt})
    away = set(labels[::5]) if len(labels) >= 5 else set()
    if not away:
        return []
    model = train([row for row in learnt if row.label not in away], unlabelled)
    return [_rejected(name, model, [row.text for row in asked if row.label in away])]


def as_table(figures: Sequence[Figure]) -> str:
    """The figures as aligned lines for a terminal."""
    lines = []
    for row in figures:
        goal = "" if row.target is None else f"  target {row.target:.3f} {'reached' if row.reached else 'NOT reached'}"
        lines.append(f"{row.set:22} {row.name:32} {row.value:.3f}  [{row.low:.3f}–{row.high:.3f}]  n={row.total}{goal}")
    return "\n".join(lines)
