"""`finetune report`: the verdict in one line, why, what is left, and the three questions of the lesson's readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kefu.evaluation.failures import REMEDIES, Failure, overlaps_of, plain_of
from kefu.evaluation.gates import Gates
from kefu.evaluation.ladder_text import aligned
from kefu.evaluation.measured import Measured, figures_of
from kefu.evaluation.runs import Run
from kefu.evaluation.should_i import Verdict, may_switch, should_i
from kefu.finetune.readiness import Readiness
from kefu.finetune.stored import LEARNABLE

_SHOWN = 8
"""Examples of each sort that are shown; all of them are in the JSON."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found. ``chains``: seconds of a turn by what is asked of a model of ``seconds``."""

    run: Run
    gates: Gates
    verdict: Verdict
    switch: bool
    against: tuple[str, ...]
    readiness: Readiness
    chains: Mapping[str, float]
    seconds: float

    @classmethod
    def of(
        cls, run: Run, gates: Gates, examples: Mapping[str, int], readiness: Readiness,
        chains: Mapping[str, float], seconds: float,
    ) -> Report:  # fmt: skip
        """Judges the run. Raises BadInput where nothing plain was measured."""
        return cls(
            run,
            gates,
            should_i(run, examples, gates, ready=readiness.ready),
            *may_switch(run, gates),
            readiness,
            chains,
            seconds,
        )

    @property
    def tuned(self) -> bool:
        """Was a tuned model measured?"""
        return any(one.rung.startswith("tuned") for one in self.run.measured)

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.verdict,
            "reasons": self.verdict.reasons,
            "causes": Counter(f.cause for f in self.verdict.failures),
            "failures": [asdict(f) for f in self.verdict.failures],
            "readiness": asdict(self.readiness) | {"ready": self.readiness.ready},
            "switch": self.switch if self.tuned else None,
            "against": self.against if self.tuned else (),
            "chains": {"model_seconds": self.seconds, **self.chains},
        }


def report_text(report: Report) -> str:
    """For a terminal."""
    verdict = report.verdict
    parts = [
        "\n  ".join((f"Verdict: {verdict.verdict}", *verdict.reasons)),
        "\n".join(_causes(verdict.failures)),
        "\n".join(_shown(report)),
        "\n  ".join(("1. When does a shop need fine-tuning? (什么时候需要微调)", *_when(report))),
        "\n  ".join(("2. How are the data prepared? (数据怎么准备)", *_data(report))),
        "\n  ".join(
            ("3. Why is a prompt not enough, and how do 7 seconds become 2? (只写提示词不够吗)", *_prompt(report))
        ),
    ]
    if report.tuned:
        parts.append("\n  ".join((f"Tuned model: {'switch' if report.switch else 'do not switch'}", *report.against)))
    return "\n\n".join(part for part in parts if part)


def _causes(failures: Sequence[Failure]) -> Iterator[str]:
    if not failures:
        return
    yield "Failures of the best means without a prompt, each with one cause:"
    sections = list(dict.fromkeys(f.section for f in failures))
    counts = Counter((f.cause, f.section) for f in failures)
    rows = [
        [f"  {cause}", *(str(counts[cause, section]) for section in sections), remedy]
        for cause, remedy in REMEDIES.items()
        if any(counts[cause, section] for section in sections)
    ]
    yield from aligned([["", *sections, "what to do"], *rows])


def _shown(report: Report) -> Iterator[str]:
    intents = plain_of(report.run, "intent")
    for overlap in (overlaps_of(intents, report.gates) if intents else ())[:_SHOWN]:
        yield f"overlap: {overlap.one} and {overlap.other}: {overlap.confused} questions, {overlap.share:.0%} of both"
    for doubt in report.readiness.doubts[:_SHOWN]:
        yield f"label noise? “{doubt.one.text}” is {doubt.one.intent}, “{doubt.other.text}” is {doubt.other.intent}"
    of_cause: dict[str, list[Failure]] = {}
    for failure in report.verdict.failures:
        of_cause.setdefault(failure.cause, []).append(failure)
    for cause, found in of_cause.items():
        for one in found[:2]:
            more = f" ({one.shown})" if one.shown else ""
            yield f"{cause}: “{one.ask}” wants {one.want}, got {one.got}{more}"


def _when(report: Report) -> Iterator[str]:
    for section in ("intent", "slots"):
        of = [f for f in report.verdict.failures if f.section == section]
        plain = plain_of(report.run, section)
        if plain:
            left = sum(f.cause == "capability" for f in of)
            counts = Counter(f.cause for f in of)
            yield f"{section}: {len(of)} of {len(plain.rows)} questions fail by {plain.rung} ({_listed(counts)})."
            if "not tried" not in counts:
                left = counts["capability"]
                yield f"{section}: tuning can help {left} of them ({left / len(plain.rows):.1%}); the rest is cheaper."
    gates = report.gates
    yield (
        f"Tune when that is what keeps intents under {gates.good_enough:.0%} or slots under F1 {gates.good_slots:.2f}, "
        f"or when the model does not know who it is even when it is told (hit under {gates.identity:.0%}, leak over "
        f"{gates.leak:.0%}). Never for live data."
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{cause} {count}" for cause, count in counts.items()) or "none"


def _data(report: Report) -> Iterator[str]:
    found = report.readiness
    fewest = ", ".join(f"{name} {count}" for name, count in found.fewest)
    yield f"{found.sentences} sentences of {found.intents} intents (fewest: {fewest})."
    yield (
        f"{found.goods} product names, {found.talk} answers of the shop, {found.dialogues} stored conversations "
        f"(learnt from: answers by {', '.join(LEARNABLE)})."
    )
    if found.doubts:
        yield f"{len(found.doubts)} pairs of nearly equal sentences have different intents: relabel them first."
    for what in found.missing:
        yield f"Missing: {what}."
    if found.few:
        yield f"Fewer than {report.gates.few_examples} sentences: {', '.join(found.few)}."
    yield "Ready." if found.ready else "Not ready yet."
    yield "`./kefu finetune prepare --frozen FILE` writes the rows; nothing of the frozen set is trained on."


def _prompt(report: Report) -> Iterator[str]:
    run = report.run
    for name in (
        "local",
        "prompt, all scripts",
        "prompt + retrieval",
        "base, short",
        "base, Dify's prompt",
        "tuned, short",
    ):
        if name in run.rungs("intent"):
            yield _cost(run, run.rungs("intent")[name])
    if not any(one.model for one in run.measured):
        yield "No model was asked yet: `./kefu eval ladder --base NAME` measures what a prompt is worth, and its price."
    took = ", ".join(
        f"{name} {seconds:.2f} s" if seconds >= 0.1 else f"{name} {seconds * 1000:.1f} ms"
        for name, seconds in report.chains.items()
    )
    yield f"With a model that takes {report.seconds:g} s, measured just now: {took}."


def _cost(run: Run, one: Measured) -> str:
    figures = {f.name: f.value for f in figures_of(one, run.price_of(one))}
    cost = f", {run.currency} {figures['cost of 1,000']:.2f} for 1,000" if figures["cost of 1,000"] else ""
    return (
        f"{one.rung}: {figures['accuracy']:.1%} right, {figures['LLM calls']:.0f} calls, "
        f"{figures['tokens']:,.0f} tokens a question{cost}, p50 {figures['latency p50, ms']:,.0f} ms"
    )
