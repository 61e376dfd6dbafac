"""Should I tune? A verdict with its reasons, from what the ladder measured; and whether a tuned model may be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from kefu.errors import BadInput
from kefu.evaluation.ladder import mcnemar

LIVE = ("stock_query", "delivery_query", "order_status", "price_query")
"""Intents whose answer is live data: a model is never taught those."""
VERDICTS = ("don't", "prompt first", "data and tools first", "tune identity", "tune intent and extraction")
_PLAIN = ("local", "base, short")


@dataclass(frozen=True, slots=True)
class Gates:
    """Thresholds, see finetune/gates.yaml."""

    good_enough: float = 0.95
    few_examples: int = 20
    overlap: float = 0.25
    format: float = 0.02
    prompt_helps: float = 0.03
    significant: float = 0.05
    regression: float = 0.01
    identity: float = 0.98
    leak: float = 0.01


def read_gates(path: Path) -> Gates:
    """Raises BadInput for an unknown name or a value that is no number."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", "Write `name: number` lines.") from error
    known = {f.name for f in fields(Gates)}
    bad = [str(name) for name, value in found.items() if name not in known or not isinstance(value, int | float)]
    if bad:
        raise BadInput(f"{path}: {', '.join(bad)} is no gate, or no number.", f"Gates: {', '.join(sorted(known))}.")
    return Gates(**found)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``verdict`` is one of `VERDICTS`; ``reasons`` say why, in the order they weighed."""

    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Measured shares: right answers about who speaks, and answers that name another maker."""

    hit: float
    leak: float


def should_i(
    ladder: Mapping[str, Any], examples: Mapping[str, int], gates: Gates, identity: Identity | None = None
) -> Verdict:
    """``ladder`` as `eval ladder --json` writes it, ``examples``: how many each intent has."""
    rungs = {rung["name"]: rung for rung in ladder["rungs"]}
    plain = [name for name in _PLAIN if name in rungs]
    if not plain:
        raise BadInput("The ladder has neither a local nor a base rung.", "Run `./kefu eval ladder --json FILE`.")
    best = max(plain, key=lambda name: _accuracy(rungs[name]))
    wrong = [g for g in rungs[best]["guesses"] if g["guess"] != g["label"]]
    reasons = [f"{best} is right in {_accuracy(rungs[best]):.1%} of {ladder['held']} questions."]
    live = sum(g["label"] in LIVE for g in rungs[best]["guesses"]) / max(1, ladder["held"])
    reasons.append(f"{live:.0%} of questions want live data: those come from tables and tools, never from tuning.")
    if identity and (identity.hit < gates.identity or identity.leak > gates.leak):
        reasons.append(f"Identity is hit in {identity.hit:.1%} and leaks in {identity.leak:.1%}.")
        return Verdict("tune identity", tuple(reasons))
    if _accuracy(rungs[best]) >= gates.good_enough:
        return Verdict("don't", tuple(reasons))
    few = sorted(name for name, count in examples.items() if count < gates.few_examples)
    pair, share = _commonest_pair(wrong)
    if few or share >= gates.overlap:
        reasons += [f"Fewer than {gates.few_examples} examples: {', '.join(few)}."] if few else []
        if share >= gates.overlap:
            reasons.append(f"{share:.0%} of mistakes are between {' and '.join(pair)}: merge or relabel them.")
        return Verdict("data and tools first", tuple(reasons))
    raw = rungs.get("base, Dify's prompt")
    if raw and 1 - raw["figures"]["node-valid"][0] > gates.format:
        unread = 1 - raw["figures"]["node-valid"][0]
        reasons.append(f"Dify cannot read {unread:.1%} of the bare model's answers: constrain them (the gateway does).")
    helped = [n for n in ("prompt, all scripts", "prompt + retrieval") if n in rungs]
    gain = max((_accuracy(rungs[n]) for n in helped), default=0.0) - _accuracy(rungs[best])
    if not helped or gain >= gates.prompt_helps:
        reasons.append(f"Prompting gains {gain:.1%}." if helped else "No model was asked yet: try a prompt (--base).")
        return Verdict("prompt first", tuple(reasons))
    reasons.append("Data are ready and prompting does not help: what is left is capability.")
    return Verdict("tune intent and extraction", tuple(reasons))


def may_switch(ladder: Mapping[str, Any], gates: Gates, identity: Identity | None) -> tuple[bool, tuple[str, ...]]:
    """Is the tuned model significantly better, worse in no intent, and sure of who it is? What speaks against it."""
    rungs = {rung["name"]: rung for rung in ladder["rungs"]}
    tuned = rungs.get("tuned, short")
    before = [rung for name, rung in rungs.items() if not name.startswith("tuned")]
    if tuned is None or not before:
        return False, ("No tuned model was measured (--tuned NAME).",)
    best = max(before, key=_accuracy)
    one, two = _hits(best), _hits(tuned)
    against = []
    p = mcnemar(one, two)
    if sum(two) <= sum(one) or p > gates.significant:
        against.append(f"No significant gain over {best['name']} (p = {p:.3g}).")
    for label in sorted({g["label"] for g in tuned["guesses"]}):
        rows = [i for i, g in enumerate(tuned["guesses"]) if g["label"] == label]
        lost = (sum(one[i] for i in rows) - sum(two[i] for i in rows)) / len(rows)
        if lost > gates.regression:
            against.append(f"{label or 'none of these'} loses {lost:.1%}.")
    if identity is None:
        against.append("Identity was not measured.")
    elif identity.hit < gates.identity or identity.leak > gates.leak:
        against.append(f"Identity {identity.hit:.1%} (wanted {gates.identity:.0%}), leak {identity.leak:.1%}.")
    return not against, tuple(against)


def _accuracy(rung: Mapping[str, Any]) -> float:
    return float(rung["figures"]["accuracy"][0])


def _hits(rung: Mapping[str, Any]) -> list[bool]:
    return [g["guess"] == g["label"] for g in rung["guesses"]]


def _commonest_pair(wrong: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], float]:
    pairs = Counter(tuple(sorted((g["label"], g["guess"]))) for g in wrong if g["guess"] and g["label"])
    if not pairs or len(wrong) < 4:
        return (), 0.0
    pair, count = pairs.most_common(1)[0]
    return pair, count / len(wrong)
