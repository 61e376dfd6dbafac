"""Train, valid and test: rows of one group stay together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kefu.core.intents.bags import Bags
from kefu.core.intents.features import clean, features
from kefu.core.intents.folds import twin_groups
from kefu.finetune.sample import Sample

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class Split:
    """``valid`` and ``test`` are shares (0–1) of the groups; rows from ``since`` (ISO day) on are all test, and so are
    the groups in ``frozen``."""

    valid: float = 0.1
    test: float = 0.1
    since: str = ""
    seed: int = 1
    frozen: frozenset[str] = frozenset()

    def of(self, sample: Sample) -> str:
        """Decided by the group alone, so a row needs no other row to find its place."""
        if sample.kind == "replay":
            return "train"
        if (self.since and sample.day >= self.since) or sample.group in self.frozen:
            return "test"
        digest = hashlib.sha256(f"{self.seed}\0{sample.group}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        return "test" if place < self.test else "valid" if place < self.test + self.valid else "train"


def groups_of(texts: Sequence[str], intents: Sequence[str]) -> list[str]:
    """A group name for each sentence: near copies within an intent share one."""
    labels = sorted(set(intents))
    truth = np.array([labels.index(intent) for intent in intents], dtype=np.int64)
    cleaned = [clean(text) or text for text in texts]
    sentences = Bags.of(features(text) for text in cleaned)
    return [group_of(texts[int(group)]) for group in twin_groups(sentences, truth)] if texts else []


def group_of(text: str) -> str:
    """The group of a sentence by itself: equal but for punctuation, case and numbers."""
    return f"sentence:{clean(text) or text}"
