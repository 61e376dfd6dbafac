"""Why a message gets the answer it gets: what fired, what nearly did, and what never can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rapidfuzz import fuzz

from kefu.core.rules.analysis import features
from kefu.core.rules.fold import fold, fold_keyword, fold_sentence
from kefu.core.rules.message import Message, prepare
from kefu.core.rules.rule import ANYWHERE, MatchContext, Pattern, Rule, RuleMatch
from kefu.core.rules.ruleset import RuleSet
from kefu.core.rules.scope import blocked
from kefu.core.rules.syntax import Group, Lit, Node, Repeat, Seq, parse
from kefu.core.text import normalise

NEAR = 50
"""Least similarity, 0–100, of a pattern's words to the message for a near miss."""

MAX_NEAR = 5

_SIGNS = re.compile(r"\\.|\(\?P<\w+>|\(\?[:=!]|\{[\d,]*\}|\[[^\]]*\]|[\^$.*+?()|]")


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not fire, with the reason a person can act on."""

    rule_id: str
    pattern: str
    reason: str
    score: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome for one message.

    ``shadowed``: rules that fit as well but come later; ``conflicts``: those of them with other replies; ``blocked``:
    rules that fit, with why they stay silent; ``slow``: patterns that took too long.
    """

    text: str
    normalised: str
    fired: RuleMatch | None
    near: tuple[NearMiss, ...]
    shadowed: tuple[str, ...]
    conflicts: tuple[str, ...]
    blocked: Mapping[str, str]
    slow: tuple[str, ...]


def try_message(ruleset: RuleSet, text: str, context: MatchContext = ANYWHERE) -> Trial:
    """All that is to be said about ``text`` and these rules."""
    normalised = normalise(text)
    message = prepare(normalised)
    fired = ruleset.match(normalised, context)
    fitting, slow = ruleset.every_timed(normalised)
    silent = {rule.id: _why_silent(rule, message, context) for rule in fitting}
    winner = fired.rule if fired else None
    later = [rule for rule in fitting if rule is not winner and not silent[rule.id]]
    return Trial(
        text=text,
        normalised=message.full,
        fired=fired,
        near=_near_misses(ruleset, message, {rule.id for rule in fitting}),
        shadowed=tuple(rule.id for rule in later),
        conflicts=tuple(rule.id for rule in later if winner and _says_other(rule, winner)),
        blocked={name: reason for name, reason in silent.items() if reason},
        slow=_as_written(ruleset, slow),
    )


def _as_written(ruleset: RuleSet, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The shop's own words of the patterns that the engine ran as ``sources``, each once."""
    written = {plan.source: text for text, plan in ruleset.plans.items()} if sources else {}
    return tuple(dict.fromkeys(written.get(source, source) for source in sources))


def _says_other(rule: Rule, winner: Rule) -> bool:
    return set(rule.replies) != set(winner.replies) or rule.action != winner.action


def _why_silent(rule: Rule, message: Message, context: MatchContext) -> str:
    for word in rule.none:
        if fold_keyword(word) in message.full:
            return f"the message holds “{word}”, which keeps the rule silent"
    return blocked(rule, context)


def _near_misses(ruleset: RuleSet, message: Message, fitting: set[str]) -> tuple[NearMiss, ...]:
    """The most similar patterns of rules that do not fit, disabled rules included."""
    found = [
        NearMiss(rule.id, pattern.label, why_not(rule, pattern, message), score)
        for rule in ruleset
        if rule.id not in fitting
        for pattern in rule.patterns
        if (score := similarity(pattern, message.bare)) >= NEAR
    ]
    return tuple(sorted(found, key=lambda miss: -miss.score)[:MAX_NEAR])


def similarity(pattern: Pattern, text: str) -> int:
    """0–100: how much of the pattern's own words the text holds, in order."""
    if pattern.kind == "keywords":
        words = [fold_keyword(word) for word in (*pattern.all, *pattern.any[:1])]
        held = sum(word in text for word in pattern.all) + any(fold_keyword(word) in text for word in pattern.any)
        return round(100 * held / len(words))
    words_of_it = literal_text(pattern)
    return round(fuzz.ratio(words_of_it, text)) if words_of_it else 0


def literal_text(pattern: Pattern) -> str:
    """The characters of a pattern without its signs; roughly."""
    if pattern.kind == "sentence":
        return fold_sentence(pattern.text)
    return fold_sentence(_SIGNS.sub("", pattern.text))


def why_not(rule: Rule, pattern: Pattern, message: Message) -> str:
    """The first thing that keeps ``pattern`` from fitting, in words."""
    if not rule.enabled:
        return "the rule is disabled"
    if pattern.kind == "keywords":
        absent = [word for word in pattern.all if fold_keyword(word) not in message.full]
        return f"the message lacks {'、'.join(absent)}" if absent else f"none of {'、'.join(pattern.any)} is there"
    own = literal_text(pattern)
    if pattern.kind == "sentence":
        return f"the sentence is “{own}”, the message “{message.bare}”: a sentence must be the whole message"
    tree = fold(parse(pattern.text))
    missing = next((part for part in _runs(tree) if part not in message.full), "")
    if missing:
        return f"the message lacks “{missing}”"
    if features(tree).anchored:
        return "all its words are there, but ^ or $ allows nothing before or after them"
    return "all its words are there, but not in this order or with what stands between them"


def _runs(tree: Node) -> Iterable[str]:
    """Required literals, in order."""
    if isinstance(tree, Lit):
        yield tree.text
    elif isinstance(tree, Seq):
        for part in tree.parts:
            yield from _runs(part)
    elif isinstance(tree, Group) or (isinstance(tree, Repeat) and tree.low):
        yield from _runs(tree.body)


def report(trial: Trial) -> dict[str, Any]:
    """The trial as HTTP and `--json` show it; names are on the wire."""
    fired = trial.fired
    return {
        "text": trial.text,
        "normalised": trial.normalised,
        "matched": fired is not None,
        "rule_id": fired.rule_id if fired else "",
        "pattern": fired.pattern.label if fired else "",
        "pattern_kind": fired.pattern.kind if fired else "",
        "span": [fired.start, fired.end] if fired else [],
        "matched_text": trial.text[fired.start : fired.end] if fired else "",
        "groups": dict(fired.groups) if fired else {},
        "replies": list(fired.rule.replies) if fired else [],
        "action": f"{fired.action.kind}:{fired.action.value}".rstrip(":") if fired else "",
        "near_misses": [asdict(miss) for miss in trial.near],
        "shadowed": list(trial.shadowed),
        "conflicts": list(trial.conflicts),
        "blocked": dict(trial.blocked),
        "slow": list(trial.slow),
    }
