"""Are the data good enough to learn from?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kefu.core.intents.bags import Bags
from kefu.core.intents.features import clean, features
from kefu.core.intents.folds import COMPARED, alikeness
from kefu.evaluation.frozen import OUTSIDE
from kefu.evaluation.gates import Gates
from kefu.finetune.intent_rows import Labelled
from kefu.finetune.shop_rows import ShopRows

ALIKE = 0.75
"""Similarity (0–1) from which two sentences with different intents are shown as a likely mistake."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two sentences that are nearly the same and have different intents."""

    one: Labelled
    other: Labelled
    alike: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """``fewest``: the intents with fewest sentences; ``few``: those under the gate; ``missing``: what is not there at
    all, in words."""

    intents: int
    sentences: int
    fewest: tuple[tuple[str, int], ...]
    few: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    goods: int
    talk: int
    dialogues: int
    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.few and not self.missing


def readiness_of(shop: ShopRows, gates: Gates) -> Readiness:
    """What there is, what is thin, what contradicts itself."""
    counts = {name: shop.examples.get(name, 0) for name, _ in shop.names}
    ranked = sorted(counts.items(), key=lambda item: item[1])
    missing = [
        what
        for there, what in (
            (len(counts) > 1, "intents (`./kefu import intents FILE`)"),
            (bool(shop.goods), "products to fill sentences with (`./kefu import products FILE`)"),
            (bool(shop.talk), "questions with the shop's answers (`./kefu import knowledge FILE`)"),
            (shop.voice.name != type(shop.voice)().name, "a name of the assistant's own (`./kefu import voice FILE`)"),
        )
        if not there
    ]
    return Readiness(
        len(counts),
        sum(counts.values()),
        tuple(ranked[:5]),
        tuple(name for name, count in ranked if count < gates.few_examples),
        tuple(doubts_of([row for row in shop.labelled if row.intent not in OUTSIDE])),
        len(shop.goods),
        len(shop.talk),
        len(shop.dialogues),
        tuple(missing),
    )


def doubts_of(rows: Sequence[Labelled]) -> list[Doubt]:
    """Nearly equal sentences with different intents, most alike first; of very many rows the first `COMPARED`."""
    compared = list(rows[:COMPARED])
    if len(compared) < 2:
        return []
    cleaned = [clean(row.text) or row.text for row in compared]
    gram = alikeness(Bags.of(features(text) for text in cleaned))
    left, right = np.nonzero(np.triu(gram >= ALIKE, 1))
    pairs = [
        Doubt(compared[a], compared[b], float(gram[a, b]))
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
        if compared[a].intent != compared[b].intent
    ]
    return sorted(pairs, key=lambda pair: -pair.alike)
