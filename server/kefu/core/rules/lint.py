"""What is wrong or doubtful in a shop's rules, for people and for CI."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from kefu.core.handoff import REASONS, USE_A_REASON
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
    """One remark. ``code``: refused, shadowed, conflict, matches_all, unknown_variable, never_fired, word_for_word,
    answers_entry, unknown_reason or timed."""

    level: Level
    code: str
    rule_id: str
    message: str
    hint: str = ""


def lint(
    ruleset: RuleSet, fired: Collection[str] | None = None, entries: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[Finding]:
    """All findings, errors first. ``fired``: ids of rules that fired at least once, None if nobody counted;
    ``entries``: titles of the shop's knowledge entries and what customers ask of each."""
    found = [
        Finding("error", "refused", r.rule_id, f"“{r.pattern.label[:80]}” is not run: {r.reason}", r.suggestion)
        for r in ruleset.refused
    ]
    for rule in ruleset:
        if rule.action.kind == "hand_off" and rule.action.value not in ("", *REASONS):
            told = f"“{rule.action.value}” is no hand-off reason: people read “{REASONS['policy']}”."
            found.append(Finding("warning", "unknown_reason", rule.id, told, USE_A_REASON))
        if rule.enabled:
            found.extend(_of_rule(rule))
            found.extend(_shadowed(ruleset, rule))
            if fired is not None and rule.id not in fired:
                found.append(_never_fired(rule, few=len(ruleset) <= MOST))
            elif rule.action.kind and not is_searched(rule) and _has_only_sentences(rule):
                found.append(_word_for_word(rule))
    found.extend(_of_entries(ruleset, entries))
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


def _has_only_sentences(rule: Rule) -> bool:
    return all(pattern.kind == "sentence" for pattern in rule.patterns)


def _word_for_word(rule: Rule) -> Finding:
    told = "Its sentences answer word for word only: a rule with an action is not searched in other words."
    return Finding("note", "word_for_word", rule.id, told, "Give it keywords: 地址 & 改|写错.")


def _of_entries(ruleset: RuleSet, entries: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Rules whose keywords or regexes take what an entry is there to answer (过敏了 takes 过敏了能退吗)."""
    taken: dict[str, tuple[str, str]] = {}
    for title, questions in entries.items():
        for question in questions:
            match = ruleset.match(normalise(question))
            if match and not _has_only_sentences(match.rule) and match.rule.id not in taken:
                taken[match.rule.id] = question, title
    for rule_id, (question, title) in taken.items():
        told = (
            f"It answers “{question[:40]}”, which is asked of the entry “{title[:40]}”, before the entry is looked for."
        )
        yield Finding("note", "answers_entry", rule_id, told, "If the entry should answer, add a word to none-of.")


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
