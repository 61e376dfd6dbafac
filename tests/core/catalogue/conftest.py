"""A small shop that the catalogue's tests share: the fixture `little` is this module."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from kefu.core.catalogue import (
    EVERYWHERE,
    Catalogue,
    Compatibility,
    CompatibilityPair,
    CompatibilityRule,
    DeliveryBook,
    DeliveryPromise,
    Device,
    Holiday,
    JargonTerm,
    Place,
    Product,
    Shelf,
    StockRow,
    Variant,
    When,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=ZONE)
"""A Friday."""
TODAY = NOW.date()
HANGZHOU = Place("330100", "杭州市")
SUZHOU = Place("320500", "苏州市")
TOMORROW = When(TODAY + timedelta(days=1), None, "明天")
TONIGHT = When(TODAY, time(23, 59), "今晚")


def variant(
    sku: str, price: int | None = None, aliases: tuple[str, ...] = (), code: str = "", **values: str
) -> Variant:
    return Variant(sku, tuple(values.items()), aliases, (code,) if code else (), price)


PRODUCTS = (
    Product(
        "bag",
        "A产品",
        (
            variant("BAG-L", 12900, ("L",), 尺码="大号"),
            variant("BAG-M", 12900, 尺码="中号"),
            variant("BAG-XL", 13900, 尺码="特大号"),
        ),
        ("云岭电脑包",),
        "电脑包",
        "云岭",
        "个",
    ),
    Product(
        "mouse",
        "雀影 L1 无线鼠标",
        (variant("MS-BK", 5900, 颜色="黑色"), variant("MS-WH", 5900, 颜色="白色")),
        ("雀影鼠标",),
        "鼠标",
        "雀影",
        "个",
    ),
    Product(
        "ram5",
        "疾澜 DDR5 笔记本内存条",
        (
            variant("RAM5-16", 28900, code="6901234567892", 容量="16GB", 类型="DDR5", 形态="SO-DIMM"),
            variant("RAM5-32", 55900, 容量="32GB", 类型="DDR5", 形态="SO-DIMM"),
        ),
        ("疾澜D5",),
        "内存条",
        "疾澜",
        "条",
    ),
    Product(
        "ram4",
        "疾澜 DDR4 笔记本内存条",
        (
            variant("RAM4-8", 13900, 容量="8GB", 类型="DDR4", 形态="SO-DIMM"),
            variant("RAM4-16", 23900, 容量="16GB", 类型="DDR4", 形态="SO-DIMM"),
        ),
        ("疾澜D4",),
        "内存条",
        "疾澜",
        "条",
    ),
    Product(
        "cable", "直行 HDMI 高清线", (variant("HD-15", 长度="1.5米"), variant("HD-3", 长度="3米")), ("HDMI线",), "线材"
    ),
    Product("card", "云盘会员卡", (variant("C-1", 1500, 期限="1个月"),), ("云盘会员",), "卡密", "云盘", "张", True),
)

JARGON = (
    JargonTerm("条子", "内存条"),
    JargonTerm("内存", "内存条"),
    JargonTerm("大书包", sku="BAG-L"),
    JargonTerm("雀儿", product="mouse"),
)

STOCK = {
    "BAG-L": (("杭州仓", 12), ("广州仓", 3)),
    "BAG-M": (("杭州仓", 0),),
    "MS-BK": (("广州仓", 5),),
    "MS-WH": (("广州仓", 0),),
    "RAM5-16": (("杭州仓", 42),),
    "RAM5-32": (("杭州仓", 0),),
    "RAM4-8": (("杭州仓", 7),),
    "RAM4-16": (("杭州仓", 9),),
    "HD-15": (("杭州仓", 1),),
    "C-1": (("虚拟仓", 99),),
}

PROMISES = (
    DeliveryPromise("杭州仓", "330100", 1, time(18, 0), "当晚达", time(12, 0), time(21, 30)),
    DeliveryPromise("杭州仓", "320500", 1, time(18, 0), "当晚达", time(15, 0), time(22, 0)),
    DeliveryPromise("杭州仓", "330000", 2, time(18, 0)),
    DeliveryPromise("广州仓", "440000", 1, time(18, 0)),
    DeliveryPromise("", "710000", None),
    DeliveryPromise("", EVERYWHERE, 3, time(16, 0)),
)

DEVICES = (
    Device(
        "云帆 Book 14",
        ("Book14", "云帆14"),
        (("内存类型", "DDR5"), ("内存形态", "SO-DIMM"), ("单条最大", "16GB"), ("内存插槽", "2")),
    ),
    Device("云帆 Air 13", (), (("内存类型", "DDR5"), ("内存形态", "SO-DIMM"), ("单条最大", "32GB"), ("内存插槽", "0"))),
    Device(
        "老船 X200", ("X200",), (("内存类型", "DDR4"), ("内存形态", "SO-DIMM"), ("单条最大", "16GB"), ("内存插槽", "1"))
    ),
    Device("谜 One", (), (("内存形态", "SO-DIMM"),)),
)

RULES = (
    CompatibilityRule("内存条", "内存类型", "=", "类型"),
    CompatibilityRule("内存条", "内存形态", "=", "形态"),
    CompatibilityRule("内存条", "单条最大", "<=", "容量"),
    CompatibilityRule("内存条", "内存插槽", ">=", "", "1", "内存焊死在主板上"),
)

PAIRS = (
    CompatibilityPair("云帆 Book 14", True, product="mouse"),
    CompatibilityPair("老船 X200", False, sku="RAM4-16", note="实测不稳定"),
)


def catalogue() -> Catalogue:
    return Catalogue.build(PRODUCTS, JARGON)


def compatibility() -> Compatibility:
    return Compatibility(DEVICES, RULES, PAIRS)


def shelf(
    stock: Mapping[str, Sequence[tuple[str, int]]] = STOCK,
    *,
    now: datetime = NOW,
    as_of: datetime = NOW - timedelta(hours=1),
    incoming: date | None = None,
    holidays: tuple[Holiday, ...] = (),
    address: str = "亲",
) -> Shelf:
    """The shop at 14:00 on a Friday with ``stock`` counted an hour ago."""

    def stock_of(skus: Sequence[str]) -> dict[str, tuple[StockRow, ...]]:
        return {
            sku: tuple(
                StockRow(sku, place, count, as_of, incoming if not count else None, 50) for place, count in stock[sku]
            )
            for sku in skus
            if sku in stock
        }

    return Shelf(catalogue(), stock_of, DeliveryBook(PROMISES, holidays), now, timedelta(hours=48), address)


@pytest.fixture(scope="session")
def little() -> ModuleType:
    """The small shop: its values, `catalogue()`, `compatibility()` and `shelf(…)`."""
    return sys.modules[__name__]
