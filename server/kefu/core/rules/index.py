"""Many plans as tables that propose, for a message, the few rules that may fire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2
from ahocorasick_rs import AhoCorasick

from kefu.core.rules.analysis import collapse_digits
from kefu.core.rules.message import Message
from kefu.core.rules.plan import NEEDS_DIGIT, NEEDS_LETTER, Plan, re2_options

Proposal = tuple[int, Plan | None]
"""Rank of a rule and the plan to confirm; None needs no confirmation."""

_MAX_PAIRS = 16
_SET_CHUNK = 2_000


@dataclass(slots=True)
class _Bucket:
    """What one literal proposes: at once, or together with a second literal."""

    alone: list[Proposal] = field(default_factory=list)
    paired: dict[int, list[Proposal]] = field(default_factory=dict)


class _Loose:
    """Patterns without a literal, all asked at once by one RE2 set; those RE2 cannot say are always proposed."""

    def __init__(self, proposals: list[tuple[int, Plan]]) -> None:
        self.always: list[Proposal] = [p for p in proposals if not p[1].set_source]
        self.sets: list[tuple[Any, list[Proposal]]] = []
        said = [p for p in proposals if p[1].set_source]
        for at in range(0, len(said), _SET_CHUNK):
            chunk = said[at : at + _SET_CHUNK]
            made = re2.Set.SearchSet(re2_options())
            made.Add("")  # always matches: its absence tells that RE2 ran out of memory
            for _, plan in chunk:
                made.Add(plan.set_source)
            made.Compile()
            self.sets.append((made, list(chunk)))

    def propose(self, text: str) -> Iterator[Proposal]:
        yield from self.always
        for made, proposals in self.sets:
            found = made.Match(text)
            if 0 in found:
                yield from (proposals[i - 1] for i in found if i)
            else:
                yield from proposals


class Index:
    """Immutable once built; safe in any number of threads."""

    def __init__(self, plans: Sequence[tuple[int, Plan]]) -> None:
        self.exact: dict[str, int | tuple[int, ...]] = {}
        self.templates: dict[str, list[Proposal]] = {}
        self._buckets: list[_Bucket] = []
        ids: dict[str, int] = {}
        usage = Counter(word for _, plan in plans if plan.find == "literal" for c in plan.keys for word in c)
        loose: dict[int, list[tuple[int, Plan]]] = {}
        for rank, plan in plans:
            if plan.find == "exact":
                for text in plan.keys:
                    self._add_exact(text, rank)
            elif plan.find == "template":
                for text in plan.keys:
                    self.templates.setdefault(text, []).append((rank, plan))
            elif plan.find == "literal":
                self._add_literal(rank, plan, ids, usage)
            else:
                loose.setdefault(plan.needs, []).append((rank, plan))
        self._automaton = AhoCorasick(list(ids), store_patterns=False) if ids else None
        self._loose = [(needs, _Loose(found)) for needs, found in loose.items()]

    def _add_exact(self, text: str, rank: int) -> None:
        present = self.exact.get(text)
        if present is None:
            self.exact[text] = rank
        else:
            self.exact[text] = (*((present,) if isinstance(present, int) else present), rank)

    def _bucket(self, word: str, ids: dict[str, int]) -> _Bucket:
        at = ids.setdefault(word, len(ids))
        if at == len(self._buckets):
            self._buckets.append(_Bucket())
        return self._buckets[at]

    def _add_literal(self, rank: int, plan: Plan, ids: dict[str, int], usage: Counter[str]) -> None:
        """File the plan under its rarest requirement, and a second one if that keeps the number of pairs small."""
        proposal: Proposal = (rank, None if plan.check == "sure" else plan)
        ranked = sorted(plan.keys, key=lambda clause: (_load(clause, usage), sorted(clause)))
        main, second = ranked[0], ranked[1] if len(ranked) > 1 else None
        if second is not None and len(main) * len(second) <= _MAX_PAIRS:
            others = []
            for word in second:
                self._bucket(word, ids)
                others.append(ids[word])
            for word in main:
                bucket = self._bucket(word, ids)
                for other in others:
                    bucket.paired.setdefault(other, []).append(proposal)
        else:
            for word in main:
                self._bucket(word, ids).alone.append(proposal)

    def propose(self, message: Message) -> list[Proposal]:
        """Every rule that may match ``message``, in the order of rules; some twice."""
        found: list[Proposal] = []
        for text in (message.bare, message.full):
            rank = self.exact.get(text)
            if rank is not None:
                found.extend((r, None) for r in ((rank,) if isinstance(rank, int) else rank))
            if text is message.full:
                break
        if self.templates:
            found.extend(self._by_template(message))
        if self._automaton is not None:
            self._by_literal(message.full, found)
        if self._loose:
            found.extend(self._by_set(message))
        found.sort(key=_rank)
        return found

    def _by_template(self, message: Message) -> Iterator[Proposal]:
        full = collapse_digits(message.full)
        yield from self.templates.get(full, ())
        if message.bare is not message.full:
            yield from self.templates.get(collapse_digits(message.bare), ())

    def _by_literal(self, text: str, out: list[Proposal]) -> None:
        assert self._automaton is not None
        hits = {hit[0] for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        for at in hits:
            bucket = self._buckets[at]
            out.extend(bucket.alone)
            if bucket.paired:
                for other in bucket.paired.keys() & hits:
                    out.extend(bucket.paired[other])

    def _by_set(self, message: Message) -> Iterator[Proposal]:
        has = (NEEDS_DIGIT if any(c.isdecimal() for c in message.full) else 0) | (
            NEEDS_LETTER if any("a" <= c <= "z" for c in message.full) else 0
        )
        for needs, loose in self._loose:
            if needs & ~has == 0:
                yield from loose.propose(message.full)
                if message.bare is not message.full:
                    yield from loose.propose(message.bare)


def _rank(proposal: Proposal) -> int:
    return proposal[0]


def _load(clause: frozenset[str], usage: Counter[str]) -> float:
    """How many plans a message with one of these words would wake; one-character words are in many messages."""
    return sum(usage[word] * (10 if len(word) == 1 else 1) / len(word) for word in clause)
