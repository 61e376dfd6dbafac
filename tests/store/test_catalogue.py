"""Products, jargon and compatibility in the store: what goes in comes out, and each change counts a revision."""

from __future__ import annotations

from dataclasses import replace

from kefu.core.catalogue import CompatibilityPair, CompatibilityRule, Device, JargonTerm, Product, Variant
from kefu.store import catalogue as store
from kefu.store import revisions
from kefu.store.catalogue import ProductRow
from kefu.store.shops import create_shop

BAG = Product("bag", "电脑包", (), ("包",), "包", "云岭", "个", False, "结实")
ROWS = [
    ProductRow(BAG, Variant("L", (("尺码", "大号"), ("颜色", "黑色")), ("大",), ("6901",), 12900)),
    ProductRow(BAG, Variant("A", (("尺码", "小号"),))),
    ProductRow(Product("card", "会员卡", (), virtual=True), Variant("C")),
]


def test_products_come_back_as_they_went_in_and_in_that_order(db, shop) -> None:
    with db.write() as connection:
        store.save_product_rows(connection, shop.id, ROWS)
    with db.read() as connection:
        found = store.load_products(connection, shop.id)
        assert found == [
            replace(BAG, variants=(ROWS[0].variant, ROWS[1].variant)),
            replace(ROWS[2].product, variants=(ROWS[2].variant,)),
        ]
        assert list(store.load_product_rows(connection, shop.id).values()) == ROWS
        assert revisions.current(connection, shop.id) == {"products": 1}


def test_a_changed_variant_keeps_its_place(db, shop) -> None:
    with db.write() as connection:
        store.save_product_rows(connection, shop.id, ROWS)
        store.save_product_rows(
            connection, shop.id, [ProductRow(BAG, Variant("L", price=100)), ProductRow(BAG, Variant("M"))]
        )
        found = store.load_products(connection, shop.id)[0]
    assert [(variant.sku, variant.price) for variant in found.variants] == [("L", 100), ("A", None), ("M", None)]


def test_a_product_goes_with_its_last_variant(db, shop) -> None:
    with db.write() as connection:
        store.save_product_rows(connection, shop.id, ROWS)
        assert store.delete_variants(connection, shop.id, ["L", "A", "nothing"]) == 2
        assert [product.id for product in store.load_products(connection, shop.id)] == ["card"]


def test_shops_do_not_see_each_others_products(db, shop) -> None:
    with db.write() as connection:
        other = create_shop(connection, "other")
        store.save_product_rows(connection, shop.id, ROWS)
        assert store.load_products(connection, other.id) == []
        store.save_product_rows(connection, other.id, ROWS[:1])
        store.delete_variants(connection, other.id, ["L"])
        assert len(store.load_products(connection, shop.id)) == 2


def test_jargon_and_compatibility_come_back_and_replace(db, shop) -> None:
    items = [
        Device("甲1", ("甲",), (("内存", "DDR5"),)),
        CompatibilityRule("内存条", "内存", "=", "类型"),
        CompatibilityRule("内存条", "插槽", ">=", "", "1", "焊死"),
        CompatibilityPair("甲1", False, sku="L", note="装不进"),
    ]
    with db.write() as connection:
        store.save_jargon(connection, shop.id, [JargonTerm("条子", "内存条"), JargonTerm("大包", sku="L")])
        store.save_jargon(connection, shop.id, [JargonTerm("条子", "内存")])
        store.save_compatibility(connection, shop.id, items)
        store.save_compatibility(connection, shop.id, [replace(items[3], fits=True)])
    with db.read() as connection:
        assert {term.term: term for term in store.load_jargon(connection, shop.id)}["条子"].means == "内存"
        devices, rules, pairs = store.split_compatibility(store.load_compatibility(connection, shop.id))
        assert devices == items[:1]
        assert set(rules) == set(items[1:3])
        assert pairs == [replace(items[3], fits=True)]
        assert revisions.current(connection, shop.id) == {"jargon": 2, "compatibility": 2}


def test_the_compiled_catalogue_answers_from_the_store(db, shop) -> None:
    with db.write() as connection:
        store.save_product_rows(connection, shop.id, ROWS)
        store.save_jargon(connection, shop.id, [JargonTerm("大包", sku="L")])
    with db.read() as connection:
        catalogue = store.load_catalogue(connection, shop.id).with_jargon(store.load_jargon(connection, shop.id))
        assert catalogue.resolve("大包").variant.sku == "L"
