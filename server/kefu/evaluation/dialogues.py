"""Score understanding on labelled dialogues: intent, slots and both together, turn by turn in their conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kefu.core.decide.decide import STAGES, human_active
from kefu.core.slots import Slot, extract
from kefu.core.text import normalise
from kefu.engine import Engine
from kefu.evaluation.cases import Case, Expected, run_case
from kefu.store.shops import Shop

ATTRIBUTES = {"size": ("尺码", "规格", "大小"), "color": ("颜色",), "capacity": ("容量",)}
PLACES = ("city", "area", "province", "to_city", "to_area", "to_province", "from_city", "from_area", "from_province")

NEVER_SILENT = tuple(stage for stage in STAGES if stage is not human_active)
"""A hand-off does not end the scoring of a dialogue."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One turn: the intent expected and found, slots as (type, text) pairs expected and found."""

    case: str
    expected: Expected
    intent: str
    wanted: frozenset[tuple[str, str]]
    found: frozenset[tuple[str, str]]

    @property
    def intent_right(self) -> bool:
        return self.intent == self.expected.intent or self.intent in self.expected.intent_also

    @property
    def has_slots(self) -> bool:
        """Somebody has labelled the slots of this turn, if only as none."""
        return self.expected.slots is not None

    @property
    def joint_right(self) -> bool:
        return self.intent_right and self.wanted == self.found


@dataclass(frozen=True, slots=True)
class DialogueScores:
    """Shares in 0–1 over ``turns`` labelled turns, of slots and of both over those whose slots are labelled, too;
    ``confusions`` count (expected, found) intents that differ."""

    turns: int
    intent: float
    slot_precision: float
    slot_recall: float
    joint: float
    confusions: tuple[tuple[tuple[str, str], int], ...]

    @property
    def slot_f1(self) -> float:
        both = self.slot_precision + self.slot_recall
        return 2 * self.slot_precision * self.slot_recall / both if both else 0.0


def score_dialogues(engine: Engine, shop: Shop, cases: Iterable[Case]) -> tuple[DialogueScores, list[Scored]]:
    """Run the cases and score every turn that has an intent label."""
    rows = [row for case in cases for row in _score_case(engine, shop, case)]
    whole = [row for row in rows if row.has_slots]
    true = sum(len(row.wanted & row.found) for row in whole)
    wanted, found = sum(len(row.wanted) for row in whole), sum(len(row.found) for row in whole)
    wrong = Counter((str(row.expected.intent), row.intent) for row in rows if not row.intent_right)
    return (
        DialogueScores(
            turns=len(rows),
            intent=sum(row.intent_right for row in rows) / max(1, len(rows)),
            slot_precision=true / max(1, found),
            slot_recall=true / max(1, wanted),
            joint=sum(row.joint_right for row in whole) / max(1, len(whole)),
            confusions=tuple(wrong.most_common()),
        ),
        rows,
    )


def _score_case(engine: Engine, shop: Shop, case: Case) -> Iterator[Scored]:
    parts = engine.snapshots.of(shop.id).parts
    for outcome in run_case(engine, shop, case, NEVER_SILENT):
        expected = outcome.expected
        if expected.intent is None:
            continue
        slots = extract(expected.say, now=case.now, lexicon=parts.lexicon)
        wanted = frozenset(_labels(expected.slots or {}))
        found = frozenset(pair for slot in slots if (pair := _pair(slot)))
        intent = outcome.decision.intent or parts.intents.classify(expected.say).label if parts.intents else ""
        yield Scored(case.id, expected, intent, wanted, found)


def _labels(slots: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, value in slots.items():
        for one in value if isinstance(value, list) else [value]:
            text = one["value"] if isinstance(one, Mapping) else one
            yield kind, _plain(str(text))


def _pair(slot: Slot) -> tuple[str, str] | None:
    """The slot in the labels' terms; None for what the labels do not cover."""
    if slot.value in _UNLABELLED:
        return None
    if slot.type == "attribute":
        kind = next((kind for kind, names in ATTRIBUTES.items() if slot.name in names), "")
        return (kind, _plain(slot.value)) if kind else None
    if slot.type in PLACES:
        return "city", _plain(slot.value)
    return ("device" if slot.type == "model" else slot.type), _plain(slot.value)


_UNLABELLED = ("现在",)
"""No time of day by the labels' convention."""


def _plain(text: str) -> str:
    return normalise(text).text.replace(" ", "")
