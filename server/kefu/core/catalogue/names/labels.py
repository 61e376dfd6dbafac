"""How goods and variants are called, and the questions that ask which one is meant."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.phrases import WHICH_KIND, WHICH_ONE, some_of
from kefu.core.catalogue.values import Product, Variant

KINDS = 6
"""Kinds of goods that are said of a shop with more."""


def differing(variants: Sequence[Variant]) -> list[str]:
    """Names of the attributes in which these variants differ, in the shop's order."""
    names = dict.fromkeys(name for variant in variants for name, _ in variant.attributes)
    return [name for name in names if len({variant.attribute(name) for variant in variants}) > 1]


def label(product: Product, variant: Variant) -> str:
    """What tells the variant from its sisters: 32GB, 大号 黑色; ``""`` for an only variant."""
    names = differing(product.variants)
    return " ".join(value for name in names if (value := variant.attribute(name))) or (
        variant.sku if len(product.variants) > 1 else ""
    )


def full_name(product: Product, variant: Variant) -> str:
    """Product and variant as one says them: 疾澜 DDR5 笔记本内存条（32GB）."""
    which = label(product, variant)
    if "（" in which:
        return f"{product.spoken} {which}"
    return f"{product.spoken}（{which}）" if which else product.spoken


def common_name(product: Product, variants: Sequence[Variant]) -> str:
    """The product with what some of its variants have in common, which others have not: 山径袜（三双装）."""
    names = [name for name in differing(product.variants) if len({v.attribute(name) for v in variants}) == 1]
    shared = " ".join(value for name in names if (value := variants[0].attribute(name)))
    return f"{product.spoken}（{shared}）" if shared else product.spoken


def which_variant(product: Product, variants: Sequence[Variant]) -> str:
    """The question that decides between variants: by one attribute if that is enough."""
    names = differing(variants)
    for name in names:
        values = list(dict.fromkeys(v.attribute(name) for v in variants if v.attribute(name)))
        if len(values) > 1:
            return f"{product.spoken}的{name}分{_either(values)}，{WHICH_KIND}"
    return f"{product.spoken}分{_either([label(product, v) for v in variants])}，{WHICH_ONE}"


def which_product(products: Sequence[Product]) -> str:
    names = [product.spoken for product in products]
    if len({*names}) < len(names):
        names = [product.name for product in products]
    if len(names) == 2:
        return f"请问您要的是{names[0]}，还是{names[1]}？"
    return f"店里有{some_of(names, 5)}，{WHICH_ONE}"


def which_kind(kinds: Sequence[str]) -> str:
    """The question where nothing is named, with what the shop sells."""
    sold = f"店里有{some_of(kinds, KINDS)}，" if kinds else ""
    return f"请问您想看哪款商品？{sold}麻烦告诉我商品名称或型号，我帮您查一下。"


def _either(values: Sequence[str]) -> str:
    shown = "、".join(values[:6])
    return f"{shown}等{len(values)}种" if len(values) > 6 else shown
