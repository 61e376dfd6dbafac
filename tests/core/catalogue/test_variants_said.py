"""Several variants of one product in one message: each with its own words and number, none lost."""

from __future__ import annotations

import re

import pytest

from kefu.core.catalogue import Catalogue, Product, Variant
from kefu.core.catalogue.several.variants_said import variants_said


def made(id_: str, name: str, unit: str, **values: tuple[str, ...]) -> Product:
    """A product in every combination of two attributes; a SKU is both values."""
    (one, ones), (other, others) = values.items()
    variants = tuple(Variant(f"{a} {b}", ((one, a), (other, b)), (), (), 9900) for a in ones for b in others)
    return Product(id_, name, variants, unit=unit)


GOODS = {
    "boot": made("boot", "山径短靴", "双", 颜色=("黑色", "驼色"), 尺码=("36", "37", "38", "41", "42")),
    "slipper": made("slipper", "云朵棉拖", "双", 颜色=("燕麦色", "藏青", "樱粉"), 尺码=("36-37", "40-41", "44-45")),
    "kid": made("kid", "童跑鞋", "双", 颜色=("宝石蓝", "糖果粉"), 尺码=("29 18cm", "30 19cm")),
    "shirt": made("shirt", "白茶T恤", "件", 颜色=("黑色", "白色"), 尺码=("M", "L", "XL")),
    "set": made("set", "运动服", "套", 款式=("三件套", "五件套"), 颜色=("黑色", "灰色")),
    "water": Product(
        "water",
        "爽肤水",
        tuple(Variant(f"{n}ml", (("净含量", f"{n}ml"),), (), (), n * 30) for n in (200, 500)),
        unit="瓶",
    ),
    "shower": Product(
        "shower",
        "手持花洒",
        (
            Variant("FULL", (("规格", "喷头+1.5米软管+底座"), ("颜色", "银色")), ("三件套",)),
            Variant("HEAD", (("规格", "单手持喷头"), ("颜色", "银色")), ("单喷头",)),
        ),
    ),
    "bed": Product("bed", "床垫", tuple(Variant(f"{w}", (("规格", f"{w}*2.0m"),)) for w in ("1.5", "1.8"))),
}
CATALOGUE = Catalogue.build(GOODS.values())
_COUNT = re.compile(r"[一两三\d](?:双|件|瓶|套(?!装)|个)(?!套)")


def said(product: str, text: str) -> list[tuple[str, str]]:
    """(SKU, or how many are left, or what is unknown; the number in its words) of each variant."""
    counted = [match.span() for match in _COUNT.finditer(text)]
    ignore = [text[start:end] for start, end in counted]
    found = variants_said(CATALOGUE, GOODS[product], text, counted, ignore)
    return [
        (
            meant.variant.sku if meant.variant else meant.unknown or str(len(meant.variants)),
            "".join(_COUNT.findall(text[start:end])),
        )
        for (start, end), meant in found
    ]


@pytest.mark.parametrize(
    ("product", "text", "meant"),
    [
        ("boot", "我42 她37 都要黑的 多少钱", [("黑色 42", ""), ("黑色 37", "")]),
        ("boot", "山径短靴黑色42和37各一双多少钱", [("黑色 42", ""), ("黑色 37", "一双")]),
        ("boot", "42一双37一双 都要黑的", [("黑色 42", "一双"), ("黑色 37", "一双")]),
        ("slipper", "买3双 燕麦44一双 粉的37两双 总共", [("燕麦色 44-45", "一双"), ("樱粉 36-37", "两双")]),
        ("kid", "两双多少 蓝的粉的各一双", [("2", ""), ("2", "一双")]),
        ("kid", "来两双蓝的一双粉的", [("2", "两双"), ("2", "一双")]),
        ("shirt", "M L XL 黑色各两件", [("黑色 M", ""), ("黑色 L", ""), ("黑色 XL", "两件")]),
        ("shirt", "黑色M和白色 再来L黑色", [("黑色 M", ""), ("白色 M", ""), ("黑色 L", "")]),
        ("shirt", "白茶T恤黑色M两件白色L一件", [("黑色 M", "两件"), ("白色 L", "一件")]),
        ("set", "三件套和五件套差多少钱", [("2", ""), ("2", "")]),
        ("water", "200的两瓶跟500一瓶差多少", [("200ml", "两瓶"), ("500ml", "一瓶")]),
        ("shower", "单喷头和三件套差多少钱", [("HEAD", ""), ("FULL", "")]),
        ("bed", "1.5的和1.8的差多少", [("1.5", ""), ("1.8", "")]),
    ],
)
def test_each_variant_has_its_own_words(product: str, text: str, meant: list[tuple[str, str]]) -> None:
    """What is told but once holds for all; a number before all of them is of none."""
    assert said(product, text) == meant


def test_a_size_that_is_not_made_is_not_lost() -> None:
    assert said("boot", "黑色42和47各一双") == [("黑色 42", ""), ("47码", "一双")]
    assert said("boot", "黑色42 满299减20多少钱") == []


@pytest.mark.parametrize(
    ("product", "text"),
    [
        ("boot", "驼色42有吗"),
        ("boot", "驼色36不对37"),
        ("boot", "黑色42一双 草帽三个"),
        ("kid", "糖果粉30 19cm的"),
        ("shower", "1.5米软管的三件套"),
        ("slipper", "藏青的44呢"),
    ],
)
def test_one_variant_is_one(product: str, text: str) -> None:
    """One value beside another of its kind that is taken back, or what other goods have the number of, is not two."""
    assert said(product, text) == []
