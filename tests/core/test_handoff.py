"""Hand-off states, the desk's hours and the channel's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kefu.core.handoff import (
    MOVES,
    REASONS,
    STATES,
    Desk,
    HandOff,
    move,
    opening_sentence,
    priority_of,
    read_clock,
    silence,
)
from kefu.errors import BadInput, Conflict

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Desk(opens="09:00", closes="22:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_the_reasons_on_the_wire_are_frozen() -> None:
    """They are stored and named in the flows: a renamed one would make old rows unreadable."""
    assert list(REASONS) == [
        "customer_request",
        "unknown_question",
        "low_confidence",
        "angry_customer",
        "policy",
        "tool_failure",
        "missing_information",
    ]
    assert STATES == ("pending", "open", "resolved")


def test_a_hand_off_goes_from_pending_over_open_to_resolved() -> None:
    assert move("pending", "claim") == "open"
    assert move("open", "reply") == "open"
    assert move("open", "release") == "pending"
    assert move("open", "resolve") == "resolved"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ["claim", "release", "reply", "resolve"])
def test_every_other_move_is_a_conflict(state: str, action: str) -> None:
    if (state, action) in MOVES:
        assert move(state, action) in STATES
    else:
        with pytest.raises(Conflict):
            move(state, action)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(BadInput):
        move("pending", "dance")
    with pytest.raises(BadInput):
        HandOff("c1", "bored")


def test_anger_comes_before_urgency_before_a_wish() -> None:
    ranks = [
        priority_of("angry_customer", "angry"),
        priority_of("unknown_question", "urgent"),
        priority_of("customer_request", "calm"),
        priority_of("low_confidence", "calm"),
    ]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == 4


def test_the_three_and_five_minute_targets_run_and_are_missed() -> None:
    record = HandOff("c1", "policy", created_at=at("2026-11-23T10:00"))
    states = [
        [target.state for target in read_clock(record, DAY, at("2026-11-23T10:00") + timedelta(seconds=s)).targets]
        for s in (60, 200, 400)
    ]
    assert states == [["running", "running"], ["missed", "running"], ["missed", "missed"]]


def test_a_reply_in_time_meets_the_target_for_good() -> None:
    record = HandOff(
        "c1", "policy", created_at=at("2026-11-23T10:00"), first_reply_at=at("2026-11-23T10:02"), channel="taobao"
    )
    clock = read_clock(record, DAY, at("2026-11-23T18:00"))
    assert [(t.seconds, t.state) for t in clock.targets] == [(180, "met")]
    assert clock.waiting == 120


def test_the_clock_stands_still_at_night() -> None:
    record = HandOff("c1", "policy", created_at=at("2026-11-23T21:59"))
    clock = read_clock(record, DAY, at("2026-11-24T03:00"))
    assert (clock.night, clock.counted, clock.waiting) == (True, 60, 5 * 3600 + 60)
    assert clock.next_opening == at("2026-11-24T09:00")
    assert clock.targets[0].state == "paused"
    assert clock.targets[0].due_at == at("2026-11-24T09:02")


def test_each_channel_has_its_own_targets() -> None:
    record = HandOff("c1", "policy", created_at=at("2026-11-23T10:00"), channel="pdd")
    assert [t.seconds for t in read_clock(record, DAY, at("2026-11-23T10:00")).targets] == [300]


def test_hours_over_midnight_and_days_off() -> None:
    late = Desk(opens="18:00", closes="02:00", days=(1, 2, 3, 4, 5))
    assert late.is_open(at("2026-11-28T01:30"))  # Saturday, still Friday's shift
    assert not late.is_open(at("2026-11-28T19:00"))
    assert late.next_opening(at("2026-11-28T19:00")) == at("2026-11-30T18:00")


def test_a_desk_without_hours_is_always_open() -> None:
    assert Desk().is_open(at("2026-11-23T03:00"))
    assert Desk().service_seconds(at("2026-11-20T00:00"), at("2026-11-23T00:00")) == 3 * 86_400


def test_while_people_have_it_the_bot_is_silent() -> None:
    noon, night = at("2026-11-23T12:00"), at("2026-11-23T23:00")
    assert silence("open", DAY, noon).silent
    assert silence("open", DAY, night).silent
    assert silence("open", DAY, noon).reply == ""
    assert silence("pending", DAY, noon).reply != ""
    assert not silence("pending", DAY, night).silent
    assert silence("pending", replace(DAY, night="queue"), night).silent
    assert not silence("resolved", DAY, noon).silent


def test_at_night_the_customer_hears_when_people_are_back() -> None:
    assert "09:00–22:00" in opening_sentence(DAY, at("2026-11-23T23:00"))
    assert "转接" in opening_sentence(DAY, at("2026-11-23T12:00"))


@pytest.mark.parametrize(
    "data",
    [
        {"opens": "25:00"},
        {"closes": 9},
        {"days": []},
        {"days": [0]},
        {"days": ["x"]},
        {"days": 3},
        {"night": "sleep"},
        {"targets": {"": []}},
        {"targets": {"": [0]}},
        {"targets": [180]},
        {"tone": "x"},
    ],
)
def test_a_wrong_desk_is_refused(data: dict) -> None:
    with pytest.raises(BadInput):
        Desk.from_dict(data)
