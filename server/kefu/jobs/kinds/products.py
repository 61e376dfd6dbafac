"""Import kind `products`: one row a variant; product cells may be empty below a product's first row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection

from kefu.core.catalogue import Product, Variant
from kefu.jobs.imports import Column, ImportKind, listed
from kefu.jobs.kinds.cells import limited, now, pairs, price, read_all, several, shop_zone, yes
from kefu.jobs.kinds.descriptions import one_description_each
from kefu.jobs.kinds.lead_time import lead_time
from kefu.jobs.kinds.naming import naming_slips
from kefu.jobs.tables import SEPARATOR, TableRow, read_table
from kefu.store import catalogue as store
from kefu.store.catalogue import ProductRow

UNNAMED = "规格"
"""The attribute whose value is a cell that names none."""

_PRODUCT = (
    Column(
        "product",
        "the product's id, the same on all its rows; may be empty right below its first row (merged cells)",
        required=True,
        aliases=("商品编号", "产品编号", "商品ID", "宝贝ID", "货号", "款号", "SPU"),
    ),
    Column(
        "name",
        "the product's name; may be empty below its first row",
        required=True,
        aliases=("商品名", "产品名", "名称", "商品名称", "产品名称", "宝贝标题", "商品标题", "标题"),
    ),
    Column(
        "aliases",
        f"other names, separated by {SEPARATOR}, the one to be said first: replies call goods with a listing's title by"
        " the first alias of 2 Chinese characters or of 3 to 20",
        aliases=("别名",),
    ),
    Column(
        "category",
        "what kind of thing it is; compatibility rules speak of it",
        aliases=("类目", "分类", "商品类目", "宝贝类目", "商品分类"),
    ),
    Column("brand", "its brand", aliases=("品牌",)),
    Column("unit", "how it is counted: 件 (default), 条, 块, 份 …", aliases=("单位",)),
    Column(
        "virtual",
        "是 = delivered automatically after payment, nothing is shipped; needs no stock row",
        aliases=("虚拟",),
    ),
    Column(
        "description",
        "a sentence about it; where a product's rows say different ones, each is kept as one about its variant",
        aliases=("描述", "说明", "商品描述", "卖点"),
    ),
)

_LEAD_TIME_NAMES = (
    "备货天数 备货时间 备货周期 定制周期 定制天数 定制时间 备货/定制周期 生产周期 生产天数 制作周期 制作天数"
    " 制作时间 工期 货期 交期 发货周期 预售发货 预售发货时间 预售时间 lead_days lead"
)

_VARIANT = (
    Column(
        "sku",
        "the variant's id, unique in the shop",
        required=True,
        aliases=("规格编号", "规格编码", "商家编码", "SKU编码", "SKU ID"),
    ),
    Column(
        "attributes",
        f"名=值{SEPARATOR}名=值 (or 名:值;名:值): what tells variants apart and what compatibility rules read;"
        f" a cell without a name (30ml 白) is {UNNAMED}",
        aliases=("属性", "规格", "销售属性", "规格属性", "规格名称", "商品规格"),
    ),
    Column("variant_aliases", "other names of the variant", aliases=("规格别名",)),
    Column("barcode", "barcodes", aliases=("条码", "条形码", "商品条码")),
    Column(
        "price",
        "yuan, at most two decimals; of goods whose unit is a measure (米, 斤) that of one unit",
        aliases=("价格", "售价", "一口价", "单价", "销售价"),
    ),
    Column(
        "lead_time",
        "of goods made to order, ordered in or on presale: from payment to dispatch (30, 25-30天, 3个工作日, 48小时)"
        " or the day they are sent (2026-12-20); empty = they leave at once, where the name is empty too: as above",
        aliases=(*_LEAD_TIME_NAMES.split(), "lead time"),
    ),
)
_FILLED = (*_PRODUCT[:-1], _VARIANT[-1])
"""Columns whose empty cells may take the value of the row above; a description may be of one variant only."""
_TOLD = ("product", "name", "lead_time")
"""Columns that decide how a row is filled."""


def _read(path: Path) -> Iterator[TableRow]:
    """Empty product cells take the value of the row above, as long as that is the same product: it has the same id, or
    comes right below without id and name, as merged cells are exported.

    An empty lead time does where the name is empty too: in a file that repeats the product it means that there is none.
    Of several columns for it (备货天数, 预售发货) the one that is filled counts.
    """
    names = {alias.lower(): column.name for column in _FILLED for alias in (column.name, *column.aliases)}
    above: dict[str, str] = {}
    at = 0
    for row in read_table(path):
        own = {header: value for header, value in row.values.items() if header in names}
        told = {column: next(filter(None, (v for h, v in own.items() if names[h] == column)), "") for column in _TOLD}
        own = {header: told.get(names[header], value) for header, value in own.items()}
        lines = 1 + sum(value.count("\n") for value in row.values.values())  # a CSV's row may have several
        goes_on = not told["product"] and told["name"] in ("", above.get("name")) and row.number - at <= lines
        if above.get("product") and (goes_on or told["product"] == above["product"]):
            kept = {"lead_time"} if told["name"] else set()
            filled = {h: value or ("" if names[h] in kept else above.get(names[h], "")) for h, value in own.items()}
        else:
            filled = own
        above, at = {names[header]: value for header, value in filled.items()}, row.number
        yield TableRow(row.number, {**row.values, **filled})


def _parse(cells: Mapping[str, str]) -> Iterable[ProductRow]:
    found = read_all(
        product=lambda: limited(cells["product"], "product", 64),
        name=lambda: limited(cells["name"], "name", 255),
        category=lambda: limited(cells["category"], "category", 64),
        brand=lambda: limited(cells["brand"], "brand", 64),
        unit=lambda: limited(cells["unit"] or "件", "unit", 16),
        virtual=lambda: yes(cells["virtual"]),
        sku=lambda: limited(cells["sku"], "sku", 64),
        attributes=lambda: _attributes(cells["attributes"]),
        price=lambda: price(cells["price"]),
        lead_time=lambda: lead_time(cells["lead_time"], now().astimezone(shop_zone()).date()),
    )
    product = Product(
        id=found["product"],
        variants=(),
        aliases=several(cells["aliases"]),
        description=cells["description"],
        **{name: found[name] for name in ("name", "category", "brand", "unit", "virtual")},
    )
    variant = Variant(
        aliases=several(cells["variant_aliases"]),
        barcodes=several(cells["barcode"]),
        **{name: found[name] for name in ("sku", "attributes", "price", "lead_time")},
    )
    return [ProductRow(product, variant)]


def _attributes(cell: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a cell; one that names no attribute at all (30ml 白, 白色;XL) is one value of 规格."""
    if re.search("[=:：]", cell) or not cell:
        return pairs(cell)
    return ((UNNAMED, " ".join(re.split(r"[;；|\s]+", cell))),)


def _slips(rows: Sequence[tuple[int, ProductRow]]) -> Iterator[str]:
    """Of a product some of whose variants name their attributes, one that does not is a slip."""
    naming = {row.product.id for _, row in rows if any(name != UNNAMED for name, _ in row.variant.attributes)}
    slips: dict[str, list[int]] = {}
    for number, row in rows:
        if row.product.id in naming and [name for name, _ in row.variant.attributes] == [UNNAMED]:
            slips.setdefault(row.variant.attributes[0][1], []).append(number)
    if slips:
        hint = f"Write 名=值, as the product's other rows do, or it is known as {UNNAMED} only."
        yield f"No attribute is named in {listed(slips)}. {hint}"


def _dump(row: ProductRow) -> Mapping[str, str]:
    product, variant = row.product, row.variant
    return {
        "product": product.id,
        "name": product.name,
        "aliases": SEPARATOR.join(product.aliases),
        "category": product.category,
        "brand": product.brand,
        "unit": product.unit,
        "virtual": "是" if product.virtual else "否",
        "sku": variant.sku,
        "attributes": SEPARATOR.join(f"{name}={value}" for name, value in variant.attributes),
        "variant_aliases": SEPARATOR.join(variant.aliases),
        "barcode": SEPARATOR.join(variant.barcodes),
        "price": "" if variant.price is None else f"{variant.price // 100}.{variant.price % 100:02d}",
        "lead_time": variant.lead_time.written if variant.lead_time else "",
        "description": product.description,
    }


def _past(rows: Sequence[tuple[int, ProductRow]]) -> Iterator[str]:
    today = now().astimezone(shop_zone()).date()
    over: dict[str, list[int]] = {}
    for number, row in rows:
        if row.variant.lead_time and not row.variant.lead_time.holds(today):
            over.setdefault(row.variant.sku, []).append(number)
    if over:
        yield f"The day of dispatch is past of {listed(over)}: they are answered like goods that leave at once."


def _warn(_connection: Connection, _shop_id: int, rows: Sequence[tuple[int, ProductRow]]) -> Iterator[str]:
    yield from _slips(rows)
    yield from _past(rows)
    yield from naming_slips(rows)


_ADVICE = """\
One attribute a fact, the same name in all rows of the product. A listing's 中果5斤装（果径70-75mm） holds three:
  规格: 果级=中果|净含量=5斤|果径=70-75mm      规格别名: 五斤的
As one value (规格=中果5斤装（果径70-75mm）) it is found by its words (中果, 5斤, 五斤大果), split also by what compares
sizes or lies between (大的5斤, 72mm 9斤, 80-85的). What customers call the whole (两瓶装, 四个的) is a 规格别名.
每盒=20个 hides how many are wanted: write it into 描述, as 一箱4包 where a box is no row of its own. What holds for
all rows (12个月以上, 含牛奶) belongs there too. 描述 may differ from row to row: each is kept with its variant."""


PRODUCTS = ImportKind(
    name="products",
    help="products and their variants, one row a variant",
    columns=(*_PRODUCT[:-1], *_VARIANT, _PRODUCT[-1]),
    parse=_parse,
    key=lambda row: row.variant.sku,
    load=store.load_product_rows,
    save=store.save_product_rows,
    remove=lambda c, s, rows: store.delete_variants(c, s, [row.variant.sku for row in rows]),
    dump=_dump,
    settle=one_description_each,
    unique=True,
    reader=_read,
    warn=_warn,
    advice=_ADVICE,
)
