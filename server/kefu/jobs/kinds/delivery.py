"""Import kind `delivery`: promises by warehouse and region, and holidays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import time

from sqlalchemy import Connection

from kefu.core.catalogue import DeliveryPromise, Holiday
from kefu.core.catalogue.delivery.gaps import delivery_gaps
from kefu.errors import BadInput
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import clock, day, limited, one_of, read_all
from kefu.jobs.kinds.regions import region_codes, region_name
from kefu.store import delivery as store
from kefu.store.stock import sending_warehouses

_TYPES = (("promise", "承诺"), ("holiday", "假期"))


_SAID = {
    "-": None, "—": None, "无": None,
    "不发": None, "不发货": None, "不送": None, "不配送": None, "不到": None, "不支持": None,
    "当日": 0, "当天": 0, "当日达": 0, "当天达": 0, "次日": 1, "次日达": 1, "隔日": 2, "隔日达": 2,
}  # fmt: skip
_COUNTED = re.compile(r"(?:(\d{1,3})\s*[天日]?\s*[-–—~～至到]\s*)?(\d{1,3})(?:\.0+)?\s*[天日]?")


def days_of(cell: str) -> int | None:
    """Days from dispatch to arrival, of a span the later; None = not delivered. Raises BadInput."""
    text = cell.strip()
    if text in _SAID:
        return _SAID[text]
    found = _COUNTED.fullmatch(text)
    if found is None or int(found[1] or 0) > int(found[2]):
        raise BadInput(
            f"days “{cell}” is no whole number of days.",
            "Write 3, 3天 or 2-3天 (the later counts), 当日 (0), 次日 (1), 隔日 (2), or - (不发) for not delivered.",
        )
    return int(found[2])


def _parse(cells: Mapping[str, str]) -> Iterable[store.DeliveryItem]:
    if one_of(cells["type"], _TYPES, "type", "promise") == "holiday":
        return [_holiday(cells)]
    if not cells["region"] or not cells["days"]:
        raise BadInput("A promise needs region and days.", "Write 全国 for everywhere, - for not delivered.")
    found = read_all(
        warehouse=lambda: limited(cells["warehouse"], "warehouse", 64),
        region=lambda: region_codes(cells["region"]),
        days=lambda: days_of(cells["days"]),
        cutoff=lambda: clock(cells["cutoff"], "cutoff"),
        express=lambda: limited(cells["express"], "express", 32),
        express_cutoff=lambda: clock(cells["express_cutoff"], "express_cutoff"),
        express_by=lambda: clock(cells["express_by"], "express_by"),
    )
    return [DeliveryPromise(**{**found, "region": region}) for region in found["region"]]


def _holiday(cells: Mapping[str, str]) -> Holiday:
    if not cells["date"]:
        raise BadInput("The holiday has no date.", "Fill in its first day.")
    found = read_all(
        start=lambda: day(cells["date"], "date"),
        until=lambda: day(cells["until"], "until"),
        name=lambda: limited(cells["name"], "name", 64),
    )
    return Holiday(found["start"], found["until"] or found["start"], found["name"])


def _key(item: store.DeliveryItem) -> str:
    if isinstance(item, Holiday):
        return f"holiday {item.start}"
    return f"{item.warehouse or 'every warehouse'} {region_name(item.region)}"


def _dump(item: store.DeliveryItem) -> Mapping[str, str]:
    if isinstance(item, Holiday):
        return _row(type="holiday", date=item.start.isoformat(), until=item.until.isoformat(), name=item.name)
    return _row(
        type="promise", warehouse=item.warehouse, region=region_name(item.region),
        days="-" if item.days is None else str(item.days), cutoff=_written(item.cutoff), express=item.express,
        express_cutoff=_written(item.express_cutoff), express_by=_written(item.express_by),
    )  # fmt: skip


def _row(**cells: str) -> Mapping[str, str]:
    return {column.name: cells.get(column.name, "") for column in DELIVERY.columns}


def _written(moment: time | None) -> str:
    return moment.strftime("%H:%M") if moment else ""


def _load(connection, shop_id: int) -> dict[str, store.DeliveryItem]:
    items: list[store.DeliveryItem] = [
        *store.load_promises(connection, shop_id),
        *store.load_holidays(connection, shop_id),
    ]
    return {_key(item): item for item in items}


def _warn(connection: Connection, shop_id: int, rows: Sequence[tuple[int, store.DeliveryItem]]) -> Iterator[str]:
    """What the shop's table leaves open, with the rows of the file."""
    promises = {_key(promise): promise for promise in store.load_promises(connection, shop_id)}
    promises |= {_key(item): item for _, item in rows if isinstance(item, DeliveryPromise)}
    yield from delivery_gaps([*promises.values()], sending_warehouses(connection, shop_id))


DELIVERY = ImportKind(
    name="delivery",
    help="delivery promises and holidays",
    columns=(
        Column("type", "promise (default) or holiday", aliases=("类型",)),
        Column("warehouse", "a warehouse of the stock; empty = every one", aliases=("仓库",)),
        Column(
            "region",
            "province, city, district or code, several with 、 / or a blank between (广东、广西), or a group (江浙沪,"
            " 东北, 珠三角): one promise for each; 全国 = everywhere else",
            aliases=("地区", "区域"),
        ),
        Column(
            "days",
            "days from dispatch to arrival: 3, 3天, 2-3天 (the later), 当日 = 0, 次日 = 1, 隔日 = 2; - or 不发: never",
            aliases=("天数", "时效"),
        ),
        Column("cutoff", "orders before it leave the same day, like 18:00", aliases=("截单", "截单时间")),
        Column("express", "name of a faster service, like 当晚达", aliases=("特快",)),
        Column("express_cutoff", "orders before it get the faster service", aliases=("特快截单",)),
        Column("express_by", "it arrives the same day by then", aliases=("特快送达",)),
        Column("date", "holiday: its first day, nothing is dispatched", aliases=("开始日期",)),
        Column("until", "holiday: its last day; empty = one day", aliases=("结束日期",)),
        Column("name", "holiday: its name", aliases=("名称",)),
    ),
    parse=_parse,
    key=_key,
    load=_load,
    save=store.save_delivery,
    remove=store.delete_delivery,
    dump=_dump,
    warn=_warn,
    advice="""\
A narrower region wins over a wider one, a warehouse's row over one without a warehouse. 华东, 华北, 华南 and 偏远地区
mean different provinces to different people: name the provinces. 港澳台 is in no row for 全国.""",
)
