"""Proof that Python's backtracking `re` stays near-linear on a pattern, or the lack of one.

The bound is (places to start) × (ways to match, all tried before giving up) × (characters a way looks at). A repeat
that cannot go on into what follows it (``\\d+件``) has one way; one that can (``.*件``) has as many as it is long.
"""

from __future__ import annotations

from dataclasses import dataclass

from kefu.core.rules.analysis import strip_anchors, width
from kefu.core.rules.syntax import Alt, At, Chars, Group, Lit, Node, Repeat, Seq
from kefu.core.text import MAX_CHARS

STEPS_PER_CHARACTER = 128
"""A pattern is near-linear if it takes at most this many steps for each character of the longest message."""

_WORST = 10**12


@dataclass(frozen=True, slots=True)
class First:
    """The characters that something can begin with; ``empty``: it can also match nothing."""

    sets: tuple[Chars, ...]
    empty: bool


_END = First((), False)
"""What follows the pattern: its end, or success. Giving back characters can reach neither, each try costs one step."""


def steps(node: Node) -> int:
    """Upper bound of `re`'s steps on a message of MAX_CHARS; huge if there is no proof."""
    body, starts, _ = strip_anchors(node)
    _, high = width(body)
    places = 1 if starts else MAX_CHARS
    return min(_WORST, places * _ways(body, _END) * (min(high, MAX_CHARS) + 1))


def is_near_linear(node: Node) -> bool:
    return steps(node) <= STEPS_PER_CHARACTER * MAX_CHARS


def _ways(node: Node, follow: First) -> int:
    """How many ways `re` may try through ``node``; ``follow`` is what may come after it."""
    if isinstance(node, Lit | Chars | At):
        return 1
    if isinstance(node, Group):
        return _ways(node.body, follow)
    if isinstance(node, Alt):
        return min(_WORST, sum(_ways(option, follow) for option in node.options))
    if isinstance(node, Seq):
        total = 1
        for i, part in enumerate(node.parts):
            total = min(_WORST, total * _ways(part, _then(node.parts[i + 1 :], follow)))
        return total
    if isinstance(node, Repeat):
        return _ways_of_repeat(node, follow)
    return _WORST


def _ways_of_repeat(node: Repeat, follow: First) -> int:
    here = first(node.body)
    decided = not here.empty and not follow.empty and _disjoint(here.sets, follow.sets)
    if isinstance(node.body, Chars) or (isinstance(node.body, Lit) and len(node.body.text) == 1):
        return 1 if decided else min(node.high, MAX_CHARS) - min(node.low, MAX_CHARS) + 1
    inside = _ways(node.body, First(here.sets + follow.sets, follow.empty))
    if decided and inside == 1:
        return 1
    if here.empty or node.high > 12:
        return _WORST
    return min(_WORST, (node.high - node.low + 1) * inside**node.high)


def _then(parts: tuple[Node, ...], follow: First) -> First:
    """What may come first in ``parts`` followed by ``follow``."""
    sets: tuple[Chars, ...] = ()
    for part in parts:
        begins = first(part)
        sets += begins.sets
        if not begins.empty:
            return First(sets, False)
    return First(sets + follow.sets, follow.empty)


def first(node: Node) -> First:
    """The characters a match of ``node`` can begin with."""
    if isinstance(node, Lit):
        return First((Chars(((ord(node.text[0]),) * 2,)),), False) if node.text else First((), True)
    if isinstance(node, Chars):
        return First((node,), False)
    if isinstance(node, At):
        # After ``$`` nothing follows; another place asks nothing of the next character that we could use.
        return First((), node.place != "end")
    if isinstance(node, Group):
        return first(node.body)
    if isinstance(node, Alt):
        firsts = [first(option) for option in node.options]
        return First(tuple(s for f in firsts for s in f.sets), any(f.empty for f in firsts))
    if isinstance(node, Seq):
        return _then(node.parts, First((), True))
    if isinstance(node, Repeat):
        begins = first(node.body)
        return First(begins.sets, begins.empty or node.low == 0)
    return First((Chars(negated=True),), True)


def _disjoint(left: tuple[Chars, ...], right: tuple[Chars, ...]) -> bool:
    return all(_apart(a, b) for a in left for b in right)


def _apart(a: Chars, b: Chars) -> bool:
    """True only if no character is in both."""
    for one, other in ((a, b), (b, a)):
        members = _few(one)
        if members is not None:
            return not any(contains(other, c) for c in members)
    if a.negated or b.negated:
        return False
    if not a.classes and not b.classes:
        return all(h1 < l2 or h2 < l1 for l1, h1 in a.spans for l2, h2 in b.spans)
    if a.classes in ("", "d") and b.classes in ("", "d") and (not a.classes or not b.classes):
        digits, spans = (a, b.spans) if a.classes else (b, a.spans)
        return all(min(span) >= 0x3400 and max(span) <= 0x9FFF for span in spans) and _apart(
            Chars(digits.spans), Chars(spans)
        )
    return False


def _few(chars: Chars) -> list[str] | None:
    if chars.negated or chars.classes or sum(h - low + 1 for low, h in chars.spans) > 256:
        return None
    return [chr(code) for low, high in chars.spans for code in range(low, high + 1)]


def contains(chars: Chars, c: str) -> bool:
    """Whether the class accepts ``c``."""
    inside = any(low <= ord(c) <= high for low, high in chars.spans) or any(_in_class(c, k) for k in chars.classes)
    return inside != chars.negated


def _in_class(c: str, kind: str) -> bool:
    inside = {"d": c.isdecimal(), "w": c.isalnum() or c == "_", "s": c.isspace()}[kind.lower()]
    return inside == kind.islower()
