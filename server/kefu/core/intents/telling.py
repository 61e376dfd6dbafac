"""How much a feature tells of a sentence's class: “please” little, “发票” much, however often either occurs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.bags import Bags
from kefu.core.intents.rows import Floats

BEFORE = 1.0
"""Sentences by which a feature's classes are supposed to be spread like all sentences before any was seen."""
FLATNESS = 0.25
"""Power of the information that is the weight."""
LEAST = 0.02
"""Share of the largest possible information under which no feature counts for less."""


def telling(bags: Bags, classes: NDArray[np.int64]) -> Floats:
    """The weight of each feature (0–1), from sentences and their ``classes`` (numbers from 0).

    The information is the Kullback–Leibler divergence of the classes of the sentences with the feature from those of
    all sentences, as a share of log(number of classes).
    """
    total, names = int(classes.max()) + 1, len(bags.names)
    usual = np.bincount(classes, minlength=total) / len(classes)
    cells = bags.rows.columns.astype(np.int64) * total + classes[bags.rows.owners]
    cell, hits = np.unique(cells, return_counts=True)
    feature, label = cell // total, cell % total
    seen = np.bincount(feature, hits, names) + BEFORE
    share = (hits + BEFORE * usual[label]) / seen[feature]
    known = np.bincount(feature, share * np.log(share / usual[label]), names)
    rest = (1 - np.bincount(feature, usual[label], names)) * BEFORE / seen
    information = known + rest * np.log(BEFORE / seen)
    return np.maximum(information / np.log(max(2, total)), LEAST) ** FLATNESS
