"""When a person takes over: reasons, states, the moves between them, and the clock the channel holds us to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time, timedelta
from typing import Any, Literal

from kefu.errors import BadInput, Conflict

REASONS: dict[str, str] = {
    "customer_request": "客户要求人工",
    "unknown_question": "问题没有答案",
    "low_confidence": "没有听懂",
    "angry_customer": "客户情绪激动",
    "policy": "规定必须人工处理",
    "tool_failure": "系统查询失败",
    "missing_information": "信息一直不全",
}
"""Reason on the wire → what an agent reads. The names are stored: never rename one."""

USE_A_REASON = f"Use one of {', '.join(f'{reason} ({label})' for reason, label in REASONS.items())}."

State = Literal["pending", "open", "resolved"]
STATES: tuple[State, ...] = ("pending", "open", "resolved")

MOVES: dict[tuple[str, str], State] = {
    ("pending", "claim"): "open",
    ("pending", "resolve"): "resolved",
    ("open", "claim"): "open",
    ("open", "release"): "pending",
    ("open", "reply"): "open",
    ("open", "resolve"): "resolved",
}
"""(state, what an agent does) → new state. After ``resolved`` the conversation is the bot's again."""

MAX_AGENT = 64
MAX_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript; ``who`` is customer, bot, agent or system; ``at`` is ISO 8601."""

    who: str
    text: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class HandOff:
    """What an agent gets. ``id`` 0 = not stored yet. Times are zone-aware; None = has not happened."""

    conversation_id: str
    reason: str
    state: State = "pending"
    id: int = 0
    channel: str = ""
    user_id: str = ""
    customer: str = ""
    detail: str = ""
    emotion: str = "calm"
    priority: int = 0
    transcript: tuple[Line, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    suggested_reply: str = ""
    agent: str = ""
    created_at: datetime | None = None
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    last_customer_at: datetime | None = None
    last_agent_at: datetime | None = None
    resolved_at: datetime | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise BadInput(f"“{self.reason}” is no hand-off reason.", USE_A_REASON)
        if self.state not in STATES:
            raise BadInput(f"“{self.state}” is no hand-off state.", f"Use one of {', '.join(STATES)}.")


def move(state: str, action: str) -> State:
    """The state after ``action``. Raises Conflict where that is not possible, BadInput for an unknown action."""
    if action not in {name for _, name in MOVES}:
        raise BadInput(f"“{action}” is no hand-off action.", "Use claim, release, reply or resolve.")
    if (state, action) not in MOVES:
        raise Conflict(
            f"A hand-off that is {state} cannot {action}.",
            "Claim it first." if state == "pending" else "It is over: the bot has the conversation again.",
        )
    return MOVES[state, action]


def priority_of(reason: str, emotion: str) -> int:
    """Order in the queue, higher first: anger, then urgency and explicit requests, then the rest."""
    if emotion == "angry" or reason == "angry_customer":
        return 3
    if emotion == "urgent":
        return 2
    return 1 if reason == "customer_request" or emotion == "dissatisfied" else 0


DEFAULT_TARGETS: dict[str, tuple[int, ...]] = {"": (180, 300), "taobao": (180,), "pdd": (300,), "douyin": (180,)}
"""Channel → seconds to the first human reply that its ranking counts (three and five minutes); "" = any other."""


@dataclass(frozen=True, slots=True)
class Desk:
    """How the shop's people work; one record for each shop.

    ``opens``–``closes`` are local times of day (equal = always open; closing before opening passes midnight);
    ``days`` are ISO weekdays 1–7. Outside of them it is night: ``night`` says whether the bot goes on answering while
    the hand-off waits (``bot``) or stays silent (``queue``). ``while_pending`` and ``while_open`` are said to each
    further message; "" = nothing is sent.
    """

    opens: str = "00:00"
    closes: str = "00:00"
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    night: Literal["bot", "queue"] = "bot"
    opening: str = "好的，正在为{address}转接人工客服，请稍候～"
    night_opening: str = "{address}好，人工客服的服务时间是{opens}–{closes}，已经替{address}留言，上班后第一时间回复。"
    while_pending: str = "人工客服马上就来，请{address}稍等一下～"
    while_open: str = ""
    back: str = ""
    targets: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: dict(DEFAULT_TARGETS))

    def __post_init__(self) -> None:
        _time_of_day(self.opens)
        _time_of_day(self.closes)
        if not self.days or not set(self.days) <= set(range(1, 8)):
            raise BadInput("The service days are wrong.", "List weekdays 1 (Monday) to 7 (Sunday).")
        if self.night not in ("bot", "queue"):
            raise BadInput(f"night: “{self.night}” is unknown.", "Use bot or queue.")
        if any(not steps or min(steps) <= 0 for steps in self.targets.values()):
            raise BadInput("A reply target is not positive.", "Give seconds, e.g. [180, 300].")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Desk:
        """From JSON; unknown names raise BadInput."""
        _only_fields(cls, data)
        values = dict(data)
        try:
            if "days" in values:
                values["days"] = tuple(int(day) for day in values["days"])
            if "targets" in values:
                values["targets"] = {str(k): tuple(int(s) for s in v) for k, v in values["targets"].items()}
        except (TypeError, ValueError, AttributeError) as error:
            raise BadInput("days or targets has the wrong shape.", 'days: [1,2], targets: {"": [180, 300]}.') from error
        return cls(**values)

    def is_open(self, now: datetime) -> bool:
        """Is anyone at the desk at ``now`` (local time)?"""
        return any(start <= now < end for start, end in self._shifts(now, now))

    def next_opening(self, now: datetime) -> datetime:
        """The next moment at which someone is there; ``now`` itself if open."""
        if self.is_open(now):
            return now
        return min(start for start, _ in self._shifts(now, now + timedelta(days=8)) if start > now)

    def service_seconds(self, start: datetime, end: datetime) -> int:
        """Seconds between ``start`` and ``end`` in which the desk was open: waiting at night does not count."""
        spans = self._shifts(start, end)
        return int(sum(max(0.0, (min(b, end) - max(a, start)).total_seconds()) for a, b in spans))

    def due_at(self, start: datetime, seconds: int) -> datetime:
        """The moment at which ``seconds`` of service time have passed since ``start``."""
        left = float(seconds)
        for a, b in self._shifts(start, start + timedelta(days=15)):
            begin = max(a, start)
            if b > begin and (b - begin).total_seconds() >= left:
                return begin + timedelta(seconds=left)
            left -= max(0.0, (b - begin).total_seconds())
        return start + timedelta(days=15)

    def _shifts(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The open spans from the day before ``start`` to the day of ``end``; touching ones are not merged."""
        opens, closes = _time_of_day(self.opens), _time_of_day(self.closes)
        day = start.date() - timedelta(days=1)
        spans = []
        while day <= end.date():
            if day.isoweekday() in self.days:
                a = datetime.combine(day, opens, start.tzinfo)
                b = datetime.combine(day, closes, start.tzinfo)
                spans.append((a, b if b > a else b + timedelta(days=1)))
            day += timedelta(days=1)
        return spans


@dataclass(frozen=True, slots=True)
class Target:
    """One reply target of the channel. ``left`` is seconds of service time until it is missed (negative = since)."""

    seconds: int
    due_at: datetime
    state: Literal["running", "met", "missed", "paused"]
    left: int


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a hand-off stands. ``waiting`` is wall time, ``counted`` the seconds the channel counts."""

    waiting: int
    counted: int
    night: bool
    next_opening: datetime
    targets: tuple[Target, ...]


def read_clock(record: HandOff, desk: Desk, now: datetime) -> Clock:
    """The clock of ``record`` at ``now``: it runs from the hand-off to the first human reply, in service hours only."""
    created = (record.created_at or now).astimezone(now.tzinfo)
    stopped = record.first_reply_at or record.resolved_at
    end = min(now, stopped.astimezone(now.tzinfo)) if stopped else now
    counted = desk.service_seconds(created, end)
    night = not desk.is_open(now)
    steps = desk.targets.get(record.channel) or desk.targets.get("") or DEFAULT_TARGETS[""]
    targets = tuple(_target(s, desk.due_at(created, s), counted, bool(stopped), night) for s in steps)
    return Clock(int((end - created).total_seconds()), counted, night, desk.next_opening(now), targets)


def _target(seconds: int, due: datetime, counted: int, replied: bool, night: bool) -> Target:
    if counted > seconds:
        state: Literal["running", "met", "missed", "paused"] = "missed"
    elif replied:
        state = "met"
    else:
        state = "paused" if night else "running"
    return Target(seconds, due, state, seconds - counted)


@dataclass(frozen=True, slots=True)
class Silence:
    """What the bot does while people have the conversation. ``silent`` → route human_active with ``reply``."""

    silent: bool
    reply: str = ""


def silence(state: str, desk: Desk, now: datetime) -> Silence:
    """Open: silent, with the configured sentence or nothing. Pending: silent too, but at night ``night`` decides."""
    if state == "open":
        return Silence(True, desk.while_open)
    if state == "pending":
        return Silence(False) if desk.night == "bot" and not desk.is_open(now) else Silence(True, desk.while_pending)
    return Silence(False)


def opening_sentence(desk: Desk, now: datetime) -> str:
    """The template said when a conversation is handed over at ``now``; its variables: address, opens, closes."""
    if desk.is_open(now):
        return desk.opening
    return desk.night_opening.replace("{opens}", desk.opens).replace("{closes}", desk.closes)


def _time_of_day(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise BadInput(f"“{text}” is no time of day.", "Write it as 09:00.") from error


def _only_fields(cls: type, data: Mapping[str, Any]) -> None:
    unknown = set(data) - {f.name for f in fields(cls)}
    if unknown:
        raise BadInput(
            f"Unknown: {', '.join(sorted(map(str, unknown)))}.", f"Known: {', '.join(f.name for f in fields(cls))}."
        )
