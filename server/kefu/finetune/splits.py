"""Train, valid and test: rows of one group stay together, and the check that nothing leaks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kefu.core.intents.features import clean
from kefu.core.intents.folds import twin_groups
from kefu.core.intents.vocabulary import Vocabulary
from kefu.errors import Conflict
from kefu.finetune.sample import Sample

SPLITS = ("train", "valid", "test")
COMPARED = 2_000
"""So many sentences are compared with each other (about 4 s); of more, only equal ones share a group."""
_BARE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Split:
    """``valid`` and ``test`` are shares (0–1) of the groups; rows from ``since`` (ISO day) on are all test."""

    valid: float = 0.1
    test: float = 0.1
    since: str = ""
    seed: int = 1

    def of(self, sample: Sample) -> str:
        """Decided by the group alone, so a row needs no other row to find its place."""
        if sample.kind == "replay":
            return "train"
        if self.since and sample.day >= self.since:
            return "test"
        digest = hashlib.sha256(f"{self.seed}\0{sample.group}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        return "test" if place < self.test else "valid" if place < self.test + self.valid else "train"


def groups_of(texts: Sequence[str], intents: Sequence[str]) -> list[str]:
    """A group name for each sentence: near copies within an intent share one."""
    labels = sorted(set(intents))
    truth = np.array([labels.index(intent) for intent in intents], dtype=np.int64)
    cleaned = [clean(text) or text for text in texts]
    few = 0 < len(texts) <= COMPARED
    gram = Vocabulary.learn(cleaned, 200_000).rows(cleaned).gram() if few else None
    return [f"sentence:{cleaned[int(group)]}" for group in twin_groups(gram, truth)] if texts else []


@dataclass(slots=True)
class LeakCheck:
    """Sees every row that is written; `verify` raises Conflict when a group or a question is on both sides."""

    groups: dict[bytes, str] = field(default_factory=dict)
    questions: dict[bytes, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)

    def see(self, sample: Sample, split: str) -> None:
        if sample.kind == "replay":
            return
        for known, text in (
            (self.groups, sample.group),
            (self.questions, f"{sample.kind}\0{sample.form}\0{_asked(sample)}"),
        ):
            key = hashlib.blake2b(text.encode(), digest_size=12).digest()
            if known.setdefault(key, split) != split and len(self.leaks) < 5:
                self.leaks.append(f"{sample.group} ({known[key]} and {split})")

    def verify(self) -> None:
        if self.leaks:
            raise Conflict(
                f"Rows stand on both sides of the split: {'; '.join(self.leaks)}.",
                "Give copies of one conversation the same conversation_id.",
            )


def _asked(sample: Sample) -> str:
    """All that the user said, without punctuation and blanks."""
    said = "\0".join(str(m["content"]) for m in sample.messages if m["role"] == "user")
    return _BARE.sub("", said).casefold()


def sizes(names: Iterable[str]) -> dict[str, int]:
    counts = dict.fromkeys(SPLITS, 0)
    for name in names:
        counts[name] += 1
    return counts
