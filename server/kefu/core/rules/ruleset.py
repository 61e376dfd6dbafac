"""A shop's rules as one immutable value that answers messages; an edit gives a new one that shares the old."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import orjson

from kefu.core.handoff import REASONS, USE_A_REASON
from kefu.core.rules.fold import fold_keyword
from kefu.core.rules.index import BARE, Index, Proposal
from kefu.core.rules.message import Message, is_one_form, original_span, prepare
from kefu.core.rules.plan import VERSION, Plan, is_plain, plan_of
from kefu.core.rules.rule import ANYWHERE, EVERYWHERE, MatchContext, Pattern, Place, Rule, RuleMatch
from kefu.core.rules.scope import blocked
from kefu.core.rules.verify import Budget, Clock, confirm, locate, may_confirm
from kefu.core.text import Normalised
from kefu.errors import BadInput

Progress = Callable[[int, int], None]
"""Called with rules done and rules in all."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pattern that is not run, and why."""

    rule_id: str
    pattern: Pattern
    reason: str
    suggestion: str


def check_rule(rule: Rule) -> None:
    """Raises BadInput (reason, suggestion) if a pattern of ``rule`` or its reason for a hand-off would be refused."""
    if rule.action.kind == "hand_off" and rule.action.value not in ("", *REASONS):
        raise BadInput(f"Rule {rule.id}: “{rule.action.value}” is no hand-off reason.", USE_A_REASON)
    for pattern in rule.patterns:
        try:
            plan_of(pattern)
        except BadInput as error:
            raise BadInput(f"Rule {rule.id}, “{pattern.label[:80]}”: {error.message}", error.hint) from error


Fired = tuple["Layer", int, Plan | None]
"""A layer, the rank of the rule in it, and the plan that proposed it."""

_NO_GROUPS: Mapping[str, str] = MappingProxyType({})


class Layer:
    """Rules in the order in which they are asked, their plans and the index over the enabled ones."""

    def __init__(self, rules: Iterable[Rule], known: Mapping[str, Plan], progress: Progress | None = None) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.sort_key)
        self._plans: dict[int, tuple[Plan | None, ...]] = {}
        self.regexes: dict[str, Plan] = {}
        self.refused: list[Refusal] = []
        self.ranks = {rule.id: rank for rank, rule in enumerate(self.rules)}
        self.silencers: dict[int, tuple[str, ...]] = {}
        flat: list[tuple[int, Plan]] = []
        for rank, rule in enumerate(self.rules):
            plans = tuple(self._plan(rule, pattern, known) for pattern in rule.patterns)
            if len(plans) > 1 or plans[0] is None or not is_plain(rule.patterns[0]):
                self._plans[rank] = plans
            if rule.enabled:
                flat.extend((rank, plan) for plan in plans if plan is not None)
            if rule.none:
                self.silencers[rank] = tuple(filter(None, map(fold_keyword, rule.none)))
            if progress and rank % 1000 == 999:
                progress(rank + 1, len(self.rules))
        self.index = Index(flat)
        self._conditional = {rank for rank, rule in enumerate(self.rules) if _is_conditional(rule)}
        self.index.settle(self._conditional, may_confirm)
        if progress:
            progress(len(self.rules), len(self.rules))

    def _plan(self, rule: Rule, pattern: Pattern, known: Mapping[str, Plan]) -> Plan | None:
        try:
            if pattern.kind != "regex":
                return plan_of(pattern)
            plan = self.regexes.get(pattern.text) or known.get(pattern.text) or plan_of(pattern)
        except BadInput as error:
            self.refused.append(Refusal(rule.id, pattern, error.message, error.hint))
            return None
        if not is_plain(pattern):
            self.regexes[pattern.text] = plan
        return plan

    def plans(self, rank: int) -> tuple[Plan | None, ...]:
        """The plans of one rule's patterns, None for a refused one. Plain ones are made anew."""
        kept = self._plans.get(rank)
        return kept if kept is not None else tuple(map(plan_of, self.rules[rank].patterns))

    def is_whole(self, rank: int) -> bool:
        """Whether the rule has one pattern, which takes the whole message and catches no group."""
        kept = self._plans.get(rank)
        return kept is None or (len(kept) == 1 and kept[0] is not None and not kept[0].source)

    def first(
        self, proposed: list[Proposal], message: Message, context: MatchContext, hidden: frozenset[str], budget: Budget
    ) -> Fired | None:
        """The first rule that fires, passing over rules whose id is in ``hidden``."""
        failed = -1
        for rank, plan in proposed:
            if rank == failed or (hidden and self.rules[rank].id in hidden):
                continue
            if rank in self._conditional and (self.is_silenced(rank, message) or blocked(self.rules[rank], context)):
                failed = rank
            elif plan is None or confirm(plan, message, budget):
                return self, rank, plan
        return None

    def every(self, message: Message, budget: Budget) -> list[int]:
        """The ranks of all enabled rules with a pattern that fits, whatever their scope; ascending."""
        proposed = self.index.propose(message.full, message.bare)
        return sorted({rank for rank, plan in proposed if plan is None or confirm(plan, message, budget)})

    def is_silenced(self, rank: int, message: Message) -> bool:
        words = self.silencers.get(rank)
        return bool(words) and any(word in message.full for word in words or ())


class RuleSet:
    """Immutable and safe in any number of threads.

    A large ``base`` plus a small ``overlay`` of rules edited since; ids in ``hidden`` are void in the base.
    """

    __slots__ = ("_base", "_clock", "_edited", "_hidden", "_overlay")

    def __init__(self, base: Layer, overlay: Layer, hidden: frozenset[str], clock: Clock | None) -> None:
        self._base, self._overlay, self._hidden, self._clock = base, overlay, hidden, clock
        self._edited = bool(overlay.rules or hidden)

    @staticmethod
    def build(
        rules: Iterable[Rule],
        *,
        plans: Mapping[str, Plan] | None = None,
        progress: Progress | None = None,
        clock: Clock | None = None,
    ) -> RuleSet:
        """Analyse ``rules``. ``plans`` (an earlier set's, or `load_plans`) saves work for regexes seen before;
        ``clock`` gives seconds and bounds all patterns with lookaround of one message together."""
        return RuleSet(Layer(rules, plans or {}, progress), Layer((), {}), frozenset(), clock)

    def edit(self, saved: Iterable[Rule] = (), removed: Iterable[str] = ()) -> RuleSet:
        """A new set with ``saved`` added or replaced and ``removed`` gone; costs by the size of the overlay only."""
        saved, removed = list(saved), set(removed)
        rules = {rule.id: rule for rule in self._overlay.rules if rule.id not in removed}
        rules.update((rule.id, rule) for rule in saved)
        touched = removed.union(rule.id for rule in saved)
        hidden = self._hidden.union(name for name in touched if name in self._base.ranks)
        return RuleSet(self._base, Layer(rules.values(), self._overlay.regexes), hidden, self._clock)

    def match(self, text: Normalised, context: MatchContext = ANYWHERE) -> RuleMatch | None:
        """The first rule, by priority then order, that fits the message and holds in ``context``."""
        base, full = self._base, text.text
        if is_one_form(full):
            index, message = base.index, None
            rank = index.exact.get(full)
            if rank is None:
                proposed = index.beside_exact(full, full, [])
            elif isinstance(rank, int) and not self._edited:
                return RuleMatch(base.rules[rank], partial(_describe, base, rank, BARE, text, None))
            else:
                proposed = index.propose(full, full)
        else:
            message = prepare(text)
            proposed = base.index.propose(message.full, message.bare)
        if not proposed and not self._overlay.rules:
            return None
        won = self._first(proposed, message or Message(full, full, 0), context, Budget(self._clock))
        if won is None:
            return None
        layer, rank, plan = won
        return RuleMatch(layer.rules[rank], partial(_describe, layer, rank, plan, text, self._clock))

    def every(self, text: Normalised) -> list[Rule]:
        """All enabled rules with a pattern that fits the message, whatever their scope, in the order of asking."""
        return self.every_timed(text)[0]

    def every_timed(self, text: Normalised) -> tuple[list[Rule], tuple[str, ...]]:
        """`every`, and the patterns that ran out of time."""
        message, budget = prepare(text), Budget(self._clock)
        found = [self._overlay.rules[rank] for rank in self._overlay.every(message, budget)]
        base = (self._base.rules[rank] for rank in self._base.every(message, budget))
        found.extend(rule for rule in base if rule.id not in self._hidden)
        return sorted(found, key=lambda rule: rule.sort_key), budget.timed_out

    def _first(self, proposed: list[Proposal], message: Message, context: MatchContext, budget: Budget) -> Fired | None:
        fired = self._base.first(proposed, message, context, self._hidden, budget)
        if not self._overlay.rules:
            return fired
        beside = self._overlay.index.propose(message.full, message.bare)
        over = self._overlay.first(beside, message, context, frozenset(), budget)
        if over is None or fired is None:
            return over or fired
        return min(fired, over, key=lambda found: found[0].rules[found[1]].sort_key)

    def __len__(self) -> int:
        return len(self._base.rules) - len(self._hidden) + len(self._overlay.rules)

    def __iter__(self) -> Iterator[Rule]:
        """All rules, disabled ones too, in the order in which they are asked."""
        kept = (rule for rule in self._base.rules if rule.id not in self._hidden)
        return iter(sorted([*kept, *self._overlay.rules], key=lambda rule: rule.sort_key))

    def get(self, rule_id: str) -> Rule | None:
        for layer in (self._overlay, self._base):
            rank = layer.ranks.get(rule_id)
            if rank is not None and not (layer is self._base and rule_id in self._hidden):
                return layer.rules[rank]
        return None

    @property
    def overlay_size(self) -> int:
        """How many edits wait for a rebuild."""
        return len(self._overlay.rules) + len(self._hidden)

    @property
    def refused(self) -> tuple[Refusal, ...]:
        kept = (refusal for refusal in self._base.refused if refusal.rule_id not in self._hidden)
        return (*kept, *self._overlay.refused)

    @property
    def plans(self) -> dict[str, Plan]:
        """Plans by regex, for the next build."""
        return self._base.regexes | self._overlay.regexes


def _is_conditional(rule: Rule) -> bool:
    return bool(rule.none or rule.cooldown_s or rule.scope != EVERYWHERE)


def _describe(layer: Layer, rank: int, proposed_by: Plan | None, text: Normalised, clock: Clock | None) -> Place:
    """Which pattern of the rule matched, and where."""
    message, rule = prepare(text), layer.rules[rank]
    pattern = rule.patterns[0]
    if proposed_by is BARE and layer.is_whole(rank):
        start, end = message.shift, message.shift + len(message.bare)
        return Place(pattern, *original_span(text, start, end), message.bare, _NO_GROUPS)
    budget = Budget(clock)
    start, end, groups = 0, len(message.full), dict[str, str]()
    for candidate, plan in zip(rule.patterns, layer.plans(rank), strict=True):
        place = locate(plan, message, budget) if plan is not None else None
        if place is not None:
            pattern, (start, end, groups) = candidate, place
            break
    return Place(pattern, *original_span(text, start, end), message.full[start:end], groups)


def dump_plans(plans: Mapping[str, Plan]) -> bytes:
    """Plans as bytes to keep."""
    return orjson.dumps({"version": VERSION, "plans": {text: plan.to_json() for text, plan in plans.items()}})


def load_plans(data: bytes) -> dict[str, Plan]:
    """What `dump_plans` kept; nothing if it is damaged or of another version: then all is analysed anew."""
    try:
        kept = orjson.loads(data)
        if kept["version"] != VERSION:
            return {}
        return {text: Plan.from_json(row) for text, row in kept["plans"].items()}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return {}
