"""Confirm that a proposed pattern matches, and find where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kefu.core.rules.analysis import collapse_digits
from kefu.core.rules.message import Message
from kefu.core.rules.plan import ENGINES, Plan

TIMED_SECONDS = 0.005
"""Longest single run of `regex`."""

BUDGET_SECONDS = 0.02
"""All runs of `regex` for one message together."""

Clock = Callable[[], float]


class Budget:
    """The time that patterns with lookaround may take for one message. Without a clock each run counts in full."""

    __slots__ = ("_clock", "left", "timed_out")

    def __init__(self, clock: Clock | None) -> None:
        self._clock = clock
        self.left = BUDGET_SECONDS
        self.timed_out: tuple[str, ...] = ()

    def search(self, source: str, text: str) -> Any:
        """`regex.search` within what is left; None and a note in ``timed_out`` if that was too little."""
        limit = min(self.left, TIMED_SECONDS)
        if limit <= 0:
            self.timed_out += (source,)
            return None
        began = self._clock() if self._clock else 0.0
        try:
            return ENGINES["regex"](source).search(text, timeout=limit)
        except TimeoutError:
            self.timed_out += (source,)
            self.left -= 0 if self._clock else limit
            return None
        finally:
            if self._clock:
                self.left -= self._clock() - began


def confirm(plan: Plan, message: Message, budget: Budget) -> bool:
    """Whether a pattern that its table proposed really matches."""
    if plan.check == "sure":
        return True
    if plan.check == "gap":
        return _in_order(plan.parts, message.full)
    if plan.check == "words":
        return all(any(word in message.full for word in clause) for clause in plan.keys)
    return search(plan, message, budget) is not None


def may_confirm(plan: Plan, text: str) -> bool:
    """Whether a proposed plan may match a message that is ``text`` in both forms; True where only time would tell."""
    return (plan.check == "engine" and plan.engine == "regex") or confirm(plan, Message(text, text, 0), Budget(None))


def _in_order(parts: tuple[str, ...], text: str) -> bool:
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def search(plan: Plan, message: Message, budget: Budget) -> tuple[Any, int] | None:
    """The engine's match object and the offset of its text in ``message.full``, or None."""
    forms = ((message.bare, message.shift), (message.full, 0)) if plan.anchored else ((message.full, 0),)
    for text, offset in forms[: 1 if message.bare is message.full else 2]:
        if plan.engine == "regex":
            found = budget.search(plan.source, text)
        else:
            found = ENGINES[plan.engine](plan.source).search(text)
        if found is not None:
            return found, offset
    return None


def locate(plan: Plan, message: Message, budget: Budget) -> tuple[int, int, dict[str, str]] | None:
    """Where the pattern matches in ``message.full`` and what its named groups caught; None if it does not match."""
    if plan.source:
        found = search(plan, message, budget)
        if found is None:
            return None
        match, offset = found
        groups = {name: text for name, text in match.groupdict().items() if text is not None}
        return match.start() + offset, match.end() + offset, groups
    if plan.find in ("exact", "template"):
        form = str if plan.find == "exact" else collapse_digits
        if form(message.bare) in plan.keys:
            return message.shift, message.shift + len(message.bare), {}
        return (0, len(message.full), {}) if form(message.full) in plan.keys else None
    if plan.check == "gap":
        if not _in_order(plan.parts, message.full):
            return None
        return message.full.find(plan.parts[0]), message.full.rfind(plan.parts[-1]) + len(plan.parts[-1]), {}
    return _locate_words(plan, message.full)


def _locate_words(plan: Plan, text: str) -> tuple[int, int, dict[str, str]] | None:
    """From the first to the last keyword found."""
    starts, ends = [], []
    for clause in plan.keys:
        places = [(text.find(word), len(word)) for word in clause if word in text]
        if not places:
            return None
        at, length = min(places)
        starts.append(at)
        ends.append(at + length)
    return min(starts), max(ends), {}
