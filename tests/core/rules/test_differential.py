"""The engine gives the answer of a plain loop of `re` over the same rules."""

from __future__ import annotations

import random
import re

import pytest
from tests.core.rules.random_rules import a_message, a_messy_message, a_regex

from kefu.core.rules import Pattern, Rule, RuleSet
from kefu.core.rules.emit import emit
from kefu.core.rules.fold import fold
from kefu.core.rules.message import prepare
from kefu.core.rules.syntax import parse
from kefu.core.text import normalise

SETS, RULES, MESSAGES = 64, 40, 40


def rules_of(rng: random.Random, count: int, upper: bool = True) -> list[Rule]:
    """Rules of one random regex each; few of them fit every message."""
    made: list[Rule] = []
    while len(made) < count:
        pattern = a_regex(rng)
        if "A-Z" in pattern and not upper:
            continue
        try:
            fits_all = re.compile(pattern).search("。") is not None
        except re.error:
            continue
        if fits_all and rng.random() < 0.98:
            continue
        made.append(
            Rule(
                f"r{len(made)}",
                (Pattern("regex", pattern),),
                ("好",),
                priority=rng.choice([0, 0, 0, 1]),
                position=len(made),
            )
        )
    return made


def in_order(rules: list[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: rule.sort_key)


def test_clean_messages_get_the_answer_of_the_raw_loop():
    """≥ 100,000 pairs of rule and message: `re.search` as written says which rules fit and which is first."""
    rng, pairs, hits = random.Random(4), 0, 0
    for _ in range(SETS):
        rules = rules_of(rng, RULES, upper=False)
        engine = RuleSet.build(rules)
        assert not engine.refused
        loop = [(rule.id, re.compile(rule.patterns[0].text)) for rule in in_order(rules)]
        for _ in range(MESSAGES):
            text = a_message(rng)
            expected = [name for name, pattern in loop if pattern.search(text)]
            assert [rule.id for rule in engine.every(normalise(text))] == expected, text
            found = engine.match(normalise(text))
            assert [found.rule_id] == expected[:1] if found else not expected
            pairs += len(rules)
            hits += bool(expected)
    assert pairs >= 100_000
    assert 0.3 < hits / (SETS * MESSAGES) < 0.999


def test_messy_messages_get_the_answer_of_a_loop_over_folded_patterns():
    """≥ 100,000 pairs with spaces, punctuation, emoji, widths, case and traditional characters."""
    rng, pairs = random.Random(44), 0
    for _ in range(SETS):
        rules = rules_of(rng, RULES)
        engine = RuleSet.build(rules)
        loop = [
            (rule.id, rule.patterns[0].text, re.compile(emit(fold(parse(rule.patterns[0].text)), "re")))
            for rule in in_order(rules)
        ]
        for _ in range(MESSAGES):
            text = a_messy_message(rng)
            message = prepare(normalise(text))
            expected = [name for name, raw, p in loop if _fits(raw, p, message)]
            assert [rule.id for rule in engine.every(normalise(text))] == expected, (text, message.full)
            pairs += len(rules)
    assert pairs >= 100_000


def _fits(raw: str, pattern: re.Pattern, message) -> bool:
    if pattern.search(message.full):
        return True
    return ("^" in raw or "$" in raw) and bool(pattern.search(message.bare))


@pytest.mark.parametrize("seed", range(5))
def test_edits_in_an_overlay_answer_as_a_set_built_anew(seed: int):
    rng = random.Random(seed)
    rules = {rule.id: rule for rule in rules_of(rng, 60)}
    engine = RuleSet.build(rules.values())
    for step in range(12):
        changed = rules_of(rng, 3)
        saved = [
            Rule(
                rng.choice([*rules, f"n{step}"]),
                r.patterns,
                r.replies,
                priority=r.priority,
                position=rng.randint(0, 60),
            )
            for r in changed
        ]
        removed = [name for name in rng.sample(sorted(rules), 2) if name not in {r.id for r in saved}]
        engine = engine.edit(saved, removed)
        rules = {name: rule for name, rule in rules.items() if name not in removed}
        rules.update((rule.id, rule) for rule in saved)
        anew = RuleSet.build(rules.values())
        assert len(engine) == len(anew) == len(rules)
        assert list(engine) == list(anew)
        for _ in range(30):
            text = normalise(a_messy_message(rng))
            old, new = engine.match(text), anew.match(text)
            assert (old and (old.rule_id, old.start, old.end)) == (new and (new.rule_id, new.start, new.end))
