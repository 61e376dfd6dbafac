"""Where a value stands in a question as a word of its own."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.words import (
    Query,
    changes,
    is_free,
)

Spans = Sequence[tuple[int, int]]


def take(query: Query, names: tuple[str, str], taken: list[tuple[int, int]]) -> bool:
    for name in names if names[0] != names[1] else names[:1]:
        at = occurs(query, name, taken)
        if at:
            taken.append(at)
            return True
    return False


def occurs(query: Query, name: str, taken: Spans) -> tuple[int, int] | None:
    """Where ``name`` stands as a word of its own outside ``taken``; 特大号 is not 大号."""
    start = query.text.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        whole = query.is_word(start, end) and not (name.isalpha() and query.after_a_digit(start))
        if whole and is_free((start, end), taken) and not is_changed(query, start, name, taken):
            return start, end
        start = query.text.find(name, start + 1)
    return None


def is_changed(query: Query, start: int, value: str, spans: Spans = ()) -> bool:
    """Whether the character before makes it another value (深 黑色), and is not the last of a name (散粉 紫色)."""
    before = start > 0 and query.joined[start] == 1 and is_free((start - 1, start), spans)
    return before and changes(query.text[start - 1], value)
