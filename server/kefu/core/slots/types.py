"""The one table of slot types: what each means and who finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from kefu.core.places import PlaceMatch, read_places
from kefu.core.slots import contacts, dates, routes, things, times
from kefu.core.slots.lexicon import Lexicon
from kefu.core.slots.values import Found
from kefu.core.text import with_digits


@dataclass(slots=True)
class Reading:
    """One message being read: normalised text, the moment it is meant at, the shop's words; places found once."""

    text: str
    now: datetime
    lexicon: Lexicon
    _places: tuple[PlaceMatch, ...] | None = field(default=None, repr=False)

    @property
    def places(self) -> tuple[PlaceMatch, ...]:
        """The places in ``text``, looked up at the first use."""
        if self._places is None:
            self._places = read_places(self.text)
        return self._places


Finder = Callable[[Reading], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class SlotType:
    """``title`` is what a shopper is asked for; ``ask`` the question when it is missing."""

    name: str
    title: str
    ask: str
    find: Finder


def _routes(reading: Reading) -> Iterable[Found]:
    return routes.find_routes(reading.text, reading.places)


def _dates(reading: Reading) -> Iterable[Found]:
    return dates.find_dates(reading.text, reading.now.date())


def _times(reading: Reading) -> Iterable[Found]:
    return times.find_times(reading.text, reading.now)


def _addresses(reading: Reading) -> Iterable[Found]:
    return contacts.find_addresses(reading.text, reading.places)


def _place(name: str, title: str, ask: str) -> SlotType:
    return SlotType(name, title, ask, _routes)


SLOT_TYPES: dict[str, SlotType] = {
    row.name: row
    for row in (
        SlotType("email", "邮箱", "请问您的邮箱是多少？", lambda r: contacts.find_emails(r.text)),
        SlotType("phone", "手机号", "请问您的手机号是多少？", lambda r: contacts.find_phones(with_digits(r.text))),
        SlotType("order_no", "订单号", "请问您的订单号是多少？", lambda r: contacts.find_order_numbers(r.text)),
        SlotType("address", "地址", "请问您的收货地址是哪里？", _addresses),
        SlotType("product", "商品", "请问您想了解哪款商品？", lambda r: things.find_products(r.text, r.lexicon)),
        SlotType("model", "型号", "请问您的设备是什么型号？", lambda r: things.find_models(r.text, r.lexicon)),
        SlotType("date", "日期", "请问您说的是哪一天？", _dates),
        SlotType("time", "时间", "请问大概什么时间？", _times),
        SlotType("range", "范围", "请问大概什么范围？", lambda r: things.find_ranges(r.text)),
        SlotType("money", "金额", "请问金额是多少？", lambda r: things.find_money(r.text, r.lexicon)),
        SlotType("attribute", "规格", "请问您要什么颜色或规格？", lambda r: things.find_attributes(r.text, r.lexicon)),
        SlotType("quantity", "数量", "请问您需要几件？", lambda r: things.find_quantities(r.text)),
        SlotType("person", "姓名", "请问怎么称呼您？", lambda r: contacts.find_persons(r.text)),
        _place("city", "城市", "请问您在哪个城市？"),
        _place("area", "区县", "请问您在哪个区县？"),
        _place("province", "省份", "请问您在哪个省份？"),
        _place("from_city", "发货城市", "请问从哪个城市发出？"),
        _place("to_city", "收货城市", "请问要送到哪个城市？"),
        _place("from_area", "发货区县", "请问从哪个区县发出？"),
        _place("to_area", "收货区县", "请问要送到哪个区县？"),
        _place("from_province", "发货省份", "请问从哪个省份发出？"),
        _place("to_province", "收货省份", "请问要送到哪个省份？"),
    )
}
"""In order of precedence: where two slots claim the same characters, the earlier type keeps them."""
