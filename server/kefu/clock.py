"""The time of day, asked for in one place so that it can be frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kefu.errors import BadInput
from kefu.settings import Settings

Clock = Callable[[], datetime]


def make_clock(settings: Settings) -> Clock:
    """The shop's time: zone-aware, from the system, or always ``settings.now`` if that is set. Raises BadInput."""
    try:
        zone = ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(f"There is no time zone “{settings.timezone}”.", "Use a name such as Asia/Shanghai.") from error
    if not settings.now:
        return lambda: datetime.now(zone)
    frozen = parse_moment(settings.now, zone)
    return lambda: frozen


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 moment; without an offset it is in ``zone``. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"“{text}” is not a moment in time.", "Write it as 2026-11-20T14:00:00+08:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
