"""One pattern's plan: how it is found and how it is checked. Made once when a rule is saved, kept as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import re2
import regex

from kefu.core.rules import analysis
from kefu.core.rules.emit import Engine, emit
from kefu.core.rules.fold import fold, fold_keyword, fold_sentence
from kefu.core.rules.proof import is_near_linear
from kefu.core.rules.rule import Pattern
from kefu.core.rules.syntax import MANY, Chars, Group, Lit, Node, Repeat, Seq, parse
from kefu.errors import BadInput

Find = Literal["exact", "template", "literal", "loose"]
Check = Literal["sure", "gap", "words", "engine"]

VERSION = 1
"""Of the JSON form; plans of another version are made anew."""

NEEDS_DIGIT, NEEDS_LETTER = 1, 2
_PLAIN_ANCHORED = re.compile(r"\^([^\\^$.|?*+()\[\]{}]+)\$")
_ANY_RUN = Repeat(Chars(negated=True), 0, MANY, "greedy")


@dataclass(frozen=True, slots=True)
class Plan:
    """``find``: the table that proposes the pattern. ``keys``: its strings (exact), templates, or clauses (literal).

    ``check`` confirms a proposal: ``sure`` needs none, ``gap`` looks for ``parts`` in order, ``words`` for keywords,
    ``engine`` runs ``source`` (empty where strings alone decide). ``anchored``: tried on the bare message and on the
    full one. ``needs``: characters without which a loose pattern cannot match; ``set_source``: it as RE2 reads it;
    ``digits``: how many in a row it needs.
    """

    find: Find
    keys: tuple[Any, ...]
    check: Check = "sure"
    engine: Engine = "re"
    source: str = ""
    parts: tuple[str, ...] = ()
    anchored: bool = False
    needs: int = 0
    set_source: str = ""
    digits: int = 0

    def to_json(self) -> list[Any]:
        keys = [sorted(key) for key in self.keys] if self.find == "literal" else list(self.keys)
        rest = (
            self.check,
            self.engine,
            self.source,
            list(self.parts),
            self.anchored,
            self.needs,
            self.set_source,
            self.digits,
        )
        return [self.find, keys, *rest]

    @staticmethod
    def from_json(row: list[Any]) -> Plan:
        find, keys, check, engine, source, parts, anchored, needs, set_source, digits = row
        made = tuple(map(frozenset, keys)) if find == "literal" else tuple(keys)
        return Plan(find, made, check, engine, source, tuple(parts), anchored, needs, set_source, digits)


def plan_of(pattern: Pattern) -> Plan:
    """The plan of ``pattern``. Raises BadInput with the reason and a suggestion for one that we refuse."""
    if pattern.kind == "sentence":
        return Plan("exact", (fold_sentence(pattern.text),))
    if pattern.kind == "keywords":
        return _plan_of_keywords(pattern)
    plain = _PLAIN_ANCHORED.fullmatch(pattern.text)
    if plain and plain[1].isprintable():
        folded = fold(Lit(plain[1]))
        return Plan("exact", (folded.text,) if isinstance(folded, Lit) else (), anchored=True)
    return _plan_of_regex(fold(parse(pattern.text)))


def is_plain(pattern: Pattern) -> bool:
    """Whether it is a whole message: a sentence or ``^sentence$``. Nobody needs to keep such a plan."""
    return pattern.kind == "sentence" or (
        pattern.kind == "regex" and _PLAIN_ANCHORED.fullmatch(pattern.text) is not None
    )


def _plan_of_keywords(pattern: Pattern) -> Plan:
    every = [fold_keyword(word) for word in pattern.all]
    some = [fold_keyword(word) for word in pattern.any]
    if not all(every) or not all(some):
        raise BadInput("A keyword is empty once spaces and invisible characters are gone.", "Remove it.")
    keys = tuple(dict.fromkeys([*(frozenset((word,)) for word in every), *([frozenset(some)] if some else [])]))
    return Plan("literal", keys, "sure" if len(keys) == 1 else "words")


def _plan_of_regex(tree: Node) -> Plan:
    facts = analysis.features(tree)
    if not facts.named:
        by_strings = _plan_by_strings(tree)
        if by_strings is not None:
            return by_strings
    engine, source = choose_engine(tree, facts)
    body, starts, ends = analysis.strip_anchors(tree)
    anchored = facts.anchored
    if starts and ends:
        exact = analysis.strings(body)
        if exact is not None:
            return Plan("exact", exact, "sure", engine, source, anchored=True)
        templates = analysis.templates(body)
        if templates is not None:
            return Plan("template", templates, "engine", engine, source, anchored=True)
    needed = analysis.clauses(tree)
    if not needed:
        needs, digits = _needs(tree)
        for_set = _for_set(tree, facts)
        return Plan("loose", (), "engine", engine, source, (), anchored, needs, for_set, digits)
    if not starts and not ends and analysis.strings(body, analysis.MAX_ALTERNATIVES) is not None:
        return Plan("literal", needed, "sure", engine, source)
    return Plan("literal", needed, "engine", engine, source, (), anchored)


def _plan_by_strings(tree: Node) -> Plan | None:
    """A plan that needs no engine at all, neither to find nor to locate, for the shapes that shops write most."""
    body, starts, ends = analysis.strip_anchors(tree)
    if starts and ends:
        exact = analysis.strings(body)
        if exact is not None:
            return Plan("exact", exact, anchored=True)
        template = analysis.sure_template(body)
        return Plan("template", (template,), anchored=True) if template else None
    if starts or ends:
        return None
    if isinstance(body, Lit) and body.text:
        return Plan("literal", (frozenset((body.text,)),))
    parts = _gap_parts(body)
    return (
        Plan("literal", tuple(frozenset((part,)) for part in dict.fromkeys(parts)), "gap", parts=parts)
        if parts
        else None
    )


def choose_engine(tree: Node, facts: analysis.Features) -> tuple[Engine, str]:
    """`re` with a proof, else RE2, else `regex` with a time limit. Raises BadInput if none may run it."""
    if facts.look:
        return "regex", _compiles("regex", emit(tree, "regex"))
    if is_near_linear(tree):
        return "re", emit(tree, "re") or "(?:)"
    if facts.count > 1000:
        raise BadInput(
            f"The regex repeats a part up to {facts.count} times.",
            "Messages are short: use *, + or a limit of at most 1000.",
        )
    if facts.word or facts.mixed:
        return "regex", _compiles("regex", emit(tree, "regex"))
    return "re2", _compiles("re2", emit(tree, "re2"))


def _for_set(tree: Node, facts: analysis.Features) -> str:
    """``tree`` for an RE2 set, or "" if RE2 cannot run it. Digits are ASCII in it, which keeps the set small."""
    if facts.look or facts.word or facts.mixed or facts.count > 1000:
        return ""
    source = emit(tree, "re2").replace(r"\p{Nd}", "0-9")
    try:
        re2.Set.SearchSet(re2_options()).Add(source)
    except re2.error:
        return ""
    return source


def _compiles(engine: Engine, source: str) -> str:
    try:
        ENGINES[engine](source)
    except (regex.error, re2.error, OverflowError, MemoryError, RecursionError) as error:
        raise BadInput(f"The regex cannot be run safely: {error}.", "Make it shorter, or use keywords.") from error
    return source


def _gap_parts(body: Node) -> tuple[str, ...]:
    """The literals of ``a.*b.*c``, or nothing if the pattern is anything else."""
    parts: list[str] = []
    expect_literal = True
    for piece in body.parts if isinstance(body, Seq) else ():
        if expect_literal != isinstance(piece, Lit) or not (isinstance(piece, Lit) or piece == _ANY_RUN):
            return ()
        if isinstance(piece, Lit):
            parts.append(piece.text)
        expect_literal = not expect_literal
    return tuple(parts) if len(parts) > 1 and not expect_literal else ()


def _needs(node: Node) -> tuple[int, int]:
    """NEEDS_DIGIT and NEEDS_LETTER as every match holds them, and how many digits in a row it holds at least."""
    if isinstance(node, Chars):
        if analysis.is_digit_class(node):
            return NEEDS_DIGIT, 1
        within = not node.negated and not node.classes and node.spans
        return (NEEDS_LETTER if within and all(_ascii_letters(*span) for span in node.spans) else 0), 0
    if isinstance(node, Group):
        return _needs(node.body)
    if isinstance(node, Repeat):
        needs, digits = _needs(node.body) if node.low else (0, 0)
        return needs, node.low if analysis.is_digit_class(node.body) else digits
    if isinstance(node, Seq):
        below = [_needs(part) for part in node.parts]
        return (NEEDS_DIGIT if any(n & NEEDS_DIGIT for n, _ in below) else 0) | (
            NEEDS_LETTER if any(n & NEEDS_LETTER for n, _ in below) else 0
        ), max((digits for _, digits in below), default=0)
    return 0, 0


def _ascii_letters(low: int, high: int) -> bool:
    return high < 128 and chr(low).isalpha() and chr(high).isalpha() and chr(low).isupper() == chr(high).isupper()


@lru_cache(maxsize=20_000)
def _compile_re(source: str) -> Any:
    return re.compile(source)


@lru_cache(maxsize=5_000)
def _compile_regex(source: str) -> Any:
    return regex.compile(source)


def re2_options(memory: int = 16 << 20) -> Any:
    """RE2's options: silent, and at most ``memory`` bytes for one pattern or set."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    return options


@lru_cache(maxsize=1_000)
def _compile_re2(source: str) -> Any:
    return re2.compile(source, re2_options())


ENGINES: dict[Engine, Callable[[str], Any]] = {"re": _compile_re, "regex": _compile_regex, "re2": _compile_re2}
