"""When something bought now arrives: promises by warehouse and division, cut-off times, holidays, express."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from kefu.core.catalogue.lead import LeadTime
from kefu.core.catalogue.phrases import say_day, say_days, say_time
from kefu.core.catalogue.values import EVERYWHERE, UNSPLIT, DeliveryPromise, Holiday, Place, When
from kefu.core.places import chain

END_OF_DAY = time(23, 59)
SATURDAY = 5
OUTSIDE = frozenset({"710000", "810000", "820000"})
"""Taiwan, Hong Kong, Macau: a promise for 全国 does not hold there, they need their own."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """It arrives on ``day`` (by ``by`` if promised) when paid before ``pay_before``; ``express`` names the service.

    Of goods with a lead time ``day`` is the latest it takes, ``first`` the earliest, and ``leaves`` are the first and
    last day of dispatch.
    """

    warehouse: str
    day: date
    pay_before: datetime | None
    by: time | None = None
    express: str = ""
    first: date | None = None
    leaves: tuple[date, date] | None = None

    def meets(self, when: When) -> bool:
        """Whether it is there by then. A day without a time is promised for the end of that day."""
        if self.day != when.day:
            return self.day < when.day
        return when.by is None or (self.by or END_OF_DAY) <= when.by


@dataclass(frozen=True, slots=True)
class Delivery:
    """What can be promised. ``possible``: arrives by the wished day, or at all; None = nothing is known."""

    possible: bool | None
    sentence: str
    arrival: Arrival | None = None


class DeliveryBook:
    """The shop's promises by (warehouse, division). Not changed after it is built."""

    def __init__(self, promises: Iterable[DeliveryPromise] = (), holidays: Iterable[Holiday] = ()) -> None:
        self._promises = {(promise.warehouse, promise.region): promise for promise in promises}
        self._holidays = tuple(holidays)
        self.warehouses = tuple(dict.fromkeys(name for name, _ in self._promises))

    def promise(self, warehouse: str, code: str) -> DeliveryPromise | None:
        """The narrowest promise that covers the division; of equally narrow ones the warehouse's own."""
        regions = [division.code for division in chain(code)]
        for region in regions if OUTSIDE & {*regions} else (*regions, EVERYWHERE):
            for name in (warehouse, ""):
                if found := self._promises.get((name, region)):
                    return found
        return None

    def arrivals(self, warehouse: str, code: str, now: datetime) -> list[Arrival]:
        """Ordinary and express arrival of an order paid from ``now`` on, both if both are offered."""
        promise = self.promise(warehouse, code)
        if promise is None or promise.days is None:
            return []
        leaves, pay_before = self._dispatch(now, promise.cutoff)
        found = [Arrival(warehouse, leaves + timedelta(days=promise.days), pay_before)]
        if promise.express:
            day, pay_before = self._dispatch(now, promise.express_cutoff)
            found.append(Arrival(warehouse, day, pay_before, promise.express_by, promise.express))
        return found

    def arrivals_after(self, lead: LeadTime, warehouse: str, code: str, now: datetime) -> list[Arrival]:
        """Arrival of goods with a lead time, paid for today; none where no promise is made. Express is not promised."""
        promise = self.promise(warehouse, code)
        if promise is None or promise.days is None:
            return []
        first, last = leaves = self.leaves(lead, now.date())
        transit = timedelta(days=promise.days)
        return [Arrival(warehouse, last + transit, None, first=first + transit, leaves=leaves)]

    def leaves(self, lead: LeadTime, today: date) -> tuple[date, date]:
        """The first and the last day on which goods with that lead time are sent, paid for ``today``."""
        if lead.day:
            day = self._open_day(max(lead.day, today))
            return day, day
        return self._after(today, lead.least, lead.working), self._after(today, lead.most, lead.working)

    def _after(self, today: date, days: int, working: bool) -> date:
        day = today
        for _ in range(days):
            day += timedelta(days=1)
            while working and (day.weekday() >= SATURDAY or self.is_holiday(day)):
                day += timedelta(days=1)
        return self._open_day(day)

    def is_refused(self, warehouses: Sequence[str], code: str) -> bool:
        """Whether every warehouse says that it does not deliver there."""
        found = [self.promise(warehouse, code) for warehouse in warehouses]
        return bool(found) and all(promise is not None and promise.days is None for promise in found)

    def is_holiday(self, day: date) -> bool:
        return any(holiday.start <= day <= holiday.until for holiday in self._holidays)

    def dispatch(self, now: datetime, day: date | None = None, warehouses: Sequence[str] = ()) -> str:
        """When what is paid now, or on ``day``, is sent, in words; ``""`` where the shop promises no hour.

        ``warehouses`` hold the goods, () is all of them. Regions differ in their last hour: the earliest holds for all
        that leave on one day.
        """
        hours = self._last_hours(warehouses)
        if not hours:
            return ""
        hour = min(hours.values())
        if day is None or day <= now.date():
            days = {name: self._dispatch(now, hour)[0] for name, hour in hours.items()}
            each = [{name for name in hours if days[name] == leaves} for leaves in sorted({*days.values()})]
            before = [
                f"{say_day(days[min(names)], now.date())}{say_time(min(hours[name] for name in names))}前付款，"
                f"{'、'.join(name for name in hours if name in names and name) if len(each) > 1 else ''}当天发货"
                for names in each
            ]
            return "；".join(before)
        asked = datetime.combine(day, time(0), now.tzinfo)
        leaves, _ = self._dispatch(asked, hour)
        if leaves == day:
            return f"{say_day(day, now.date())}正常发货，当天{say_time(hour)}前付款当天发出"
        name = next(h.name for h in self._holidays if h.start <= day <= h.until)
        return f"{name or say_day(day, now.date())}休息不发货，{say_day(leaves, now.date())}起恢复发货"

    def _last_hours(self, warehouses: Sequence[str]) -> dict[str, time]:
        """The earliest last hour of each warehouse; what is promised of no warehouse counts where no other is."""
        hours: dict[str, time] = {}
        for (warehouse, _), promise in self._promises.items():
            if promise.cutoff and (not warehouses or warehouse in warehouses or not warehouse):
                hours[warehouse] = min(hours.get(warehouse, promise.cutoff), promise.cutoff)
        return {name: hour for name, hour in hours.items() if name} or hours

    def _dispatch(self, now: datetime, cutoff: time | None) -> tuple[date, datetime | None]:
        """The day it leaves and the moment before which it must be paid for that."""
        day = now.date()
        if cutoff is not None and now.time() >= cutoff:
            day += timedelta(days=1)
        day = self._open_day(day)
        return day, None if cutoff is None else datetime.combine(day, cutoff, now.tzinfo)

    def _open_day(self, day: date) -> date:
        """That day, or the first after the holiday that it is in."""
        while self.is_holiday(day):
            day += timedelta(days=1)
        return day


def promise_delivery(
    book: DeliveryBook, warehouses: Sequence[str], place: Place, now: datetime, when: When | None = None,
    lead: LeadTime | None = None,
) -> Delivery:  # fmt: skip
    """The earliest arrival from those ``warehouses`` (which hold the goods), and whether it is early enough.

    A slower, ordinary service is preferred when it is early enough. The sentence begins with the answer, or asks which
    place is meant where several of one name are promised differently. Goods with a ``lead`` time may be in no warehouse
    yet: then the slowest of the shop's counts. They are early enough where the latest of their days is.
    """
    if lead:
        return _promise_after(lead, book, warehouses, place, now, when)
    if asks := _ask_which(book, warehouses, place):
        return asks
    arrivals = [one for warehouse in warehouses for one in book.arrivals(warehouse, place.code, now)]
    if not arrivals:
        return _no_promise(book, warehouses, place)
    best = min(arrivals, key=lambda one: (one.day, _to_be_paid(one, now), one.by or END_OF_DAY, one.express))
    if when is None:
        return Delivery(True, _sentence(best, place, now), best)
    if not best.meets(when):
        wished = when.words or say_day(when.day, now.date())
        return Delivery(False, f"{wished}送到{place.name}来不及，最快{_sentence(best, place, now)}", best)
    ordinary = [one for one in arrivals if not one.express and one.meets(when)]
    chosen = min(ordinary, key=lambda one: one.day) if ordinary else best
    return Delivery(True, f"可以的，{_sentence(chosen, place, now)}", chosen)


def _promise_after(
    lead: LeadTime, book: DeliveryBook, held: Sequence[str], place: Place, now: datetime, when: When | None
) -> Delivery:
    warehouses = held or book.warehouses
    if asks := _ask_which(book, warehouses, place):
        return asks
    arrivals = [one for warehouse in warehouses for one in book.arrivals_after(lead, warehouse, place.code, now)]
    if not arrivals:
        return _no_promise(book, warehouses, place)
    if held:
        best = min(arrivals, key=lambda one: one.day)
    else:
        best = replace(max(arrivals, key=lambda one: one.day), warehouse="")
    assert best.first
    sentence = _sentence(best, place, now)
    if when is None:
        return Delivery(True, sentence, best)
    if best.meets(when):
        return Delivery(True, f"可以的，{sentence}", best)
    wished = when.words or say_day(when.day, now.date())
    return Delivery(
        False, f"{wished}送到{place.name}{'恐怕' if best.first <= when.day else ''}来不及，{sentence}", best
    )


def say_dispatch(leaves: tuple[date, date], today: date, warehouse: str = "") -> str:
    """When goods with a lead time are sent that are paid for today."""
    return f"今天付款，预计{say_days(*leaves, today)}{f'从{warehouse}' if warehouse else ''}发货"


def _ask_which(book: DeliveryBook, warehouses: Sequence[str], place: Place) -> Delivery | None:
    """The question which of the places of that name is meant, where they are promised differently."""
    if len({_terms(book, warehouses, one.code) for one in (place, *place.others)}) == 1:
        return None
    names = "、".join(one.name for one in (place, *place.others))
    return Delivery(None, f"请问您说的是{names}中的哪一个？各地的送达时间不一样")


def _no_promise(book: DeliveryBook, warehouses: Sequence[str], place: Place) -> Delivery:
    if book.is_refused(warehouses, place.code):
        return Delivery(False, f"{place.name}目前不在我们的配送范围内，很抱歉")
    return Delivery(None, f"送到{place.name}的时效暂不确定，需要同事核实")


def _to_be_paid(arrival: Arrival, now: datetime) -> date:
    """The last day on which it must be paid: of two services that arrive on one day, that of today is the one told."""
    return arrival.pay_before.date() if arrival.pay_before else now.date()


def _terms(book: DeliveryBook, warehouses: Sequence[str], code: str) -> tuple[tuple[object, ...], ...]:
    """What is promised there, wherever it is."""
    found = [book.promise(warehouse, code) for warehouse in warehouses]
    return tuple((p.days, p.cutoff, p.express, p.express_cutoff, p.express_by) if p is not None else () for p in found)


def _sentence(arrival: Arrival, place: Place, now: datetime) -> str:
    today = now.date()
    warehouse = "" if arrival.warehouse == UNSPLIT else arrival.warehouse
    if arrival.leaves and arrival.first:
        there = say_days(arrival.first, arrival.day, today)
        return f"{say_dispatch(arrival.leaves, today, warehouse)}，{there}送达{place.name}"
    parts = []
    if arrival.pay_before is not None:
        parts.append(f"{say_day(arrival.pay_before.date(), today)}{say_time(arrival.pay_before.time())}前付款")
    if warehouse or arrival.express:
        parts.append(f"{warehouse}{f'走{arrival.express}' if arrival.express else '发货'}")
    by = f"{say_time(arrival.by)}前" if arrival.by else ""
    parts.append(f"预计{say_day(arrival.day, today)}{by}送达{place.name}")
    return "，".join(parts)
