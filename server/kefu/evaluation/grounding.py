"""Was a value said? A value is a span of the dialogue, or means the same as one (两件 = 2, 明天 = its date)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from kefu.core.slots import EMPTY, Lexicon, extract
from kefu.core.text import normalise

_BETWEEN = re.compile(r"[\W_]+")
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Grounding:
    """``now`` gives relative dates their day, ``lexicon`` the shop's names for one product."""

    now: datetime
    lexicon: Lexicon = EMPTY
    _seen: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def is_said(self, value: str, spoken: str) -> bool:
        """Does ``value`` stand in ``spoken``, or mean what something there means? A number must stand there whole."""
        bare = _bare(value)
        if bare.isdigit() and re.search(rf"(?<!\d){bare}(?!\d)", normalise(spoken, _LONGEST).text):
            return True
        if not bare.isdigit() and bare in _bare(spoken):
            return True
        return not self._forms(value).isdisjoint(self._meanings(spoken))

    def same(self, one: str, other: str) -> bool:
        """Do both values say the same?"""
        return not self._forms(one).isdisjoint(self._forms(other))

    def _forms(self, value: str) -> frozenset[str]:
        """The value as it stands, and what it means if slots make up all of it (明天下午: a date and a time)."""
        found = extract(value, now=self.now, lexicon=self.lexicon)
        whole = "".join(_bare(slot.value) for slot in found) == _bare(value)
        meant = "".join(_bare(slot.normalised) for slot in found) if whole else ""
        return frozenset({_bare(value), meant} - {""})

    def _meanings(self, spoken: str) -> frozenset[str]:
        """What each slot means, and each two neighbours together."""
        if spoken not in self._seen:
            meant = [_bare(slot.normalised) for slot in extract(spoken, now=self.now, lexicon=self.lexicon)]
            self._seen[spoken] = frozenset({*meant, *(one + other for one, other in pairwise(meant))} - {""})
        return self._seen[spoken]


def _bare(text: str) -> str:
    return _BETWEEN.sub("", normalise(text, _LONGEST).text)
