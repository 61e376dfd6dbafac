"""Fill a reply's variables, and choose among a rule's variants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_VARIABLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def variables_of(reply: str) -> tuple[str, ...]:
    """The names in braces, in order of their first use."""
    return tuple(dict.fromkeys(_VARIABLE.findall(reply)))


def render(reply: str, variables: Mapping[str, str]) -> str:
    """``reply`` with each ``{name}`` replaced once: braces inside a value stay text; an absent value is empty."""
    return _VARIABLE.sub(lambda found: str(variables.get(found[1]) or ""), reply)


def choose(replies: Sequence[str], variables: Mapping[str, str], pick: int = 0) -> str:
    """One of ``replies``, rendered. Those whose variables all have values come first; ``pick`` selects among them."""
    if not replies:
        return ""
    full = [reply for reply in replies if all(variables.get(name) for name in variables_of(reply))]
    usable = full or list(replies)
    return render(usable[pick % len(usable)], variables)
