"""Cells of an import file → values. A cell that is wrong raises BadInput with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from kefu.clock import Clock, make_clock
from kefu.errors import BadInput, KefuError
from kefu.jobs.imports import BadCells
from kefu.jobs.tables import SEPARATOR
from kefu.settings import load_settings

_YES = frozenset({"是", "1", "true", "yes", "y", "有", "对"})
_NO = frozenset({"否", "0", "false", "no", "n", "", "无", "不"})

JUST_OVER = timedelta(days=60)
"""A day without a year that is over for no longer than this is meant as over."""


@lru_cache(maxsize=1)
def shop_zone() -> ZoneInfo:
    """The zone that moments without one are in (setting ``timezone``)."""
    return ZoneInfo(load_settings().timezone)


@lru_cache(maxsize=1)
def shop_clock() -> Clock:
    """The clock by which a row without a moment is dated (setting ``now`` freezes it)."""
    return make_clock(load_settings())


def read_all(**read: Callable[[], Any]) -> dict[str, Any]:
    """What each reader gives, by the column it reads. Raises BadCells with every cell that is wrong."""
    values: dict[str, Any] = {}
    wrong: dict[str, KefuError] = {}
    for column, reader in read.items():
        try:
            values[column] = reader()
        except KefuError as error:
            wrong[column] = error
    if wrong:
        raise BadCells(wrong)
    return values


def several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (one.strip() for one in cell.split(SEPARATOR)))))


_AS_EXPORTED = re.compile(r"[;；|]")


def pairs(cell: str) -> tuple[tuple[str, str], ...]:
    """``名=值|名=值``, or as shop systems export it: ``颜色分类:杏色;尺码:S``."""
    exported = "=" not in cell
    found: dict[str, str] = {}
    for one in [part for part in _AS_EXPORTED.split(cell) if part.strip()] if exported else several(cell):
        parted = re.split(r"[:：]", one, maxsplit=1) if exported else one.split("=", 1)
        name, value = (parted[0].strip(), parted[1].strip()) if len(parted) == 2 else ("", "")
        name = name.removesuffix("分类") if exported else name
        if not (name and value):
            raise BadInput(f"“{one}” is no attribute.", "Write 名=值, several with | between.")
        if name in found:
            raise BadInput(f"“{name}” is given twice.", "Give each attribute once.")
        found[name] = value
    return tuple(found.items())


def yes(cell: str, default: bool = False) -> bool:
    word = cell.strip().lower()
    if not word:
        return default
    if word in _YES or word in _NO:
        return word in _YES
    raise BadInput(f"“{cell}” is neither yes nor no.", "Write 是 or 否.")


def whole(cell: str, name: str) -> int:
    """A whole number from 0 up; ``1,200`` and ``12.0`` as spreadsheets write them are taken."""
    text = cell.replace(",", "").strip()
    if re.fullmatch(r"\d{1,15}(\.0+)?", text):
        return int(text.partition(".")[0])
    raise BadInput(f"{name} “{cell}” is no whole number from 0 up.", "Write digits only.")


_SOLD_OUT = frozenset({"无货", "缺货", "没货", "断货", "售罄", "售完", "无", "无库存", "零"})
_ENOUGH = frozenset({"有货", "有", "现货", "充足", "有库存", "库存充足", "大量"})


def stocked(cell: str, name: str) -> int:
    """How many there are: a whole number, ``100+`` (so many at least), or a word for none."""
    text = cell.strip()
    if text in _SOLD_OUT:
        return 0
    if text in _ENOUGH:  # a number is told to customers, and compared with how many they want
        raise BadInput(f"{name} “{cell}” does not say how many.", "Write how many can be sold, like 20; 无货 is 0.")
    return whole(re.sub(r"\s*(?:[+＋]|以上)$", "", text), name)


def price(cell: str) -> int | None:
    """Yuan → fen; empty = None."""
    text = cell.replace(",", "").strip().lstrip("¥￥").removesuffix("元")
    if not text:
        return None
    try:
        fen = Decimal(text) * 100
    except InvalidOperation as error:
        raise BadInput(f"price “{cell}” is no amount.", "Write yuan like 289.00.") from error
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen > 10**13:
        raise BadInput(f"price “{cell}” is no amount in yuan.", "Write at most two decimals, like 289.00.")
    return int(fen)


_DATED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?:[ T]+(\d{1,2})(.*))?")
_YEARLESS = re.compile(r"(\d{1,2})(?:[/-]|月)(\d{1,2})[日号]?")


def _iso(cell: str) -> str:
    """``2026/11/30 9:00`` and ``2026.1.5`` as spreadsheets and platforms write them → ISO 8601; other text as it is."""
    text = cell.strip().replace("：", ":")
    found = _DATED.fullmatch(text)
    if found is None:
        return text
    year, month, day_, hour, rest = found.groups()
    return f"{year}-{month:0>2}-{day_:0>2}" + (f"T{hour:0>2}{rest}" if hour else "")


def moment(cell: str, name: str) -> datetime | None:
    """An aware moment in whole seconds; without a zone it is the shop's; empty = None."""
    text = _iso(cell)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{name} “{cell}” is no moment.", "Write it like 2026-11-22 10:30.") from error
    found = found if found.tzinfo else found.replace(tzinfo=shop_zone())
    return found.astimezone(UTC).replace(microsecond=0)


def now() -> datetime:
    return shop_clock()().astimezone(UTC).replace(microsecond=0)


def day(cell: str, name: str) -> date | None:
    text = _iso(cell)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError as error:
        raise BadInput(f"{name} “{cell}” is no date.", "Write it like 2026-11-22.") from error


def coming_day(cell: str, name: str, today: date) -> date | None:
    """Like `day`; one without a year (12月5日, 12/5) is the next such day, or the last one if it is just over: a list
    of last week does not speak of next year."""
    found = _YEARLESS.fullmatch(cell.strip())
    if found is None:
        return day(cell, name)
    days: list[date] = []
    for year in (today.year - 1, today.year, today.year + 1):
        with suppress(ValueError):  # 2月29日
            days.append(date(year, int(found[1]), int(found[2])))
    days = [one for one in days if one >= today - JUST_OVER]
    if not days:
        raise BadInput(f"{name} “{cell}” is no date.", "Write it like 2026-11-22.")
    return min(days)


def clock(cell: str, name: str) -> time | None:
    text = cell.strip().replace("：", ":")
    if not text:
        return None
    parts = text.split(":")
    try:
        return time(int(parts[0]), int(parts[1]))
    except (ValueError, IndexError) as error:
        raise BadInput(f"{name} “{cell}” is no time of day.", "Write it like 18:00.") from error


def one_of(cell: str, names: Sequence[tuple[str, str]], what: str, default: str = "") -> str:
    """The English name of a cell that holds it or its Chinese one."""
    word = cell.strip().lower() or default
    for english, chinese in names:
        if word in (english, chinese):
            return english
    raise BadInput(f"“{cell}” is no {what}.", f"Use one of {', '.join(f'{e} ({c})' for e, c in names)}.")


def filled(cell: str, name: str, hint: str) -> str:
    """A cell that this row needs, though other rows of the file do not."""
    if not cell:
        raise BadInput(f"{name} is empty.", hint)
    return cell


def limited(cell: str, name: str, most: int) -> str:
    """Text that the store has room for."""
    if len(cell) > most:
        raise BadInput(f"{name} has {len(cell)} characters.", f"At most {most}.")
    return cell
