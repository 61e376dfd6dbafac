"""What training tells the owner: held-out accuracy, what is confused, what is thin, what contradicts itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

FEW = 8
"""Fewer examples than this and an intent is answered by luck."""
PAIRS = 20


@dataclass(frozen=True, slots=True)
class Confusion:
    """``count`` examples of ``truth`` were taken for ``guess``; ``example`` is one of them."""

    truth: str
    guess: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The same sentence under several intents: one of them must go."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Held-out accuracy when only ``share`` of the other examples is used for learning."""

    share: float
    examples: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """``accuracy`` is held out: near-identical sentences never stand on both sides. ``folds`` has it for each fold."""

    examples: int
    intents: int
    accuracy: float
    folds: tuple[float, ...]
    confusions: tuple[Confusion, ...]
    too_few: tuple[tuple[str, int], ...]
    contradictions: tuple[Contradiction, ...]
    curve: tuple[CurvePoint, ...]
    skipped: int

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict) -> TrainingReport:
        return cls(**{
            **fields,
            "folds": tuple(fields["folds"]),
            "confusions": tuple(Confusion(**row) for row in fields["confusions"]),
            "too_few": tuple((label, count) for label, count in fields["too_few"]),
            "contradictions": tuple(Contradiction(r["text"], tuple(r["labels"])) for r in fields["contradictions"]),
            "curve": tuple(CurvePoint(**row) for row in fields["curve"]),
        })  # fmt: skip


def confusions(texts: Sequence[str], truth: Sequence[str], guesses: Sequence[str]) -> tuple[Confusion, ...]:
    """The commonest wrong pairs of held-out answers, at most `PAIRS`."""
    counts: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for text, right, guess in zip(texts, truth, guesses, strict=True):
        if right != guess:
            counts[right, guess] += 1
            example.setdefault((right, guess), text)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    return tuple(Confusion(*pair, count, example[pair]) for pair, count in ranked)


def too_few(labels: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Intents with fewer than `FEW` examples, thinnest first."""
    counts = Counter(labels)
    return tuple(sorted(((x, n) for x, n in counts.items() if n < FEW), key=lambda item: (item[1], item[0])))


def contradictions(cleaned: Sequence[str], texts: Sequence[str], labels: Sequence[str]) -> tuple[Contradiction, ...]:
    """Sentences (after normalising) that stand under more than one intent."""
    seen: dict[str, dict[str, None]] = defaultdict(dict)
    first: dict[str, str] = {}
    for key, text, label in zip(cleaned, texts, labels, strict=True):
        seen[key][label] = None
        first.setdefault(key, text)
    return tuple(Contradiction(first[key], tuple(found)) for key, found in seen.items() if len(found) > 1)
