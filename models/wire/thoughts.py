"""What a model says without what it thinks: no customer reads how an answer came about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_MARK = re.compile(r"<(/?)think[^>]{0,100}>", re.IGNORECASE)
_BEGUN = re.compile(r"<(?:/?(?:t(?:h(?:i(?:n(?:k[^>]{0,100})?)?)?)?)?)?$", re.IGNORECASE)
"""The beginning of a mark at the end of what came so far."""


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces of a text without ``<think>…</think>``, also where marks are cut in two by them.

    A thought that is never closed goes to the end. Where a chat template wrote the opening mark itself, only the
    closing one is seen: it is left out, what stood before it was already passed on.
    """
    came, thinks, trims = "", False, False
    for piece in pieces:
        came += piece
        while mark := _MARK.search(came):
            said, came = came[: mark.start()], came[mark.end() :]
            if said and not thinks:
                yield said.lstrip() if trims else said
            thinks, trims = not mark[1], True
        begun = _BEGUN.search(came)
        said, came = (came[: begun.start()], begun[0]) if begun else (came, "")
        if trims and not thinks:
            said = said.lstrip()
            trims = not said
        if said and not thinks:
            yield said
    if came and not thinks:
        yield came
