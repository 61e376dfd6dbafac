"""Import kind `stock`: quantities by SKU and warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from kefu.core.catalogue import UNSPLIT, StockRow
from kefu.core.text import first_few
from kefu.errors import BadInput
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import coming_day, limited, moment, now, read_all, shop_zone, stocked, whole
from kefu.jobs.kinds.unknown import unknown_skus
from kefu.store import stock as store


def _parse(cells: Mapping[str, str]) -> Iterable[StockRow]:
    found = read_all(
        sku=lambda: limited(cells["sku"], "sku", 64),
        warehouse=lambda: limited(cells["warehouse"], "warehouse", 64),
        quantity=lambda: stocked(cells["quantity"], "quantity"),
        as_of=lambda: moment(cells["as_of"], "as_of") or now(),
        incoming=lambda: coming_day(cells["incoming"], "incoming", now().astimezone(shop_zone()).date()),
        incoming_quantity=lambda: whole(cells["incoming_quantity"] or "0", "incoming_quantity"),
    )
    return [StockRow(**found)]


def _load(connection, shop_id: int) -> dict[str, StockRow]:
    """Present rows under the import's key, without the version that a file does not have."""
    return {
        f"{sku} {warehouse}": StockRow(sku, warehouse, row.quantity, row.as_of, row.incoming, row.incoming_quantity)
        for (sku, warehouse), row in store.load_stock(connection, shop_id).items()
    }


def _refuse_twice(connection: Connection, shop_id: int, rows: Sequence[tuple[int, StockRow]]) -> None:
    """Raises BadInput if stock without a warehouse, all there is of a SKU, and that of a warehouse would add up."""
    split = {row.sku: row.warehouse for _, row in rows if row.warehouse != UNSPLIT}
    whole = {row.sku: row.quantity for _, row in rows if row.warehouse == UNSPLIT}
    named = sorted({*split.values(), *store.warehouses_of(connection, shop_id)} - {UNSPLIT})
    if named and whole.keys() - split.keys():
        raise BadInput(
            f"Stock without a warehouse would be counted twice: the shop has stock in {'、'.join(named[:5])}.",
            "Add the column warehouse (仓库) to the file.",
        )
    unsplit = store.quantities_in(connection, shop_id, UNSPLIT) | whole
    if twice := [sku for sku in split if unsplit.get(sku)]:
        raise BadInput(
            f"{first_few(twice, 10)}: there is stock from a file without warehouses, in"
            f" {UNSPLIT}; with that of a warehouse it would be counted twice.",
            f"Add a row with warehouse {UNSPLIT} and quantity 0 for each of them.",
        )


def _warn(connection: Connection, shop_id: int, rows: Sequence[tuple[int, StockRow]]) -> Iterator[str]:
    _refuse_twice(connection, shop_id, rows)
    hint = "Nobody is told of this stock: correct the SKU, or import the products that have it."
    yield from unknown_skus(connection, shop_id, ((number, row.sku) for number, row in rows), hint)
    given = {row.sku for _, row in rows}
    if missing := [sku for sku in store.skus_without_stock(connection, shop_id) if sku not in given]:
        some = f"{len(missing)} ({first_few(missing, 10)})"
        yield f"SKUs without any stock row yet, which are answered “库存暂不确定”: {some}."


def _dump(row: StockRow) -> Mapping[str, str]:
    return {
        "sku": row.sku,
        "warehouse": row.warehouse,
        "quantity": str(row.quantity),
        "as_of": row.as_of.astimezone(shop_zone()).isoformat(),
        "incoming": row.incoming.isoformat() if row.incoming else "",
        "incoming_quantity": str(row.incoming_quantity or ""),
    }


STOCK = ImportKind(
    name="stock",
    help="stock by SKU and warehouse",
    columns=(
        Column(
            "sku", "the variant's id", required=True, aliases=("规格编号", "规格编码", "商家编码", "SKU编码", "SKU ID")
        ),
        Column(
            "warehouse",
            f"the warehouse's name; without this column {UNSPLIT}, as long as no stock of the shop has a warehouse",
            required=True,
            aliases=("仓库", "仓库名称"),
            default=UNSPLIT,
        ),
        Column(
            "quantity",
            "how many can be sold now: 20, 100+ (= 100), 无货 (= 0)",
            required=True,
            aliases=("数量", "库存", "库存数量", "可售库存", "可用库存", "宝贝数量"),
        ),
        Column(
            "as_of",
            "when it was counted, like 2026-11-22 10:30; empty = now (KEFU_NOW)",
            aliases=("盘点时间", "更新时间"),
        ),
        Column(
            "incoming",
            "the date more arrives: 2026-12-05, 2026.12.05, 12月5日, 12/5 (the next such day)",
            aliases=("到货日期", "预计到货", "到货时间"),
        ),
        Column("incoming_quantity", "how many arrive", aliases=("到货数量",)),
    ),
    parse=_parse,
    key=lambda row: f"{row.sku} {row.warehouse}",
    load=_load,
    save=store.save_stock,
    remove=store.delete_stock,
    dump=_dump,
    warn=_warn,
)
