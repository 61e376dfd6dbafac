"""Sizes of shoes and clothes: by another system's name, between two of the shop's, several at once."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Catalogue, Product, Variant


def shoe(name: str, colours: str, sizes: str) -> Product:
    variants = (
        Variant(f"{name}-{colour}-{size}", (("颜色", colour), ("尺码", size)))
        for colour in colours.split()
        for size in sizes.split()
    )
    return Product(name, name, tuple(variants), (), "鞋", unit="双")


SHOP = Catalogue.build(
    [
        shoe("溯溪鞋", "沙色 石板黑", "EU40/25cm EU41/25.5cm EU42/26cm"),
        shoe("帆布鞋", "湖水绿 樱粉", "36 36.5 37 38 38.5"),
        shoe("训练裤", "灰 黑", "M/165 L/170 XL/175"),
        Product(
            "socks", "棉袜", (Variant("S1", (("颜色", "浅色系"),)), Variant("S2", (("颜色", "深色系"),))), (), "袜"
        ),
    ]
)


@pytest.mark.parametrize(
    ("said", "sku"),
    [
        ("溯溪鞋沙色41有吗", "溯溪鞋-沙色-EU41/25.5cm"),
        ("溯溪鞋石板黑的EU42", "溯溪鞋-石板黑-EU42/26cm"),
        ("溯溪鞋 沙色 eu40", "溯溪鞋-沙色-EU40/25cm"),
        ("沙色的溯溪鞋25.5cm有没有", "溯溪鞋-沙色-EU41/25.5cm"),
        ("帆布鞋樱粉36.5还有吗", "帆布鞋-樱粉-36.5"),
        ("训练裤黑色L有吗", "训练裤-黑-L/170"),
        ("棉袜浅色的来一包", "S1"),
    ],
)
def test_a_size_is_found_by_what_it_is_called(said: str, sku: str) -> None:
    found = SHOP.resolve(said)
    assert (found.kind, [variant.sku for variant in found.variants]) == ("exact", [sku])


def test_two_sizes_of_one_colour_are_both_meant() -> None:
    found = SHOP.resolve("溯溪鞋沙色41和42的有没有")
    assert [variant.sku for variant in found.variants] == ["溯溪鞋-沙色-EU41/25.5cm", "溯溪鞋-沙色-EU42/26cm"]


@pytest.mark.parametrize(
    ("said", "last", "unknown"),
    [
        ("帆布鞋37.5有货吗", "", "37.5"),
        ("那就绿的37.5", "帆布鞋", "37.5"),
        ("帆布鞋39的呢", "", "39"),
        ("溯溪鞋43有吗", "", "43"),
    ],
)
def test_a_size_between_or_beside_the_sizes_is_none(said: str, last: str, unknown: str) -> None:
    found = SHOP.resolve(said, last=[last] if last else [])
    assert (found.kind, found.unknown) == ("none", unknown)


@pytest.mark.parametrize(
    "said", ["帆布鞋有2双吗", "帆布鞋我脚长24", "帆布鞋40块能卖吗", "帆布鞋满39包邮吗", "帆布鞋5天能到吗"]
)
def test_other_numbers_are_no_sizes(said: str) -> None:
    assert SHOP.resolve(said).unknown == ""
