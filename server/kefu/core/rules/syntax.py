"""Regular expressions as a small tree, from Python's own parser."""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import dataclass
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any, Literal

from kefu.errors import BadInput

MANY = 1_000_000
"""Stands for “without upper limit” in a repeat."""

MAX_PATTERN_CHARS = 2_000
_MAX_DEPTH = 40

Span = tuple[int, int]
"""First and last code point of a range, both included."""


@dataclass(frozen=True, slots=True)
class Lit:
    """Characters that stand for themselves."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ``spans`` and ``classes`` (``d D w W s S``), or out of all others if ``negated``.

    ``.`` is the negated empty class: a normalised message has no line end.
    """

    spans: tuple[Span, ...] = ()
    classes: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Seq:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    body: Node
    low: int
    high: int
    mode: Literal["greedy", "lazy", "possessive"]


@dataclass(frozen=True, slots=True)
class Group:
    """A capturing group; ``name`` may be empty."""

    body: Node
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class At:
    """A place: ``start``, ``end``, ``word`` (boundary) or ``inside`` (no boundary)."""

    place: Literal["start", "end", "word", "inside"]


@dataclass(frozen=True, slots=True)
class Look:
    """Lookahead or lookbehind."""

    body: Node
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Atomic:
    body: Node


@dataclass(frozen=True, slots=True)
class Back:
    """A reference to what a group caught."""

    number: int


Node = Lit | Chars | Seq | Alt | Repeat | Group | At | Look | Atomic | Back

_PLACES: dict[Any, Literal["start", "end", "word", "inside"]] = {
    sre.AT_BEGINNING: "start",
    sre.AT_BEGINNING_STRING: "start",
    sre.AT_END: "end",
    sre.AT_END_STRING: "end",
    sre.AT_BOUNDARY: "word",
    sre.AT_NON_BOUNDARY: "inside",
}
_CLASSES = {
    sre.CATEGORY_DIGIT: "d",
    sre.CATEGORY_NOT_DIGIT: "D",
    sre.CATEGORY_WORD: "w",
    sre.CATEGORY_NOT_WORD: "W",
    sre.CATEGORY_SPACE: "s",
    sre.CATEGORY_NOT_SPACE: "S",
}
_REPEATS: dict[Any, Literal["greedy", "lazy", "possessive"]] = {
    sre.MAX_REPEAT: "greedy",
    sre.MIN_REPEAT: "lazy",
    sre.POSSESSIVE_REPEAT: "possessive",
}


def parse(pattern: str) -> Node:
    """The tree of ``pattern``. Raises BadInput with the place and a suggestion."""
    if len(pattern) > MAX_PATTERN_CHARS:
        raise BadInput(
            f"The regex has {len(pattern)} characters, over {MAX_PATTERN_CHARS}.", "Split it into several patterns."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            parsed = sre_parser.parse(pattern)
    except re.error as error:
        raise BadInput(
            f"The regex is not valid: {error.msg} at character {(error.pos or 0) + 1}.", _suggest(error.msg)
        ) from error
    except (RecursionError, OverflowError) as error:
        raise BadInput("The regex is nested or repeated beyond all measure.", "Write it simpler.") from error
    if parsed.state.flags & re.LOCALE:
        raise BadInput("The flag (?L) is for bytes.", "Remove it; messages are matched without regard to case.")
    names = {number: name for name, number in parsed.state.groupdict.items()}
    return _sequence(parsed, names, 0)


def _suggest(message: str) -> str:
    if "unterminated character set" in message:
        return "Close the [ with ], or write \\[ for the bracket itself."
    if "parenthesis" in message or "subpattern" in message:
        return "Each ( needs its ); write \\( for the bracket itself."
    if "nothing to repeat" in message or "multiple repeat" in message:
        return "A *, + or ? needs something before it; write \\* for the sign itself."
    return "Check it, or use a sentence or keywords instead."


def _sequence(items: Any, names: dict[int, str], depth: int) -> Node:
    if depth > _MAX_DEPTH:
        raise BadInput(f"The regex is nested deeper than {_MAX_DEPTH}.", "Write it flatter.")
    return join([_node(op, value, names, depth + 1) for op, value in items])


def join(parts: list[Node]) -> Node:
    """One node for ``parts`` in a row; neighbouring literals become one."""
    out: list[Node] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Seq) else (part,):
            if isinstance(piece, Lit) and out and isinstance(out[-1], Lit):
                out[-1] = Lit(out[-1].text + piece.text)
            elif piece != Lit(""):
                out.append(piece)
    if len(out) == 1:
        return out[0]
    return Seq(tuple(out)) if out else Lit("")


def _node(op: Any, value: Any, names: dict[int, str], depth: int) -> Node:
    if op is sre.LITERAL:
        return Lit(chr(value))
    if op is sre.NOT_LITERAL:
        return Chars(((value, value),), negated=True)
    if op is sre.ANY:
        return Chars(negated=True)
    if op is sre.IN:
        return _chars(value)
    if op is sre.AT:
        return At(_PLACES[value])
    if op is sre.BRANCH:
        return Alt(tuple(_sequence(option, names, depth) for option in value[1]))
    if op in _REPEATS:
        low, high, body = value
        return Repeat(_sequence(body, names, depth), low, min(int(high), MANY), _REPEATS[op])
    if op is sre.SUBPATTERN:
        number, _, _, body = value
        inner = _sequence(body, names, depth)
        return inner if number is None else Group(inner, number, names.get(number, ""))
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        direction, body = value
        return Look(_sequence(body, names, depth), direction > 0, op is sre.ASSERT_NOT)
    if op is sre.ATOMIC_GROUP:
        return Atomic(_sequence(value, names, depth))
    if op is sre.GROUPREF:
        return Back(value)
    if op is sre.FAILURE:
        return Look(Lit(""), True, True)
    raise BadInput("The regex asks whether a group took part, (?(1)…).", "Write two patterns instead.")


def _chars(items: Any) -> Chars:
    spans: list[Span] = []
    classes = ""
    negated = False
    for op, value in items:
        if op is sre.NEGATE:
            negated = True
        elif op is sre.LITERAL:
            spans.append((value, value))
        elif op is sre.RANGE:
            spans.append(value)
        else:
            classes += _CLASSES[value]
    return Chars(merge(spans), "".join(sorted(set(classes))), negated)


def merge(spans: list[Span]) -> tuple[Span, ...]:
    """The same characters in ascending, separate ranges."""
    out: list[Span] = []
    for low, high in sorted(spans):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


LAST = sys.maxunicode
