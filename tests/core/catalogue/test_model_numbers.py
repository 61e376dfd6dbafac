"""A product is named by the number that only its name holds."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Catalogue, Product, Variant


def product(name: str, category: str = "", aliases: tuple[str, ...] = ()) -> Product:
    return Product(name, name, (Variant(name, ()),), aliases, category)


SHOP = Catalogue.build(
    [
        product("峰石 X7 固态", "固态"),
        product("峰石 X9 固态", "固态"),
        product("云雀 G5 鼠标", "鼠标"),
        product("云雀 H7 坞", "坞"),
        product("青川 H7 耳机", "耳机"),
        product("青川 DDR5 内存 16GB USB3", "内存"),
        product("长名 NM800 转换器", "转换器", ("NM800Pro",)),
        *(product(f"青川 R1 壳{n}", "壳") for n in range(5)),
    ]
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("x7速度多少", ["峰石 X7 固态"]),
        ("Ｘ７ 能用多久", ["峰石 X7 固态"]),
        ("x7和x9哪个快", ["峰石 X7 固态", "峰石 X9 固态"]),
        ("h7几个口", ["云雀 H7 坞", "青川 H7 耳机"]),
        ("耳机h7几个键", ["青川 H7 耳机"]),
        ("nm800pro带线吗", ["长名 NM800 转换器"]),
        ("我的g5双击", ["云雀 G5 鼠标"]),
    ],
)
def test_a_number_names_its_product(said: str, meant: list[str]) -> None:
    found = SHOP.named(said)
    assert (found.how, [product.name for product in found.products]) == ("name", meant)


@pytest.mark.parametrize(
    "said", ["x70速度多少", "ax7速度", "戴尔g5能用吗", "ddr5是什么", "usb3的口", "r1好看吗", "7速度"]
)
def test_no_part_no_device_no_standard_and_no_series_names_one(said: str) -> None:
    assert SHOP.named(said).how != "name"
