"""What a model says without what it thinks: no customer reads how an answer came about. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"<(/?)think[^>]{0,100}>", re.IGNORECASE)
_BEGUN = re.compile(r"<(?:/?(?:t(?:h(?:i(?:n(?:k[^>]{0,100})?)?)?)?)?)?$", re.IGNORECASE)
"""The beginning of a mark at the end of a piece."""


_WHOLE = re.compile(r"<think[^>]{0,100}>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)


def spoken(text: str) -> str:
    """``text`` without what the model thought; chat templates may have written the opening mark themselves."""
    return _WHOLE.sub("", text).rpartition("</think>")[2].strip()


@dataclass(slots=True)
class Thoughts:
    """Takes ``<think>…</think>`` out of a text that comes in pieces, marks cut in two by them included.

    A thought that is never closed goes to the end. Where a chat template wrote the opening mark itself, only the
    closing one is seen: it is left out, what stood before it was already passed on.
    """

    thinking: bool = False
    _held: str = ""
    _after_a_thought: bool = False

    @property
    def holds(self) -> bool:
        """Whether something that came is not shown, or not yet."""
        return self.thinking or bool(self._held)

    def feed(self, piece: str) -> str:
        """What may be shown now."""
        shown: list[str] = []
        rest = self._held + piece
        while mark := _MARK.search(rest):
            shown.append(self._said(rest[: mark.start()]))
            self.thinking, self._after_a_thought = not mark[1], True
            rest = rest[mark.end() :]
        begun = _BEGUN.search(rest)
        at = begun.start() if begun else len(rest)
        self._held = rest[at:]
        return "".join((*shown, self._said(rest[:at])))

    def end(self) -> str:
        """What was held back, at the end of the text."""
        held, self._held = self._held, ""
        return self._said(held)

    def _said(self, text: str) -> str:
        if self.thinking:
            return ""
        if self._after_a_thought:
            text = text.lstrip()
            self._after_a_thought = not text
        return text
