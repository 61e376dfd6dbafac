"""What a rule is: values that check themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Literal, NamedTuple

from kefu.errors import BadInput

PatternKind = Literal["sentence", "regex", "keywords"]
ActionKind = Literal["", "hand_off", "set_topic", "ask"]
ACTIONS: tuple[ActionKind, ...] = ("", "hand_off", "set_topic", "ask")
VARIABLES = ("customer", "order_no", "product", "time", "brand", "shop", "topic")
"""Names that a reply may use as ``{name}``; a regex's named groups come on top."""

_ID = re.compile(r"[^\s\x00-\x1f|]{1,64}")
_NOTHING: Mapping[str, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way a message can fit a rule.

    ``sentence``: the whole message, spaces, case and final punctuation aside. ``regex``: `re.search` on the normalised
    message. ``keywords``: every word of ``all`` and, if ``any`` is not empty, at least one of it.
    """

    kind: PatternKind
    text: str = ""
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind == "keywords" and not (self.all or self.any):
            raise BadInput("A keyword pattern names no word.", "Give words for all-of or any-of.")
        if self.kind != "keywords" and not self.text.strip():
            raise BadInput(f"A {self.kind} pattern is empty.", "Write it, or remove it.")

    @property
    def label(self) -> str:
        """How the pattern is shown to a person."""
        if self.kind != "keywords":
            return self.text
        return " & ".join((*self.all, *(("(" + " | ".join(self.any) + ")",) if self.any else ())))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when a rule holds; an empty part restricts nothing.

    ``hours`` is a half-open daily window and may pass midnight; ``days`` are inclusive dates; both in shop time.
    """

    channels: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    hours: tuple[time, time] | None = None
    days: tuple[date, date] | None = None
    first_message: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What the conversation does besides replying: ``value`` is the hand-off reason, the topic or the slot to ask."""

    kind: ActionKind = ""
    value: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ACTIONS:
            raise BadInput(f"“{self.kind}” is no action.", "Use hand_off, set_topic or ask.")
        if self.kind in ("set_topic", "ask") and not self.value:
            raise BadInput(f"The action {self.kind} needs a value.", f"Write {self.kind}:VALUE.")


EVERYWHERE = Scope()
NO_ACTION = Action()


@dataclass(frozen=True, slots=True)
class Rule:
    """Patterns and what is answered when one of them fits and no word of ``none`` is in the message.

    Higher ``priority`` wins; equal ones by ``position``, the order of the shop's list (no part of equality).
    ``cooldown_s``: seconds in which the rule does not fire again in one conversation.
    """

    id: str
    patterns: tuple[Pattern, ...]
    replies: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    priority: int = 0
    scope: Scope = EVERYWHERE
    enabled: bool = True
    cooldown_s: int = 0
    action: Action = NO_ACTION
    note: str = ""
    position: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise BadInput(f"“{self.id[:80]}” is no rule id.", "Use 1–64 characters without spaces or |.")
        if not self.patterns:
            raise BadInput(f"Rule {self.id} has no pattern.", "Give a sentence, keywords or a regex.")
        if not self.replies and not self.action.kind:
            raise BadInput(f"Rule {self.id} neither replies nor acts.", "Give a reply or an action.")
        if self.cooldown_s < 0:
            raise BadInput(f"Rule {self.id}: cooldown is negative.", "Give seconds, 0 for none.")

    @property
    def sort_key(self) -> tuple[int, int, str]:
        """Ascending in the order in which rules are asked."""
        return (-self.priority, self.position, self.id)


@dataclass(frozen=True, slots=True)
class MatchContext:
    """Facts of the turn. ``now`` is in shop time; without it no time window holds and no cooldown blocks.

    ``products`` are the ids or names the turn is about; ``last_fired`` maps rule ids to when they fired here.
    """

    channel: str = ""
    products: tuple[str, ...] = ()
    now: datetime | None = None
    first_message: bool = False
    last_fired: Mapping[str, datetime] = field(default_factory=lambda: _NOTHING)


ANYWHERE = MatchContext()


class Place(NamedTuple):
    """Which pattern matched, and where."""

    pattern: Pattern
    start: int
    end: int
    text: str
    groups: Mapping[str, str]


class RuleMatch:
    """The rule that fires. Where it matched is worked out when somebody asks: most answers never need it.

    ``start``/``end`` point into the original message, ``text`` is the normalised match, ``groups`` its named groups.
    """

    __slots__ = ("_locate", "_place", "rule")

    def __init__(self, rule: Rule, locate: Callable[[], Place]) -> None:
        self.rule = rule
        self._locate = locate
        self._place: Place | None = None

    @property
    def place(self) -> Place:
        if self._place is None:
            self._place = self._locate()
        return self._place

    @property
    def pattern(self) -> Pattern:
        return self.place.pattern

    @property
    def start(self) -> int:
        return self.place.start

    @property
    def end(self) -> int:
        return self.place.end

    @property
    def text(self) -> str:
        return self.place.text

    @property
    def groups(self) -> Mapping[str, str]:
        return self.place.groups

    @property
    def rule_id(self) -> str:
        return self.rule.id

    @property
    def action(self) -> Action:
        return self.rule.action

    @property
    def topic(self) -> str:
        """The topic that the rule sets, or ``""``."""
        return self.rule.action.value if self.rule.action.kind == "set_topic" else ""

    def __repr__(self) -> str:
        return f"RuleMatch({self.rule.id!r}, {self.place})"
