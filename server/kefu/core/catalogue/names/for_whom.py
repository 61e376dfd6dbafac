"""For which animal goods are, by what they are called; and for which one somebody asks (我家金毛用哪个, 鹦鹉的笼子)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kefu.core.catalogue.values import Product


@dataclass(frozen=True, slots=True)
class Animal:
    """How customers call an animal, by its breed too, and how goods for it are called."""

    said: re.Pattern[str]
    written: re.Pattern[str]


def _animal(written: str, breeds: str = "") -> Animal:
    return Animal(re.compile(f"{written}|{breeds}" if breeds else written), re.compile(written))


ANIMALS: Mapping[str, Animal] = {
    "cat": _animal(r"(?<![龙熊])猫|喵", "英短|美短|布偶(?![娃玩])|暹罗|加菲|缅因|德文卷毛"),
    "dog": _animal(
        r"(?<!热)狗|犬|汪星人",
        "金毛|泰迪|柯基|哈士奇|拉布拉多|德牧|边牧|法斗|比熊|博美|阿拉斯加|萨摩|雪纳瑞|吉娃娃|马犬|罗威纳|斗牛|约克夏",
    ),
    "rabbit": _animal("兔"),
    "hamster": _animal("[仓花]枝?鼠|龙猫|豚鼠|荷兰猪"),
    "bird": _animal("鹦鹉|[养小]鸟|鸟(?=[用的吃笼粮食])|八哥|文鸟|画眉|鸽"),
    "turtle": _animal("龟|守宫|蜥蜴|爬宠"),
    "fish": _animal("金鱼|锦鲤|斗鱼|热带鱼|孔雀鱼|鱼(?=缸|食(?!物))"),
}


def animals_said(text: str) -> frozenset[str]:
    return frozenset(name for name, animal in ANIMALS.items() if animal.said.search(text))


def is_for(product: Product) -> frozenset[str]:
    """The animals that the product is called after; none of goods for everybody."""
    called = " ".join((product.name, *product.aliases, product.category))
    return frozenset(name for name, animal in ANIMALS.items() if animal.written.search(called))


def for_those_said(text: str, products: Sequence[Product]) -> tuple[Product, ...]:
    """Those of ``products`` for the animals in ``text`` or for none; all where it says none, or others only."""
    said = animals_said(text)
    if not said:
        return tuple(products)
    fitting = tuple(product for product in products if not is_for(product) or said & is_for(product))
    return fitting if any(said & is_for(product) for product in fitting) else tuple(products)
