"""What is wrong or doubtful in a shop's rules, for people and for CI."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from kefu.core.rules.analysis import strings, strip_anchors
from kefu.core.rules.fold import fold, fold_sentence
from kefu.core.rules.plan import plan_of
from kefu.core.rules.reply import variables_of
from kefu.core.rules.rule import EVERYWHERE, VARIABLES, Pattern, Rule
from kefu.core.rules.ruleset import RuleSet
from kefu.core.rules.syntax import parse
from kefu.core.rules.written import MOST, is_searched
from kefu.core.text import normalise
from kefu.errors import BadInput

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. ``code``: refused, shadowed, conflict, matches_all, unknown_variable, never_fired or timed."""

    level: Level
    code: str
    rule_id: str
    message: str
    hint: str = ""


def lint(ruleset: RuleSet, fired: Collection[str] | None = None) -> list[Finding]:
    """All findings, errors first. ``fired``: ids of rules that fired at least once, None if nobody counted."""
    found = [
        Finding("error", "refused", r.rule_id, f"“{r.pattern.label[:80]}” is not run: {r.reason}", r.suggestion)
        for r in ruleset.refused
    ]
    for rule in ruleset:
        if rule.enabled:
            found.extend(_of_rule(rule))
            found.extend(_shadowed(ruleset, rule))
            if fired is not None and rule.id not in fired:
                found.append(_never_fired(rule, few=len(ruleset) <= MOST))
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.level))


def _never_fired(rule: Rule, few: bool) -> Finding:
    told, hint = "It has never fired.", "Try it, or remove it."
    if few and is_searched(rule):
        told = "It has never fired word for word; what search answered with it, asked in other words, is not counted."
    elif any(pattern.kind == "sentence" for pattern in rule.patterns):
        told = (
            "It has never fired: its sentences answer word for word only, as a rule with an action, a scope,"
            " keywords_none or only variables in its reply, or one of very many, is not searched in other words."
        )
        hint = "Give it keywords or regexes, or remove it."
    return Finding("note", "never_fired", rule.id, told, hint)


def _of_rule(rule: Rule) -> Iterator[Finding]:
    names = {*VARIABLES, *_group_names(rule)}
    for reply in rule.replies:
        for name in variables_of(reply):
            if name not in names:
                text = f"The reply uses {{{name}}}, which nobody fills."
                yield Finding("warning", "unknown_variable", rule.id, text, f"Use {', '.join(VARIABLES)}.")
    for pattern in rule.patterns:
        if pattern.kind == "regex":
            yield from _of_regex(rule, pattern)


def _of_regex(rule: Rule, pattern: Pattern) -> Iterator[Finding]:
    try:
        plan = plan_of(pattern)
    except BadInput:
        return
    if plan.engine == "regex" and plan.source:
        text = f"“{pattern.text[:80]}” looks around or back and runs under a time limit."
        yield Finding("note", "timed", rule.id, text, "Keywords with none-of often say the same.")
    if RuleSet.build([Rule("probe", (pattern,), ("",))]).match(normalise("嗯")) is not None:
        text = f"“{pattern.text[:80]}” fits every message."
        yield Finding("warning", "matches_all", rule.id, text, "Add a word, or ^ and $.")


def _shadowed(ruleset: RuleSet, rule: Rule) -> Iterator[Finding]:
    """Earlier rules without a scope that take each message this rule was written for."""
    samples = [sample for pattern in rule.patterns for sample in samples_of(pattern)]
    if not samples or rule.none:
        return
    winners = []
    for sample in samples:
        match = ruleset.match(normalise(sample))
        if match is None or match.rule.id == rule.id or match.rule.scope != EVERYWHERE or match.rule.cooldown_s:
            return
        winners.append(match.rule)
    first = winners[0]
    same = set(first.replies) == set(rule.replies) and first.action == rule.action
    text = f"Rule {first.id} comes first and takes “{samples[0][:40]}”{'' if same else ' with another reply'}."
    yield Finding("warning", "shadowed" if same else "conflict", rule.id, text, "Raise its priority, or merge both.")


def samples_of(pattern: Pattern) -> list[str]:
    """Messages that stand for all that the pattern matches: every string of a finite one, else none."""
    if pattern.kind == "sentence":
        return [fold_sentence(pattern.text)]
    if pattern.kind == "keywords":
        return [] if len(pattern.all) + len(pattern.any) > 1 else [(*pattern.all, *pattern.any)[0]]
    try:
        return list(strings(strip_anchors(fold(parse(pattern.text)))[0], 8) or ())
    except BadInput:
        return []


def _group_names(rule: Rule) -> set[str]:
    names = set()
    for pattern in rule.patterns:
        for piece in pattern.text.split("(?P<")[1:] if pattern.kind == "regex" else ():
            names.add(piece.partition(">")[0])
    return names
