"""Bring a pattern into the form in which messages are matched: case, width, traditional characters, spaces."""

from __future__ import annotations

import re

from kefu.core.rules.message import CJK, bare_span, squeeze
from kefu.core.rules.syntax import Alt, Atomic, Chars, Group, Lit, Look, Node, Repeat, Seq, Span, join, merge
from kefu.core.text import REPEATABLE, fold_character, normalise

_IS_CJK = re.compile(f"[{CJK}]")
_WIDEST_FOLDED = 128
"""Ranges up to this many characters are folded one by one; wider ones (all Chinese characters) fold into themselves."""


def fold_sentence(text: str) -> str:
    """A plain sentence as `prepare(...).bare` shows it when a customer types it."""
    full = squeeze(normalise(text).text)
    start, end = bare_span(full)
    return full[start:end]


def fold_keyword(text: str) -> str:
    """A keyword as it stands inside a normalised message."""
    return squeeze(normalise(text).text)


def fold(node: Node) -> Node:
    """``node`` for normalised messages; it accepts at least what it accepted before, folded."""
    if isinstance(node, Lit):
        return Lit(_runs("".join(map(fold_character, node.text))))
    if isinstance(node, Chars):
        return _fold_chars(node)
    if isinstance(node, Seq):
        folded = join([fold(part) for part in node.parts])
        return join(_without_loose_spaces(list(folded.parts))) if isinstance(folded, Seq) else folded
    if isinstance(node, Alt):
        return Alt(tuple(fold(option) for option in node.options))
    if isinstance(node, Repeat):
        body = fold(node.body)
        low = min(node.low, 1) if isinstance(body, Lit) and body.text in REPEATABLE | {" "} else node.low
        return Repeat(body, low, node.high, node.mode)
    if isinstance(node, Group):
        return Group(fold(node.body), node.number, node.name)
    if isinstance(node, Look):
        return Look(fold(node.body), node.ahead, node.negative)
    if isinstance(node, Atomic):
        return Atomic(fold(node.body))
    return node


def _runs(text: str) -> str:
    """The same punctuation or spaces in a row as one, and no spaces next to Chinese characters, as in messages."""
    out = ""
    for c in text:
        if not (out.endswith(c) and (c == " " or c in REPEATABLE)):
            out += c
    return squeeze(out)


def _fold_chars(chars: Chars) -> Chars:
    """Add the folded form of each character of the class (a one-character form; others cannot occur)."""
    added: list[Span] = list(chars.spans)
    for low, high in chars.spans:
        if high - low < _WIDEST_FOLDED:
            forms = {fold_character(chr(code)) for code in range(low, high + 1)}
            added.extend((ord(form), ord(form)) for form in forms if len(form) == 1)
    return Chars(merge(added), chars.classes, chars.negated)


def _without_loose_spaces(parts: list[Node]) -> list[Node]:
    """Make a space pattern next to a Chinese literal optional: the message has no space there."""
    out = list(parts)
    for i, part in enumerate(parts):
        before, after = parts[i - 1] if i else None, parts[i + 1] if i + 1 < len(parts) else None
        near = (isinstance(before, Lit) and _IS_CJK.match(before.text[-1:])) or (
            isinstance(after, Lit) and _IS_CJK.match(after.text[:1])
        )
        if near and isinstance(part, Chars) and part == Chars((), "s"):
            out[i] = Repeat(part, 0, 1, "greedy")
        elif near and isinstance(part, Repeat) and part.low and part.body in (Chars((), "s"), Lit(" ")):
            out[i] = Repeat(part.body, 0, part.high, part.mode)
    return out
