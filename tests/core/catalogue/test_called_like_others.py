"""Variants that are called like other goods (礼盒 in 茶叶款 and 蜂蜜款), and goods told from others by one word."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Catalogue, Product, Variant


def goods(name: str, alias: str, kind: str, attribute: str, **skus: str) -> Product:
    variants = (Variant(sku, ((attribute, value),)) for sku, value in skus.items())
    return Product(kind + alias, name, tuple(variants), (alias,), kind)


BOX = Product(
    "box",
    "岭上中秋限定礼盒蜂蜜茶叶送长辈",
    (Variant("BOX-H", (("款式", "蜂蜜款"),)), Variant("BOX-T", (("款式", "茶叶款"),), ("茶礼盒",))),
    ("中秋礼盒", "礼盒"),
    "礼盒",
)
SHOP = Catalogue.build(
    [
        BOX,
        goods("岭上洋槐蜂蜜", "蜂蜜", "蜜", "净含量", H1="1斤", H2="2斤"),
        goods("岭上云雾茶叶", "茶叶", "云雾", "净含量", T1="100g"),
        goods("岭上白瓷茶杯", "白瓷茶杯", "茶杯", "颜色", C1="月白", C2="青"),
        goods("岭上定制刻字茶杯", "刻字茶杯", "茶杯", "颜色", O1="月白", O2="青"),
    ]
)


@pytest.mark.parametrize(
    ("said", "sku"),
    [("中秋礼盒茶叶款还有吗", "BOX-T"), ("中秋礼盒蜂蜜的要一个", "BOX-H"), ("礼盒里的茶叶多少钱", "BOX-T")],
)
def test_a_word_behind_a_product_is_its_variant(said: str, sku: str) -> None:
    assert [variant.sku for variant in SHOP.resolve(said).variants] == [sku]


@pytest.mark.parametrize("said", ["中秋礼盒和蜂蜜都要", "蜂蜜多少钱", "中秋礼盒跟茶叶各要一份"])
def test_other_goods_are_still_named(said: str) -> None:
    assert {product.id for product in SHOP.resolve(said).products} != {"box"}


@pytest.mark.parametrize(
    ("said", "sku"), [("蜂蜜那个多少钱", "BOX-H"), ("换茶叶的吧", "BOX-T"), ("还是蜂蜜 里面蜂蜜几斤", "BOX-H")]
)
def test_after_a_product_its_variant_is_pointed_at(said: str, sku: str) -> None:
    kept = SHOP.kept(BOX, said, SHOP.resolve(said))
    assert kept is not None
    assert [variant.sku for variant in kept.variants] == [sku]


@pytest.mark.parametrize("said", ["那蜂蜜呢", "蜂蜜1斤的有吗", "茶杯那个多少钱"])
def test_after_a_product_another_is_another(said: str) -> None:
    assert SHOP.kept(BOX, said, SHOP.resolve(said)) is None


@pytest.mark.parametrize("last", ["", "C1", "茶杯白瓷茶杯"])
def test_one_word_tells_goods_from_those_spoken_of(last: str) -> None:
    found = SHOP.resolve("刻字的有月白吗", last=[last] if last else [])
    assert [variant.sku for variant in found.variants] == ["O1"]
