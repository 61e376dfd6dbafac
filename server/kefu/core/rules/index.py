"""Many plans as tables that propose, for a message, the few rules that may fire."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Container, Sequence
from operator import itemgetter
from typing import Any

import re2
from ahocorasick_rs import AhoCorasick

from kefu.core.rules.analysis import DIGITS
from kefu.core.rules.message import is_one_form
from kefu.core.rules.plan import NEEDS_DIGIT, NEEDS_LETTER, Plan, re2_options

Proposal = tuple[int, Plan | None]
"""Rank of a rule and the plan to confirm; None needs no confirmation."""

BARE = Plan("exact", ())
FULL = Plan("exact", ())
"""The plans of proposals by the exact table: the bare or the full message is one of the rule's strings."""

_MAX_PAIRS = 16
_LONGEST_RUN = 4
"""Loose patterns are told apart by how many digits in a row they need, up to this many."""

_SET_CHUNK = 2_000
_SET_MEMORY = 64 << 20
_DIGITS = re.compile(r"\d+")
_RANK = itemgetter(0)
_ODD_DIGIT = re.compile(r"(?![0-9])\d")
_LETTER = re.compile("[a-z]")


class _Loose:
    """Patterns without a literal, all asked at once by RE2 sets; those RE2 cannot run are always proposed."""

    def __init__(self, proposals: list[tuple[int, Plan]]) -> None:
        self.all: list[Proposal] = list(proposals)
        self.always: list[Proposal] = [p for p in proposals if not p[1].set_source]
        self.sets: list[tuple[Any, list[tuple[int, Plan]]]] = []
        said = [p for p in proposals if p[1].set_source]
        for at in range(0, len(said), _SET_CHUNK):
            self._add_set(said[at : at + _SET_CHUNK])

    def _add_set(self, chunk: list[tuple[int, Plan]]) -> None:
        """One set, or two of half the size if RE2 finds it too large."""
        made = re2.Set.SearchSet(re2_options(_SET_MEMORY))
        made.Add("")  # always matches: its absence tells that RE2 ran out of memory
        for _, plan in chunk:
            made.Add(plan.set_source)
        try:
            made.Compile()
        except re2.error:
            if len(chunk) == 1:
                self.always.extend(chunk)
                return
            self._add_set(chunk[: len(chunk) // 2])
            self._add_set(chunk[len(chunk) // 2 :])
            return
        self.sets.append((made, list(chunk)))

    def propose(self, text: str, out: list[Proposal]) -> None:
        """What a set finds does match: the set runs the whole pattern."""
        out.extend(self.always)
        for made, proposals in self.sets:
            found = made.Match(text)
            if len(found) == 1 and not found[0]:
                continue
            out.extend([(proposals[i - 1][0], None) for i in found if i] if 0 in found else proposals)


class Index:
    """Immutable once built; safe in any number of threads."""

    def __init__(self, plans: Sequence[tuple[int, Plan]]) -> None:
        self.exact: dict[str, int | list[int]] = {}
        """Whole messages to ranks; a number where it answers a message of one form whatever else is known."""
        self._templates: dict[str, list[Proposal]] = {}
        self._optional_digits = False
        self._alone: dict[int, list[Proposal]] = {}
        """What a literal proposes at once."""
        self._paired: dict[int, dict[int, list[Proposal]]] = {}
        """What it proposes together with a second one."""
        ids: dict[str, int] = {}
        usage = Counter(word for _, plan in plans if plan.find == "literal" for c in plan.keys for word in c)
        loose: dict[tuple[int, int], list[tuple[int, Plan]]] = {}
        for rank, plan in plans:
            if plan.find == "exact":
                for text in plan.keys:
                    self._add_exact(text, rank)
            elif plan.find == "template":
                for text in plan.keys:
                    proposal = (rank, None if plan.check == "sure" else plan)
                    self._templates.setdefault(text, []).append(proposal)
                    self._optional_digits |= DIGITS not in text
            elif plan.find == "literal":
                self._add_literal(rank, plan, ids, usage)
            else:
                loose.setdefault((plan.needs, min(plan.digits, _LONGEST_RUN)), []).append((rank, plan))
        self._lone, self._leading = frozenset(self._alone), frozenset(self._paired)
        self._search = AhoCorasick(list(ids), store_patterns=False).find_matches_as_indexes if ids else None
        self._loose = [(needs, digits, _Loose(found)) for (needs, digits), found in loose.items()]
        self._fewest_digits = min((digits for _, digits, _ in self._loose), default=sys.maxsize)

    def _add_exact(self, text: str, rank: int) -> None:
        present = self.exact.setdefault(text, rank)
        if isinstance(present, list):
            present.append(rank)
        elif present != rank:
            self.exact[text] = [present, rank]

    def settle(self, conditional: Container[int]) -> None:
        """Tell the texts that one rule answers whatever else is known from those where ranks must be compared.
        ``conditional``: the ranks of rules that do not always fire."""
        for text, rank in self.exact.items():
            if isinstance(rank, int) and (
                rank in conditional or not is_one_form(text) or self.propose(text, text)[0][0] != rank
            ):
                self.exact[text] = [rank]

    def _add_literal(self, rank: int, plan: Plan, ids: dict[str, int], usage: Counter[str]) -> None:
        """File the plan under its rarest requirement, and a second one if that keeps the number of pairs small."""
        proposal: Proposal = (rank, None if plan.check == "sure" else plan)
        ranked = sorted(plan.keys, key=lambda clause: (_load(clause, usage), sorted(clause)))
        main, second = ranked[0], ranked[1] if len(ranked) > 1 else None
        if second is not None and len(main) * len(second) <= _MAX_PAIRS:
            for word in main:
                pairs = self._paired.setdefault(_id(word, ids), {})
                for other in second:
                    pairs.setdefault(_id(other, ids), []).append(proposal)
        else:
            for word in main:
                self._alone.setdefault(_id(word, ids), []).append(proposal)

    def propose(self, full: str, bare: str) -> list[Proposal]:
        """Every rule that may match the message of these two forms, in the order of rules; some twice."""
        found: list[Proposal] = []
        rank = self.exact.get(bare)
        if rank is not None:
            found += [(rank, BARE)] if isinstance(rank, int) else [(r, BARE) for r in rank]
        if bare is not full and (rank := self.exact.get(full)) is not None:
            found += [(rank, FULL)] if isinstance(rank, int) else [(r, FULL) for r in rank]
        return self.beside_exact(full, bare, found)

    def beside_exact(self, full: str, bare: str, found: list[Proposal]) -> list[Proposal]:
        """`propose` for a message whose exact matches are in ``found`` already."""
        if self._search is not None:
            hits = self._search(full, True)  # overlapping
            if hits:
                self._by_literal({hit[0] for hit in hits}, found)
        # One that is all letters holds no digit: this test is a tenth of the search for them.
        template = full if full.isalpha() else _DIGITS.sub(DIGITS, full)
        digits = 0 if template is full else len(full) - len(template) + template.count(DIGITS)
        if self._templates and (digits or self._optional_digits):
            whole = BARE if bare is full else FULL
            found += [(rank, plan or whole) for rank, plan in self._templates.get(template, ())]
            if bare is not full:
                short = self._templates.get(_DIGITS.sub(DIGITS, bare), ())
                found += [(rank, plan or BARE) for rank, plan in short]
        if digits >= self._fewest_digits:
            self._by_set(full, bare, digits, found)
        if len(found) > 1:
            found.sort(key=_RANK)
        return found

    def _by_set(self, full: str, bare: str, most: int, out: list[Proposal]) -> None:
        """``most``: how many digits the message has, which no run of them exceeds."""
        has = (NEEDS_DIGIT if most else 0) | (NEEDS_LETTER if _LETTER.search(full) else 0)
        odd = most and _ODD_DIGIT.search(full) is not None
        for needs, digits, loose in self._loose:
            if needs & ~has or digits > most:
                continue
            if odd:
                out.extend(loose.all)
                continue
            loose.propose(full, out)
            if bare is not full:
                loose.propose(bare, out)

    def _by_literal(self, hits: set[int], out: list[Proposal]) -> None:
        for at in hits & self._lone:
            out += self._alone[at]
        for at in hits & self._leading:
            pairs = self._paired[at]
            if not hits.isdisjoint(pairs):
                for other in hits.intersection(pairs):
                    out += pairs[other]


def _id(word: str, ids: dict[str, int]) -> int:
    return ids.setdefault(word, len(ids))


def _load(clause: frozenset[str], usage: Counter[str]) -> float:
    """How many plans a message with one of these words would wake; one-character words are in many messages."""
    return sum(usage[word] * (10 if len(word) == 1 else 1) / len(word) for word in clause)
