"""Why did the best plain means fail? Each failure has one cause, and each cause its remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kefu.errors import BadInput
from kefu.evaluation.gates import Gates
from kefu.evaluation.measured import Measured, Row, f1
from kefu.evaluation.runs import Run

REMEDIES = {
    "format": "constrain the output (the gateway's short questions do), drop values that nobody said",
    "label noise": "relabel: nearly the same sentence has another intent among the examples",
    "overlapping classes": "merge the two intents, or write down what tells them apart",
    "few examples": "collect sentences of this intent",
    "live data": "rules, local model and tools: the answer is in a table, a model never learns it",
    "prompt": "prompt it: examples in the prompt get it right",
    "capability": "tune: no cheaper means gets it right",
    "not tried": "ask a model with a prompt (`eval ladder --base NAME`)",
}
"""Cause → what to do, in the order in which they are looked for."""
DATA = ("label noise", "overlapping classes", "few examples", "live data")
PROMPT = ("format", "prompt")
PLAIN = {"intent": ("local", "base, short"), "slots": ("local", "base, short")}
"""Means without a prompt of the shop's own and without tuning."""
_PROMPTED = ("prompt, all scripts", "prompt + retrieval")
_FEWEST_CONFUSED = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """One wrong answer; ``shown`` is what makes the cause plain."""

    section: str
    ask: str
    want: str
    got: str
    cause: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two intents, and the share of their questions that are taken for the other."""

    one: str
    other: str
    confused: int
    share: float


def plain_of(run: Run, section: str) -> Measured | None:
    """The best plain means of a section, None if none was measured."""
    rungs = [run.rungs(section)[name] for name in PLAIN[section] if name in run.rungs(section)]
    return max(rungs, key=quality, default=None)


def quality(measured: Measured) -> float:
    """What a section is judged by: accuracy of intents, F1 of slots."""
    if measured.section == "slots":
        return f1([mark for row in measured.rows for mark in row.marks.values()])
    return sum(measured.hits) / (len(measured.rows) or 1)


def failures_of(run: Run, examples: Mapping[str, int], gates: Gates) -> list[Failure]:
    """Every failure of the best plain means. ``examples``: how many each intent has to learn from.

    Raises BadInput where nothing plain was measured.
    """
    intents, slots = plain_of(run, "intent"), plain_of(run, "slots")
    if intents is None:
        raise BadInput(
            "The run has neither a local nor a base rung of intents.", "Run `./kefu eval ladder --json FILE`."
        )
    found = _intent_failures(run, intents, examples, gates)
    return [*found, *(_slot_failures(run, slots) if slots else ())]


def _intent_failures(run: Run, plain: Measured, examples: Mapping[str, int], gates: Gates) -> list[Failure]:
    pairs = {(o.one, o.other): o for o in overlaps_of(plain, gates)}
    helping = [one.rows for one in helping_prompts(run, plain, gates)]
    last = "capability" if asked_a_model(run, "intent") else "not tried"
    failures = []
    for number, row in enumerate(plain.rows):
        if row.right:
            continue
        overlap = pairs.get((min(row.want, row.got), max(row.want, row.got)))
        if row.unread:
            cause, shown = "format", row.got
        elif row.near and row.near[1] != row.want:
            cause, shown = "label noise", f"“{row.near[0]}” is {row.near[1]}"
        elif overlap:
            cause, shown = "overlapping classes", f"{overlap.one} and {overlap.other}: {overlap.share:.0%} confused"
        elif row.want and examples.get(row.want, 0) < gates.few_examples:
            cause, shown = "few examples", f"{row.want} has {examples.get(row.want, 0)}"
        elif row.want in gates.live:
            cause, shown = "live data", row.want
        elif any(rows[number].right for rows in helping):
            cause, shown = "prompt", ""
        else:
            cause, shown = last, ""
        failures.append(Failure("intent", row.ask, row.want or "none of these", row.got or "unknown", cause, shown))
    return failures


def _slot_failures(run: Run, plain: Measured) -> list[Failure]:
    others = [one.rows for name, one in run.rungs("slots").items() if not name.startswith("tuned") and one != plain]
    last = "capability" if asked_a_model(run, "slots") else "not tried"
    failures = []
    for number, row in enumerate(plain.rows):
        if row.right:
            continue
        if row.unread or row.invented:
            cause, shown = "format", f"invented {', '.join(row.invented)}" if row.invented else "not readable"
        elif any(rows[number].right for rows in others):
            cause, shown = "prompt", "another plain means gets it right"
        else:
            cause, shown = last, _missed(row)
        failures.append(Failure("slots", row.ask, row.want, row.got, cause, shown))
    return failures


def asked_a_model(run: Run, section: str) -> bool:
    return any(one.model for one in run.rungs(section).values())


def _missed(row: Row) -> str:
    return ", ".join(f"{name} {mark}" for name, mark in row.marks.items() if mark != "right")


def overlaps_of(measured: Measured, gates: Gates) -> list[Overlap]:
    """Pairs of intents that are taken for each other in both directions, the most confused first."""
    asked = Counter(row.want for row in measured.rows)
    confused = Counter((row.want, row.got) for row in measured.rows if not row.right and row.want and row.got)
    found = []
    for (want, got), count in confused.items():
        back = confused[got, want]
        share = (count + back) / (asked[want] + asked[got])
        if want < got and back and count + back >= _FEWEST_CONFUSED and share >= gates.overlap:
            found.append(Overlap(want, got, count + back, share))
    return sorted(found, key=lambda overlap: -overlap.share)


def helping_prompts(run: Run, plain: Measured, gates: Gates) -> list[Measured]:
    """The prompts that are right more often than the plain means by the gate."""
    prompted = [one for name, one in run.rungs("intent").items() if name in _PROMPTED]
    return [one for one in prompted if quality(one) - quality(plain) >= gates.prompt_helps]
