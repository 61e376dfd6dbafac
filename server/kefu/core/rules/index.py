"""Many plans as tables that propose, for a message, the few rules that may fire."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Sequence
from itertools import takewhile
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
_FEW = 2
"""A literal that wakes no more plans than this needs no second one: checking them costs less than looking for it."""

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
        alone: dict[str, list[Proposal]] = {}
        paired: dict[str, dict[str, list[Proposal]]] = {}
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
                _file_literal(rank, plan, usage, alone, paired)
            else:
                loose.setdefault((plan.needs, min(plan.digits, _LONGEST_RUN)), []).append((rank, plan))
        words = list(dict.fromkeys([*alone, *paired, *(word for pairs in paired.values() for word in pairs)]))
        ids = {word: at for at, word in enumerate(words)}
        self._alone = list(alone.values())
        """What a literal proposes at once; literals that do have the lowest numbers."""
        self._paired = [{ids[other]: found for other, found in paired.get(word, {}).items()} for word in words]
        """What a literal proposes together with a second one."""
        self._search = AhoCorasick(words, store_patterns=False).find_matches_as_indexes if words else None
        self._loose = [(needs, digits, _Loose(found)) for (needs, digits), found in loose.items()]
        self._heads = frozenset(text.partition(DIGITS)[0] for text in self._templates)
        self._fewest_digits = fewest = min((digits for _, digits, _ in self._loose), default=0)
        self._long_run = re.compile(rf"\d{{{fewest}}}").search
        """Finds what every loose pattern needs."""
        self._lacks_digits = self._optional_digits or bool(self._loose and not fewest)
        """Whether a message without digits may match a template or a loose pattern."""

    def _add_exact(self, text: str, rank: int) -> None:
        present = self.exact.setdefault(text, rank)
        if isinstance(present, list):
            present.append(rank)
        elif present != rank:
            self.exact[text] = [present, rank]

    def settle(self, conditional: Container[int], may_fit: Callable[[Plan, str], bool]) -> None:
        """Tell the texts that one rule answers whatever else is known from those where ranks must be compared.
        ``conditional``: the ranks of rules that do not always fire; ``may_fit``: whether a plan may match a text."""
        for text, rank in self.exact.items():
            if isinstance(rank, int) and (
                rank in conditional or not is_one_form(text) or self._has_earlier(rank, text, may_fit)
            ):
                self.exact[text] = [rank]

    def _has_earlier(self, rank: int, text: str, may_fit: Callable[[Plan, str], bool]) -> bool:
        """Whether a rule before ``rank`` may match ``text`` too."""
        before = takewhile(lambda proposal: proposal[0] < rank, self.propose(text, text))
        return any(plan is None or may_fit(plan, text) for _, plan in before)

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
                self._by_literal(hits, found)
        # A message of letters only holds no digit: this test is a tenth of the search for them.
        if self._lacks_digits or not full.isalpha():
            self._by_digits(full, bare, found)
        if len(found) > 1:
            found.sort(key=_RANK)
        return found

    def _by_literal(self, hits: list[tuple[int, int, int]], out: list[Proposal]) -> None:
        alone, paired = self._alone, self._paired
        if len(hits) == 1:
            at = hits[0][0]
            if at < len(alone):
                out += alone[at]
            return
        present = {hit[0] for hit in hits}
        for at in present:
            if at < len(alone):
                out += alone[at]
            pairs = paired[at]
            if pairs and not pairs.keys().isdisjoint(present):
                for other in pairs.keys() & present:
                    out += pairs[other]

    def _by_digits(self, full: str, bare: str, found: list[Proposal]) -> None:
        """Templates, and loose patterns, which are told apart by their digits."""
        run = _DIGITS.search(full)
        at = run.start() if run else len(full)
        if full[:at] in self._heads:
            self._by_template(full, BARE if bare is full else FULL, found)
        if bare is not full and self._templates:
            self._by_template(bare, BARE, found)
        if self._loose and len(full) - at >= self._fewest_digits and self._long_run(full, at):
            self._by_set(full, bare, found)

    def _by_template(self, text: str, whole: Plan, found: list[Proposal]) -> None:
        proposed = self._templates.get(_DIGITS.sub(DIGITS, text), ())
        found += [(rank, plan or whole) for rank, plan in proposed]

    def _by_set(self, full: str, bare: str, out: list[Proposal]) -> None:
        longest = max(map(len, _DIGITS.findall(full)), default=0)
        has = (NEEDS_DIGIT if longest else 0) | (NEEDS_LETTER if _LETTER.search(full) else 0)
        odd = longest and _ODD_DIGIT.search(full) is not None
        for needs, digits, loose in self._loose:
            if needs & ~has or digits > longest:
                continue
            if odd:
                out.extend(loose.all)
                continue
            loose.propose(full, out)
            if bare is not full:
                loose.propose(bare, out)


def _file_literal(
    rank: int,
    plan: Plan,
    usage: Counter[str],
    alone: dict[str, list[Proposal]],
    paired: dict[str, dict[str, list[Proposal]]],
) -> None:
    """File the plan under its rarest requirement; where that wakes many plans, together with a second one, if that
    keeps the number of pairs small."""
    proposal: Proposal = (rank, None if plan.check == "sure" else plan)
    ranked = sorted(plan.keys, key=lambda clause: (_load(clause, usage), sorted(clause)))
    main, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    if second is not None and max(usage[word] for word in main) > _FEW and len(main) * len(second) <= _MAX_PAIRS:
        for word in main:
            pairs = paired.setdefault(word, {})
            for other in second:
                pairs.setdefault(other, []).append(proposal)
    else:
        for word in main:
            alone.setdefault(word, []).append(proposal)


def _load(clause: frozenset[str], usage: Counter[str]) -> float:
    """How many plans a message with one of these words would wake; one-character words are in many messages."""
    return sum(usage[word] * (10 if len(word) == 1 else 1) / len(word) for word in clause)
