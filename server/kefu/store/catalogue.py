"""Products, variants, jargon and compatibility of a shop."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    select,
)  # fmt: skip

from kefu.core.catalogue import (
    Catalogue,
    CompatibilityPair,
    CompatibilityRule,
    Device,
    JargonTerm,
    LeadTime,
    Product,
    Variant,
)
from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.upsert import delete_rows, upsert


def _shop_id() -> Column[int]:
    return Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)


products = Table(
    "products",
    metadata,
    _shop_id(),
    Column("id", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("aliases", Text, nullable=False),
    Column("category", String(64), nullable=False),
    Column("brand", String(64), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("virtual", Boolean, nullable=False),
    Column("description", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

variants = Table(
    "variants",
    metadata,
    _shop_id(),
    Column("sku", String(64), primary_key=True),
    Column("product_id", String(64), nullable=False),
    Column("attributes", Text, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("barcodes", Text, nullable=False),
    Column("price", BigInteger),
    Column("lead_time", String(32), nullable=False, server_default=""),
    Column("position", Integer, nullable=False),
)

jargon = Table(
    "jargon",
    metadata,
    _shop_id(),
    Column("term", String(64), primary_key=True),
    Column("means", String(255), nullable=False),
    Column("product", String(64), nullable=False),
    Column("sku", String(64), nullable=False),
)

devices = Table(
    "devices",
    metadata,
    _shop_id(),
    Column("model", String(128), primary_key=True),
    Column("aliases", Text, nullable=False),
    Column("attributes", Text, nullable=False),
)

compatibility_rules = Table(
    "compatibility_rules",
    metadata,
    _shop_id(),
    Column("category", String(64), primary_key=True),
    Column("part_attribute", String(64), primary_key=True),
    Column("operator", String(2), primary_key=True),
    Column("device_attribute", String(64), primary_key=True),
    Column("value", String(64), primary_key=True),
    Column("note", String(255), nullable=False),
)

compatibility_pairs = Table(
    "compatibility_pairs",
    metadata,
    _shop_id(),
    Column("device", String(128), primary_key=True),
    Column("product", String(64), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("fits", Boolean, nullable=False),
    Column("note", String(255), nullable=False),
)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One variant with its product's own facts (``product.variants`` is empty): a row of an import file."""

    product: Product
    variant: Variant


def _row(table: Table, shop_id: int, value: object, **more: object) -> dict[str, object]:
    """``value`` as a row: each column is given in ``more`` or is the field of its name, tuples as JSON."""
    given = {"shop_id": shop_id, **more}
    names = (column.name for column in table.c)
    return {name: given[name] if name in given else _stored(getattr(value, name)) for name in names}


def _stored(value: object) -> object:
    return orjson.dumps(value).decode() if isinstance(value, tuple) else value


class _LeadTimes(dict[str, LeadTime | None]):
    """What is stored → the lead time; most variants have none, and the others few different ones."""

    def __missing__(self, written: str) -> LeadTime | None:
        value = self[written] = LeadTime.of(written)
        return value


class _Tuples(dict[str, tuple]):
    """JSON lists → tuples, equal texts once: a million variants share a few thousand attribute sets."""

    def __missing__(self, text: str) -> tuple:
        value = tuple(tuple(item) if isinstance(item, list) else item for item in orjson.loads(text))
        self[text] = value
        return value


def _load[T](connection: Connection, shop_id: int, table: Table, kind: type[T]) -> list[T]:
    """The shop's rows of ``table`` as ``kind``, in the order of their keys."""
    tuples = _Tuples()
    columns = [column for column in table.c if column.name != "shop_id"]
    lists = [column.name for column in columns if isinstance(column.type, Text)]
    query = select(*columns).where(table.c.shop_id == shop_id).order_by(*table.primary_key)
    return [
        kind(**{**row._mapping, **{name: tuples[row._mapping[name]] for name in lists}})
        for row in connection.execute(query)
    ]


def load_products(connection: Connection, shop_id: int) -> list[Product]:
    """All products with their variants, in the order in which they were first imported."""
    tuples, lead_times = _Tuples({"[]": ()}), _LeadTimes()
    by_product: dict[str, list[Variant]] = {}
    v = variants.c
    query = select(v.product_id, v.sku, v.attributes, v.aliases, v.barcodes, v.price, v.lead_time)
    rows = connection.execute(query.where(v.shop_id == shop_id).order_by(v.position, v.sku)).cursor
    for product_id, sku, attributes, aliases, barcodes, price, lead in _raw(rows):
        codes = tuple(orjson.loads(barcodes))
        variant = Variant(sku, tuples[attributes], tuples[aliases], codes, price, lead_times[lead])
        by_product.setdefault(product_id, []).append(variant)
    p = products.c
    query = select(p.id, p.name, p.aliases, p.category, p.brand, p.unit, p.virtual, p.description)
    found = connection.execute(query.where(p.shop_id == shop_id).order_by(p.position, p.id)).cursor
    return [
        Product(id_, name, tuple(by_product[id_]), tuples[aliases], category, brand, unit, bool(virtual), description)
        for id_, name, aliases, category, brand, unit, virtual, description in _raw(found)
        if id_ in by_product
    ]


def _raw(cursor):
    """Plain tuples of the driver: SQLAlchemy's rows cost more than the query when there are a million."""
    while rows := cursor.fetchmany(10_000):
        yield from rows
    cursor.close()


def load_product_rows(connection: Connection, shop_id: int) -> dict[str, ProductRow]:
    """Every variant by SKU, for import and export."""
    return {
        variant.sku: ProductRow(replace(product, variants=()), variant)
        for product in load_products(connection, shop_id)
        for variant in product.variants
    }


def save_product_rows(connection: Connection, shop_id: int, rows: Sequence[ProductRow]) -> None:
    """Insert or replace variants and the products they belong to; a variant may move to another product."""
    if not rows:
        return
    first = _next_position(connection, variants, shop_id)
    present = connection.execute(select(variants.c.sku, variants.c.position).where(variants.c.shop_id == shop_id))
    places = {row[0]: row[1] for row in present}
    place = [places.get(row.variant.sku, first + at) for at, row in enumerate(rows)]
    upsert(connection, variants, [
        _row(
            variants, shop_id, row.variant, product_id=row.product.id, position=at,
            lead_time=row.variant.lead_time.written if row.variant.lead_time else "",
        )
        for at, row in zip(place, rows, strict=True)
    ])  # fmt: skip
    _save_products(connection, shop_id, list({row.product.id: row.product for row in rows}.values()))
    revisions.bump(connection, shop_id, "products")


def _save_products(connection: Connection, shop_id: int, found: Sequence[Product]) -> None:
    first = _next_position(connection, products, shop_id)
    present = connection.execute(select(products.c.id, products.c.position).where(products.c.shop_id == shop_id))
    places = {row[0]: row[1] for row in present}
    upsert(connection, products, [
        _row(products, shop_id, product, position=places.get(product.id, first + at))
        for at, product in enumerate(found)
    ])  # fmt: skip


def _next_position(connection: Connection, table: Table, shop_id: int) -> int:
    query = select(func.coalesce(func.max(table.c.position), 0)).where(table.c.shop_id == shop_id)
    return connection.execute(query).scalar_one() + 1


def product_of_sku(connection: Connection, shop_id: int) -> dict[str, str]:
    """Every SKU of the shop with its product's id."""
    rows = connection.execute(select(variants.c.sku, variants.c.product_id).where(variants.c.shop_id == shop_id))
    return {row.sku: row.product_id for row in rows}


def names_of_products(connection: Connection, shop_id: int) -> dict[str, tuple[str, ...]]:
    """Every product's id with its name and aliases."""
    rows = connection.execute(
        select(products.c.id, products.c.name, products.c.aliases).where(products.c.shop_id == shop_id)
    )
    return {row.id: (row.name, *orjson.loads(row.aliases)) for row in rows}


def categories_of(connection: Connection, shop_id: int) -> list[str]:
    """The categories that products are of, in order of their names."""
    query = select(products.c.category).where(products.c.shop_id == shop_id, products.c.category != "")
    return list(connection.execute(query.distinct().order_by(products.c.category)).scalars())


def delete_variants(connection: Connection, shop_id: int, skus: Sequence[str]) -> int:
    """Take variants off the catalogue, products without any left with them; returns how many went."""
    gone = connection.execute(delete(variants).where(variants.c.shop_id == shop_id, variants.c.sku.in_(skus))).rowcount
    left = select(variants.c.product_id).where(variants.c.shop_id == shop_id)
    connection.execute(delete(products).where(products.c.shop_id == shop_id, products.c.id.not_in(left)))
    if gone:
        revisions.bump(connection, shop_id, "products")
    return gone


def load_jargon(connection: Connection, shop_id: int) -> list[JargonTerm]:
    return _load(connection, shop_id, jargon, JargonTerm)


def save_jargon(connection: Connection, shop_id: int, terms: Sequence[JargonTerm]) -> None:
    upsert(connection, jargon, [_row(jargon, shop_id, term) for term in terms])
    if terms:
        revisions.bump(connection, shop_id, "jargon")


def delete_jargon(connection: Connection, shop_id: int, terms: Sequence[JargonTerm]) -> None:
    delete_rows(connection, jargon, [_row(jargon, shop_id, term) for term in terms])
    revisions.bump(connection, shop_id, "jargon")


CompatibilityItem = Device | CompatibilityRule | CompatibilityPair


def load_compatibility(connection: Connection, shop_id: int) -> list[CompatibilityItem]:
    """Devices, rules and pairs, in this order; give them to :func:`split_compatibility`."""
    return [
        *_load(connection, shop_id, devices, Device),
        *_load(connection, shop_id, compatibility_rules, CompatibilityRule),
        *_load(connection, shop_id, compatibility_pairs, CompatibilityPair),
    ]


def split_compatibility(
    items: Sequence[CompatibilityItem],
) -> tuple[list[Device], list[CompatibilityRule], list[CompatibilityPair]]:
    """The three kinds apart, as ``Compatibility(*…)`` takes them."""
    return (
        [item for item in items if isinstance(item, Device)],
        [item for item in items if isinstance(item, CompatibilityRule)],
        [item for item in items if isinstance(item, CompatibilityPair)],
    )


def save_compatibility(connection: Connection, shop_id: int, items: Sequence[CompatibilityItem]) -> None:
    kinds: tuple[Sequence[object], ...] = split_compatibility(items)
    for table, found in zip((devices, compatibility_rules, compatibility_pairs), kinds, strict=True):
        upsert(connection, table, [_row(table, shop_id, item) for item in found])
    if items:
        revisions.bump(connection, shop_id, "compatibility")


def delete_compatibility(connection: Connection, shop_id: int, items: Sequence[CompatibilityItem]) -> None:
    kinds: tuple[Sequence[object], ...] = split_compatibility(items)
    for table, found in zip((devices, compatibility_rules, compatibility_pairs), kinds, strict=True):
        delete_rows(connection, table, [_row(table, shop_id, item) for item in found])
    revisions.bump(connection, shop_id, "compatibility")


def load_catalogue(connection: Connection, shop_id: int) -> Catalogue:
    """The shop's products, compiled; `Catalogue.with_jargon` adds its terms.

    Python's cycle collector rests meanwhile: over a million new values it takes longer than the work itself.
    """
    resting = gc.isenabled()
    gc.disable()
    try:
        return Catalogue(load_products(connection, shop_id))
    finally:
        if resting:
            gc.enable()
