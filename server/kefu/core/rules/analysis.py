"""What a tree says about every message it can match: its strings, the words it needs, its length and characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from kefu.core.rules.syntax import MANY, Alt, At, Atomic, Back, Chars, Group, Lit, Look, Node, Repeat, Seq

MAX_STRINGS = 64
"""A pattern with up to this many strings goes into the exact table."""

MAX_ALTERNATIVES = 24
"""A requirement with more alternatives than this is not worth keeping."""

DIGITS = "\0"
"""Stands for one run of digits in a template; no normalised message holds it."""

Clause = frozenset[str]
"""Every match holds at least one of these strings."""

_DIGIT_RUN = re.compile(f"[\\d{DIGITS}]+")
_SOME_DIGITS = tuple(Repeat(Chars(classes="d"), 1, MANY, mode) for mode in ("greedy", "lazy"))


@dataclass(frozen=True, slots=True)
class Features:
    """Which engines can run the tree: ``look`` lookaround, back-reference or atomic; ``word`` boundaries; ``mixed``
    complement classes among others; ``anchored`` anywhere; ``count``: widest counted repeat; ``named`` groups."""

    look: bool = False
    word: bool = False
    mixed: bool = False
    anchored: bool = False
    count: int = 0
    named: bool = False

    def __or__(self, other: Features) -> Features:
        return Features(
            self.look or other.look,
            self.word or other.word,
            self.mixed or other.mixed,
            self.anchored or other.anchored,
            max(self.count, other.count),
            self.named or other.named,
        )


_PLAIN = Features()


def features(node: Node) -> Features:
    if isinstance(node, Lit):
        return _PLAIN
    if isinstance(node, Chars):
        upper = sum(c.isupper() for c in node.classes)
        return Features(mixed=bool(upper) and (len(node.classes) > 1 or bool(node.spans)))
    if isinstance(node, At):
        return Features(word=node.place in ("word", "inside"), anchored=node.place in ("start", "end"))
    if isinstance(node, Back):
        return Features(look=True)
    if isinstance(node, Look | Atomic):
        return features(node.body) | Features(look=True)
    if isinstance(node, Group):
        return features(node.body) | Features(named=bool(node.name))
    if isinstance(node, Repeat):
        count = max(node.low, node.high if node.high < MANY else 0)
        below = features(node.body)
        deep = Features(count=count * max(below.count, 1), look=node.mode == "possessive")
        return below | deep
    out = _PLAIN
    for child in node.parts if isinstance(node, Seq) else node.options:
        out = out | features(child)
    return out


def strip_anchors(node: Node) -> tuple[Node, bool, bool]:
    """``node`` without a first ``^`` and a last ``$``, and whether each was there."""
    if isinstance(node, At):
        return Lit(""), node.place == "start", node.place == "end"
    if not isinstance(node, Seq):
        return node, False, False
    parts = list(node.parts)
    starts = parts[0] == At("start")
    ends = len(parts) > 1 and parts[-1] == At("end")
    parts = parts[1 if starts else 0 : len(parts) - (1 if ends else 0)]
    return (parts[0] if len(parts) == 1 else Seq(tuple(parts))), starts, ends


def width(node: Node) -> tuple[int, int]:
    """Fewest and most characters that a match takes (MANY = no limit)."""
    if isinstance(node, Lit):
        return len(node.text), len(node.text)
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, Seq):
        pairs = [width(part) for part in node.parts]
        return min(MANY, sum(p[0] for p in pairs)), min(MANY, sum(p[1] for p in pairs))
    if isinstance(node, Alt):
        pairs = [width(option) for option in node.options]
        return min(p[0] for p in pairs), max(p[1] for p in pairs)
    if isinstance(node, Repeat):
        low, high = width(node.body)
        return min(MANY, low * node.low), min(MANY, high * node.high)
    if isinstance(node, Group | Atomic):
        return width(node.body)
    return (0, MANY) if isinstance(node, Back) else (0, 0)


def strings(node: Node, limit: int = MAX_STRINGS) -> tuple[str, ...] | None:
    """All strings that ``node`` matches, if there are at most ``limit`` and nothing but characters decides."""
    if isinstance(node, Lit):
        return (node.text,)
    if isinstance(node, Chars):
        return characters(node, limit)
    if isinstance(node, Group):
        return strings(node.body, limit)
    if isinstance(node, Alt):
        found: list[str] = []
        for option in node.options:
            more = strings(option, limit)
            if more is None or len(found) + len(more) > limit:
                return None
            found.extend(more)
        return tuple(dict.fromkeys(found))
    if isinstance(node, Seq):
        return _joined([strings(part, limit) for part in node.parts], limit)
    if isinstance(node, Repeat) and node.mode != "possessive" and node.high <= 8:
        once = strings(node.body, limit)
        out: dict[str, None] = {}
        for count in range(node.low, node.high + 1):
            more = _joined([once] * count, limit)
            if more is None:
                return None
            out.update(dict.fromkeys(more))
        return tuple(out) if len(out) <= limit else None
    return None


def characters(chars: Chars, limit: int) -> tuple[str, ...] | None:
    """The characters of a class, if there are at most ``limit``."""
    if chars.negated or chars.classes or sum(high - low + 1 for low, high in chars.spans) > limit:
        return None
    return tuple(chr(code) for low, high in chars.spans for code in range(low, high + 1))


def _joined(parts: list[tuple[str, ...] | None], limit: int) -> tuple[str, ...] | None:
    out: list[str] = [""]
    for part in parts:
        if part is None or len(out) * len(part) > limit:
            return None
        out = [a + b for a, b in product(out, part)]
    return tuple(dict.fromkeys(out))


def templates(node: Node, limit: int = 16) -> tuple[str, ...] | None:
    """The strings of ``node`` with each run of digits written as DIGITS, if there are few: ``已下单\\d+份`` has one."""
    found = strings(_mark_digits(node), limit)
    if found is None or not any(DIGITS in text for text in found):
        return None
    return tuple(dict.fromkeys(collapse_digits(text) for text in found))


def sure_template(node: Node) -> str:
    """The one template of ``已下单\\d+份`` if a message of that template always matches; else ``""``."""
    out: list[str] = []
    for part in node.parts if isinstance(node, Seq) else (node,):
        if isinstance(part, Lit) and _DIGIT_RUN.search(part.text) is None:
            out.append(part.text)
        elif part in _SOME_DIGITS and out[-1:] != [DIGITS]:
            out.append(DIGITS)
        else:
            return ""
    return "".join(out)


def collapse_digits(text: str) -> str:
    """``text`` with each run of digits (and of DIGITS) as one DIGITS."""
    return _DIGIT_RUN.sub(DIGITS, text)


def is_digit_class(node: Node) -> bool:
    """Whether ``node`` is one digit and nothing else, as ``\\d`` or ``[0-9]``."""
    if not isinstance(node, Chars) or node.negated or node.classes not in ("", "d"):
        return False
    ascii_only = all(chr(low).isdecimal() and chr(high).isdecimal() and high < 128 for low, high in node.spans)
    return ascii_only and bool(node.spans or node.classes)


def _mark_digits(node: Node) -> Node:
    """Digit classes as the single character DIGITS, repeated ones too; ``\\d*`` may also be absent."""
    if is_digit_class(node):
        return Lit(DIGITS)
    if isinstance(node, Repeat):
        if is_digit_class(node.body) and node.mode != "possessive":
            return Lit(DIGITS) if node.low else Alt((Lit(""), Lit(DIGITS)))
        return Repeat(_mark_digits(node.body), node.low, node.high, node.mode)
    if isinstance(node, Seq):
        return Seq(tuple(_mark_digits(part) for part in node.parts))
    if isinstance(node, Alt):
        return Alt(tuple(_mark_digits(option) for option in node.options))
    if isinstance(node, Group):
        return Group(_mark_digits(node.body), node.number, node.name)
    return node


def clauses(node: Node) -> tuple[Clause, ...]:
    """What every match must hold: one string out of each returned set."""
    return tuple(dict.fromkeys(c for c in _requirements(node) if c and "" not in c))


def _requirements(node: Node) -> list[Clause]:
    exact = strings(node, MAX_ALTERNATIVES)
    if exact is not None:
        return [frozenset(exact)]
    if isinstance(node, Group | Atomic):
        return _requirements(node.body)
    if isinstance(node, Repeat):
        return _requirements(node.body) if node.low else []
    if isinstance(node, Seq):
        return _of_sequence(node)
    if isinstance(node, Alt):
        return _of_options(node)
    return []


def _of_sequence(node: Seq) -> list[Clause]:
    """Neighbours with few strings are multiplied out, so that ``没有?收到`` needs 没收到 or 没有收到."""
    out: list[Clause] = []
    run: tuple[str, ...] = ("",)
    for part in node.parts:
        if isinstance(part, At | Look):
            continue
        exact = strings(part, MAX_ALTERNATIVES)
        longer = None if exact is None else _joined([run, exact], MAX_ALTERNATIVES)
        if longer is not None:
            run = longer
            continue
        out.append(frozenset(run))
        run = exact if exact is not None else ("",)
        if exact is None:
            out.extend(_requirements(part))
    out.append(frozenset(run))
    return out


def _of_options(node: Alt) -> list[Clause]:
    """One string of each option's best clause."""
    union: set[str] = set()
    for option in node.options:
        usable = [c for c in _requirements(option) if c and "" not in c]
        if not usable:
            return []
        union |= max(usable, key=lambda clause: min(map(len, clause)))
    return [frozenset(union)] if len(union) <= MAX_ALTERNATIVES else []
