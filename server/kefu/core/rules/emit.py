"""Write a tree as pattern text for `re`, `regex` or RE2."""

from __future__ import annotations

import re
from typing import Literal

from kefu.core.rules.syntax import LAST, MANY, Alt, At, Atomic, Back, Chars, Group, Lit, Look, Node, Repeat, Seq

Engine = Literal["re", "regex", "re2"]

_PLACES: dict[Engine, dict[str, str]] = {
    "re": {"start": r"\A", "end": r"\Z", "word": r"\b", "inside": r"\B"},
    "regex": {"start": r"\A", "end": r"\Z", "word": r"\b", "inside": r"\B"},
    "re2": {"start": r"\A", "end": r"\z"},
}
# RE2's \d \w \s know ASCII only; these are Python's, as far as RE2 can say them.
_RE2_CLASSES = {"d": r"\p{Nd}", "w": r"\p{L}\p{N}_", "s": r"\s\x{85}\x{a0}\p{Z}"}
_SUFFIX = {"greedy": "", "lazy": "?", "possessive": "+"}


def emit(node: Node, engine: Engine) -> str:
    """``node`` as text; groups keep their numbers and names.

    RE2 has no lookaround, back-reference, atomic group or Python's ``\\b``: ask `analysis.features` beforehand."""
    if isinstance(node, Lit):
        return "".join(map(_literal, node.text))
    if isinstance(node, Chars):
        return _chars(node, engine)
    if isinstance(node, Seq):
        return "".join(_in_sequence(part, engine) for part in node.parts)
    if isinstance(node, Alt):
        return "|".join(emit(option, engine) for option in node.options)
    if isinstance(node, Repeat):
        return _atom(node.body, engine) + _count(node.low, node.high) + _SUFFIX[node.mode]
    if isinstance(node, Group):
        return f"({f'?P<{node.name}>' if node.name else ''}{emit(node.body, engine)})"
    if isinstance(node, At):
        return _PLACES[engine][node.place]
    return _special(node, engine)


def _special(node: Look | Atomic | Back, engine: Engine) -> str:
    if engine == "re2":
        raise ValueError(f"RE2 has no {type(node).__name__}")
    if isinstance(node, Look):
        return f"(?{'' if node.ahead else '<'}{'!' if node.negative else '='}{emit(node.body, engine)})"
    if isinstance(node, Atomic):
        return f"(?>{emit(node.body, engine)})"
    return f"(?:\\{node.number})"


def _in_sequence(node: Node, engine: Engine) -> str:
    return f"(?:{emit(node, engine)})" if isinstance(node, Alt) else emit(node, engine)


def _atom(node: Node, engine: Engine) -> str:
    """``node`` so that a quantifier after it takes all of it."""
    text = emit(node, engine)
    single = isinstance(node, Chars | Group | Atomic) or (isinstance(node, Lit) and len(node.text) == 1)
    return text if single else f"(?:{text})"


def _count(low: int, high: int) -> str:
    plain = {(0, 1): "?", (0, MANY): "*", (1, MANY): "+"}.get((low, high))
    if plain:
        return plain
    return f"{{{low}}}" if low == high else f"{{{low},{'' if high >= MANY else high}}}"


def _literal(c: str) -> str:
    return re.escape(c) if c < "\x80" else c


def _code(code: int, engine: Engine) -> str:
    if engine == "re2":
        return f"\\x{{{code:x}}}"
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _chars(chars: Chars, engine: Engine) -> str:
    if not chars.spans and not chars.classes:
        return "." if chars.negated else "(?!)"
    if engine == "re2":
        return _re2_chars(chars)
    inner = "".join(
        _code(low, engine) if low == high else f"{_code(low, engine)}-{_code(high, engine)}"
        for low, high in chars.spans
    )
    inner += "".join(f"\\{c}" for c in chars.classes)
    return f"[{'^' if chars.negated else ''}{inner}]"


def _re2_chars(chars: Chars) -> str:
    """RE2 wants complements as classes of their own; a mixture such as ``[^\\D_]`` is refused by `analysis`."""
    inner = "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in _without_surrogates(chars.spans))
    inner += "".join(_RE2_CLASSES[c] for c in chars.classes if c.islower())
    upper = [c.lower() for c in chars.classes if c.isupper()]
    if len(upper) == 1 and not inner:
        return f"[{'' if chars.negated else '^'}{_RE2_CLASSES[upper[0]]}]"
    if upper:
        raise ValueError("a complement class among others")
    return f"[{'^' if chars.negated else ''}{inner}]"


def _without_surrogates(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """RE2 works on UTF-8, which has no surrogates; a normalised message has none either."""
    out: list[tuple[int, int]] = []
    for low, high in spans:
        for a, b in ((low, min(high, 0xD7FF)), (max(low, 0xE000), min(high, LAST))):
            if a <= b:
                out.append((a, b))
    return out
