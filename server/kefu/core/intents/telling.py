"""How much a feature tells of a sentence's class: “please” little, “发票” much, however often either occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Floats

BEFORE = 1.0
"""Sentences by which a feature's classes are supposed to be spread like all sentences before any was seen."""
FLATNESS = 0.25
"""Power of the information that is the weight."""
LEAST = 0.02
"""Share of the largest possible information under which no feature counts for less."""


def telling(counted: Sequence[Mapping[str, int]], names: Sequence[str], classes: NDArray[np.int64]) -> Floats:
    """The weight of each of the features ``names`` (0–1), from sentences and their ``classes`` (numbers from 0).

    The information is the Kullback–Leibler divergence of the classes of the sentences with the feature from those of
    all sentences, as a share of log(number of classes).
    """
    column = {name: i for i, name in enumerate(names)}
    total = int(classes.max()) + 1
    usual = np.bincount(classes, minlength=total) / len(classes)
    cells = [column[name] * total + label for counts, label in zip(counted, classes.tolist(), strict=True)
             for name in counts if name in column]  # fmt: skip
    cell, hits = np.unique(np.array(cells, np.int64), return_counts=True)
    feature, label = cell // total, cell % total
    seen = np.bincount(feature, hits, len(names)) + BEFORE
    share = (hits + BEFORE * usual[label]) / seen[feature]
    known = np.bincount(feature, share * np.log(share / usual[label]), len(names))
    rest = (1 - np.bincount(feature, usual[label], len(names))) * BEFORE / seen
    information = known + rest * np.log(BEFORE / seen)
    return np.maximum(information / np.log(max(2, total)), LEAST) ** FLATNESS
