"""Measure intents on files of labelled sentences: what is held out is never a near copy of what was learnt.

A file `NAME_train.jsonl` is tested on `NAME_test.jsonl` beside it if there is one, else on a fifth of its own rows,
with sentences that are nearly the same kept on one side. The label `oos` means “none of these” and is never learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kefu.core.intents import Example, IntentModel, IntentResult, train
from kefu.core.intents.features import clean
from kefu.core.intents.folds import alikeness, grouped_folds, twin_groups
from kefu.core.intents.training import FEW_ROWS
from kefu.errors import BadInput
from kefu.evaluation.metrics import Figure, calibration_error, macro_f1, most_confident, share
from kefu.jobs.labelled import read_examples, read_texts

OUTSIDE = "oos"
TARGETS = {
    ("intent_zh_jddc", "accuracy"): 0.705,
    ("intent_zh_jddc", "unknown rejected"): 0.30,
    ("intent_zh_jddc", "accuracy, most confident 50 %"): 0.92,
    ("intent_zh_jddc", "accuracy, most confident 70 %"): 0.85,
    ("intent_zh_smp2017", "macro F1"): 0.915,
    ("intent_en_banking77", "accuracy"): 0.915,
    ("intent_en_clinc150", "accuracy"): 0.92,
    ("intent_en_clinc150", "unknown rejected"): 0.60,
}
Say = Callable[[str], None]


def evaluate_folder(folder: Path, unlabelled: Path | None, say: Say) -> list[Figure]:
    """Figures of every `*_train.jsonl` with labels in ``folder``. Raises BadInput when there is none."""
    others = read_texts(unlabelled) if unlabelled else []
    figures: list[Figure] = []
    for path in sorted(folder.glob("intent_*_train.jsonl")):
        name = path.name.removesuffix("_train.jsonl")
        say(f"{name} …")
        beside = path.with_name(f"{name}_test.jsonl")
        figures += evaluate_set(name, read_examples(path), read_examples(beside) if beside.is_file() else None, others)
    if not figures:
        raise BadInput(f"{folder} has no intent_*_train.jsonl.", "Name the folder with --data.")
    return figures


def evaluate_set(
    name: str, rows: Sequence[Example], tests: Sequence[Example] | None = None, unlabelled: Sequence[str] = ()
) -> list[Figure]:
    """Figures of one set: accuracy, macro F1, selective accuracy, calibration, what is kept and rejected."""
    known = [row for row in rows if row.label not in ("", OUTSIDE) and clean(row.text)]
    learnt, held = (known, list(tests)) if tests is not None else split(known)
    outside = [row.text for row in (tests or rows) if row.label == OUTSIDE]
    asked = [row for row in held if row.label != OUTSIDE]
    model = train(learnt, unlabelled)
    results = [model.classify(row.text) for row in asked]
    figures = _accuracies(name, asked, results)
    if outside:
        figures.append(_rejected(name, model, outside))
    else:
        figures += _unseen_intents(name, learnt, asked, unlabelled)
    return figures


def split(rows: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Four fifths to learn, one fifth to test; near copies stand on the same side (for up to `FEW_ROWS` rows)."""
    labels = sorted({row.label for row in rows})
    truth = np.array([labels.index(row.label) for row in rows])
    few = len(rows) <= FEW_ROWS
    gram = alikeness([clean(row.text) for row in rows]) if few else None
    folds = grouped_folds(twin_groups(gram, truth), truth, 5, seed=1)
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
