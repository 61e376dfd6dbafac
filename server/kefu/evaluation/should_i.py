"""Should I tune? A verdict with its reasons, from what the ladder measured; and whether a tuned model may be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kefu.evaluation.compare import difference
from kefu.evaluation.failures import (
    DATA,
    PROMPT,
    Failure,
    asked_a_model,
    failures_of,
    helping_prompts,
    plain_of,
    quality,
)
from kefu.evaluation.gates import Gates
from kefu.evaluation.measured import Measured
from kefu.evaluation.runs import Run

VERDICTS = ("don't", "prompt first", "data and tools first", "tune identity", "tune intent and extraction")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``verdict`` is one of `VERDICTS`; ``reasons`` say why, in the order they weighed."""

    verdict: str
    reasons: tuple[str, ...]
    failures: tuple[Failure, ...] = ()


def should_i(run: Run, examples: Mapping[str, int], gates: Gates, *, ready: bool = True) -> Verdict:
    """``examples``: how many each intent has to learn from; ``ready``: are there data to tune with?

    Raises BadInput where nothing plain was measured.
    """
    failures = tuple(failures_of(run, examples, gates))
    reasons = list(_standing(run))
    leaking = _needs_identity(run, gates, reasons)
    causes = Counter(failure.cause for failure in failures)
    data, prompt = (sum(causes[cause] for cause in causes if cause in group) for group in (DATA, PROMPT))
    if _good(run, gates):
        return Verdict("tune identity" if leaking else "don't", tuple(reasons), failures)
    reasons.append("Failures: " + ", ".join(f"{cause} {count}" for cause, count in causes.most_common()) + ".")
    left = causes["capability"] + causes["not tried"]
    verdict = _cheapest(run, gates, data, prompt, left, reasons)
    if verdict == "tune intent and extraction" and not ready:
        reasons.append("But the data are not ready to tune with.")
        verdict = "data and tools first"
    if leaking and verdict != "tune intent and extraction":
        reasons.append("It does not know who it is, whatever is done about the rest.")
        verdict = "tune identity"
    return Verdict(verdict, tuple(reasons), failures)


def _cheapest(run: Run, gates: Gates, data: int, prompt: int, left: int, reasons: list[str]) -> str:
    """The means that most failures want; the cheaper one where two want as many."""
    if not asked_a_model(run, "intent"):
        if data > left + prompt:
            return "data and tools first"
        reasons.append("No model was asked yet: try a prompt (`eval ladder --base NAME`).")
        return "prompt first"
    reasons.extend(_unreadable(run, gates))
    if prompt >= max(data, left):
        return "prompt first"
    if data >= left:
        return "data and tools first"
    reasons.append("Prompting does not help: what is left is capability.")
    return "tune intent and extraction"


def _standing(run: Run) -> Iterator[str]:
    for section, what in (("intent", "right in {:.1%} of {} questions"), ("slots", "F1 {:.3f} over {} dialogues")):
        plain = plain_of(run, section)
        if plain:
            yield f"{section}: {plain.rung} is best without a prompt: {what.format(quality(plain), len(plain.rows))}."
            for one in helping_prompts(run, plain, Gates(prompt_helps=-1)) if section == "intent" else ():
                yield f"{section}: {one.rung} is right in {quality(one):.1%}."


def _unreadable(run: Run, gates: Gates) -> Iterator[str]:
    raw = run.rungs("intent").get("base, Dify's prompt")
    if raw:
        unread = sum(not row.valid for row in raw.rows) / len(raw.rows)
        if unread > gates.format:
            yield f"Dify cannot read {unread:.1%} of the bare model's answers: constrain them (the gateway does)."


def _good(run: Run, gates: Gates) -> bool:
    goals = {"intent": gates.good_enough, "slots": gates.good_slots}
    plain = {section: plain_of(run, section) for section in goals}
    return all(one is None or quality(one) >= goals[section] for section, one in plain.items())


def _needs_identity(run: Run, gates: Gates, reasons: list[str]) -> bool:
    """Does the model say who it is neither by itself nor when it is told in the system prompt?"""
    rungs = run.rungs("identity")
    failing = [one for name in ("base", "base + role") if (one := rungs.get(name)) and not knows_itself(one, gates)]
    for one in failing:
        reasons.append(f"identity: {one.rung} {identity_text(one)}.")
    told = rungs.get("base + role")
    if failing and told is not None and told not in failing:
        reasons.append("identity: told its role in the system prompt it passes, so that is enough.")
        return False
    return bool(failing)


def knows_itself(measured: Measured, gates: Gates) -> bool:
    return quality(measured) >= gates.identity and _leaks(measured) <= gates.leak


def identity_text(measured: Measured) -> str:
    return f"hits {quality(measured):.1%} and leaks {_leaks(measured):.1%}"


def _leaks(measured: Measured) -> float:
    return sum(row.leak for row in measured.rows) / (len(measured.rows) or 1)


def may_switch(run: Run, gates: Gates) -> tuple[bool, tuple[str, ...]]:
    """Is the tuned model significantly better at something, worse at nothing, and sure of who it is? What speaks
    against it."""
    pairs = _before_and_after(run)
    if not pairs:
        return False, ("No tuned model was measured (`eval ladder --tuned NAME`).",)
    return (not (against := (*_no_gain(pairs, gates), *_lost(pairs, gates), *_unsure(run, gates)))), against


def _before_and_after(run: Run) -> list[tuple[Measured, Measured]]:
    """In each section the best means without tuning, and the tuned one that takes its place."""
    pairs = []
    for section, name in (
        ("intent", "tuned, short"),
        ("slots", "tuned, short"),
        ("identity", "tuned"),
        ("regression", "tuned"),
    ):
        rungs = run.rungs(section)
        before = [
            one for rung, one in rungs.items() if not rung.startswith("tuned") and (one.model or section != "identity")
        ]
        if name in rungs and before:
            fair = [one for one in before if one.rung == "base"] if section == "identity" else before
            pairs.append((max(fair or before, key=quality), rungs[name]))
    return pairs


def _no_gain(pairs: Sequence[tuple[Measured, Measured]], gates: Gates) -> Iterator[str]:
    targets = [difference(one, two) for one, two in pairs if one.section != "regression"]
    if not any(d.points > 0 and d.p <= gates.significant for d in targets):
        told = ", ".join(f"{d.section} {d.points:+.1f} points over {d.one} (p = {d.p:.3g})" for d in targets)
        yield f"No significant gain: {told or 'nothing to compare with'}."


def _lost(pairs: Sequence[tuple[Measured, Measured]], gates: Gates) -> Iterator[str]:
    for one, two in pairs:
        d = difference(one, two)
        if -d.points / 100 > gates.regression:
            yield f"{d.section} loses {-d.points:.1f} points against {d.one} ({d.lost} lost, {d.won} won)."
        if d.section == "intent":
            yield from _lost_intents(one, two, gates)
    if not any(one.section == "regression" for one, _ in pairs):
        yield "General questions were not measured before and after."


def _lost_intents(one: Measured, two: Measured, gates: Gates) -> Iterator[str]:
    """Intents that get significantly worse: with few questions each, a plain share would say that of any."""
    for label in sorted({row.want for row in two.rows}):
        at = [number for number, row in enumerate(two.rows) if row.want == label]
        parts = [Measured(m.section, m.rung, m.model, tuple(m.rows[i] for i in at)) for m in (one, two)]
        d = difference(*parts)
        if d.points < 0 and d.p <= gates.significant:
            yield f"{label or 'none of these'} loses {-d.points:.1f} points ({d.lost} of {d.total}, p = {d.p:.3g})."


def _unsure(run: Run, gates: Gates) -> Iterator[str]:
    tuned = [one for name, one in run.rungs("identity").items() if name.startswith("tuned")]
    if not tuned:
        yield "Identity was not measured."
    for one in tuned:
        if not knows_itself(one, gates):
            yield f"{one.rung} {identity_text(one)} (wanted {gates.identity:.0%} and at most {gates.leak:.0%})."
