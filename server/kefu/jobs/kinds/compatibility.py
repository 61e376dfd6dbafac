"""Import kind `compatibility`: devices, attribute rules and explicit pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from sqlalchemy import Connection

from kefu.core.catalogue import CompatibilityPair, CompatibilityRule, Device
from kefu.core.catalogue.fit.compatibility import not_told_apart
from kefu.core.catalogue.fit.gaps import pairs_with_own_goods
from kefu.core.catalogue.fit.years import NAMES as YEARS
from kefu.core.catalogue.fit.years import read_years
from kefu.core.catalogue.values import OPERATORS, Operator
from kefu.core.text import first_few
from kefu.errors import BadInput
from kefu.jobs.imports import Column, ImportKind, listed
from kefu.jobs.kinds.cells import filled, limited, one_of, pairs, read_all, several, yes
from kefu.jobs.kinds.unknown import unknown_categories, unknown_products, unknown_skus
from kefu.jobs.tables import SEPARATOR
from kefu.store import catalogue as store

_TYPES = (("device", "机型"), ("rule", "规则"), ("pair", "配对"))
_OPERATORS = {"≤": "<=", "≥": ">=", "==": "="}


def _parse(cells: Mapping[str, str]) -> Iterable[store.CompatibilityItem]:
    kind = one_of(cells["type"], _TYPES, "type")
    if kind == "device":
        return [_device(cells)]
    return [_rule(cells) if kind == "rule" else _pair(cells)]


def _device(cells: Mapping[str, str]) -> Device:
    found = read_all(model=lambda: _model(cells), attributes=lambda: _attributes(cells["attributes"]))
    return Device(found["model"], several(cells["aliases"]), found["attributes"])


def _attributes(cell: str) -> tuple[tuple[str, str], ...]:
    attributes = pairs(cell)
    for name, value in attributes:
        if name.lower() in YEARS:
            read_years(value)
    return attributes


def _model(cells: Mapping[str, str]) -> str:
    return limited(filled(cells["device"], "device", "Write the model's name."), "device", 128)


def _rule(cells: Mapping[str, str]) -> CompatibilityRule:
    needed = "A rule is about products of a category."
    found = read_all(
        category=lambda: limited(filled(cells["category"], "category", needed), "category", 64),
        device_attribute=lambda: limited(
            filled(cells["device_attribute"], "device_attribute", "A rule compares an attribute of the device."),
            "device_attribute", 64,
        ),
        operator=lambda: _operator(cells["operator"]),
        part_attribute=lambda: limited(cells["part_attribute"], "part_attribute", 64),
        value=lambda: limited(cells["value"], "value", 64),
        note=lambda: limited(cells["note"], "note", 255),
        sides=lambda: CompatibilityRule("this category", "a device", "=", cells["part_attribute"], cells["value"]),
    )  # fmt: skip
    return CompatibilityRule(**{name: value for name, value in found.items() if name != "sides"})


def _operator(cell: str) -> Operator:
    written = _OPERATORS.get(cell, cell or "=")
    if written not in OPERATORS:
        raise BadInput(f"operator “{cell}” compares nothing.", f"Use one of {' '.join(OPERATORS)}.")
    return cast(Operator, written)


def _pair(cells: Mapping[str, str]) -> CompatibilityPair:
    found = read_all(
        device=lambda: _model(cells),
        fits=lambda: yes(filled(cells["fits"], "fits", "Write 是 or 否.")),
        note=lambda: limited(cells["note"], "note", 255),
        part=lambda: CompatibilityPair(cells["device"] or "a device", True, cells["product"], cells["sku"]),
    )
    return CompatibilityPair(found["device"], found["fits"], cells["product"], cells["sku"], found["note"])


def _key(item: store.CompatibilityItem) -> str:
    if isinstance(item, Device):
        return f"device {item.model}"
    if isinstance(item, CompatibilityRule):
        return f"rule {item.category} {item.part_attribute} {item.operator} {item.device_attribute} {item.value}"
    return f"pair {item.device} {item.product} {item.sku}"


def _warn(connection: Connection, shop_id: int, rows: Sequence[tuple[int, store.CompatibilityItem]]) -> Iterator[str]:
    stored = {item.model: item for item in store.load_compatibility(connection, shop_id) if isinstance(item, Device)}
    new = {item.model: item for _, item in rows if isinstance(item, Device)}
    if new:
        yield from device_gaps([*{**stored, **new}.values()])
    rules = [(number, item.category) for number, item in rows if isinstance(item, CompatibilityRule)]
    pairs_ = [(number, item) for number, item in rows if isinstance(item, CompatibilityPair)]
    hint = "Correct it, or import the products: until then the {} says nothing."
    yield from unknown_categories(connection, shop_id, rules, hint.format("rule"))
    yield from unknown_products(connection, shop_id, ((n, pair.product) for n, pair in pairs_), hint.format("pair"))
    yield from unknown_skus(connection, shop_id, ((n, pair.sku) for n, pair in pairs_), hint.format("pair"))
    if pairs_:
        yield from pair_gaps(connection, shop_id, rows)


def device_gaps(devices: Sequence[Device]) -> Iterator[str]:
    """A sentence about the devices that years should tell apart and do not."""
    if groups := [" and ".join(models) for models in not_told_apart(devices)]:
        yield (
            f"Devices of one name that no years tell apart: {first_few(groups, SHOWN)}. Give each its years in"
            " attributes, like 年款=2013-2017 and 年款=2018至今: the one called just so is taken where no year is said."
        )


SHOWN = 8


def pair_gaps(
    connection: Connection, shop_id: int, rows: Sequence[tuple[int, store.CompatibilityItem]] = ()
) -> Iterator[str]:
    """A sentence about pairs with the shop's own goods, of the file's ``rows`` those in it."""
    rows_of = {_key(item): number for number, item in rows}
    kept = [item for item in store.load_compatibility(connection, shop_id) if _key(item) not in rows_of]
    items = [*kept, *(item for _, item in rows)]
    found = pairs_with_own_goods(store.load_products(connection, shop_id), *store.split_compatibility(items))
    told: dict[str, list[int]] = {}
    for pair in found:
        if not rows or _key(pair) in rows_of:
            told.setdefault(pair.product or pair.sku, []).extend(filter(None, [rows_of.get(_key(pair))]))
    if told:
        yield (
            f"Pairs say only that these fit, and only goods of your own: {listed(told)}. Whoever asks what they can be"
            " used for (能打墙吗) is asked for the device. If they fit most devices, write an entry of the knowledge."
        )


def _dump(item: store.CompatibilityItem) -> Mapping[str, str]:
    if isinstance(item, Device):
        attributes = SEPARATOR.join(f"{name}={value}" for name, value in item.attributes)
        return _row(type="device", device=item.model, aliases=SEPARATOR.join(item.aliases), attributes=attributes)
    if isinstance(item, CompatibilityRule):
        return _row(
            type="rule", category=item.category, part_attribute=item.part_attribute, operator=item.operator,
            device_attribute=item.device_attribute, value=item.value, note=item.note,
        )  # fmt: skip
    fits = "是" if item.fits else "否"
    return _row(type="pair", device=item.device, product=item.product, sku=item.sku, fits=fits, note=item.note)


def _row(**cells: str) -> Mapping[str, str]:
    return {column.name: cells.get(column.name, "") for column in COMPATIBILITY.columns}


COMPATIBILITY = ImportKind(
    name="compatibility",
    help="devices, what parts must have to fit them, and explicit pairs",
    columns=(
        Column("type", "device, rule or pair", required=True, aliases=("类型",)),
        Column("device", "the model's name", aliases=("机型",)),
        Column("aliases", f"device: other names, separated by {SEPARATOR}", aliases=("别名",)),
        Column(
            "attributes",
            f"device: 名=值{SEPARATOR}名=值; several values with /; 年款=2013-2017, 2019至今 or 18款: its years",
            aliases=("属性",),
        ),
        Column("category", "rule: the products it is about", aliases=("类目",)),
        Column("part_attribute", "rule: the part's attribute", aliases=("配件属性",)),
        Column("operator", "rule: = (default), in, <=, >=", aliases=("比较",)),
        Column("device_attribute", "rule: the device's attribute", aliases=("机型属性",)),
        Column("value", "rule: a constant instead of part_attribute: device_attribute operator value", aliases=("值",)),
        Column("product", "pair: the product", aliases=("商品编号",)),
        Column("sku", "pair: or one variant", aliases=("规格编号", "商家编码")),
        Column(
            "fits",
            "pair: 是 or 否; 是 makes it goods that must fit: who asks whether it can be used is asked for the device",
            aliases=("兼容",),
        ),
        Column("note", "said to the customer", aliases=("说明",)),
    ),
    parse=_parse,
    key=_key,
    load=lambda c, s: {_key(item): item for item in store.load_compatibility(c, s)},
    save=store.save_compatibility,
    remove=store.delete_compatibility,
    dump=_dump,
    warn=_warn,
)
