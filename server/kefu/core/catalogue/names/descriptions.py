"""A product's description whose variants are described apart: 小号：到脚踝；大号、特大号：到小腿."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.core.catalogue.names.labels import label
from kefu.core.catalogue.values import Product, Variant

_ENDS = " \n。；;"


def described_apart(product: Product, said: Mapping[str, str]) -> str:
    """The description from what is ``said`` of each SKU: once where that is the same, else each sentence with the
    labels of its variants in front. Variants of which nothing is said are not named."""
    labels: dict[str, list[str]] = {}
    for variant in product.variants:
        if sentence := said.get(variant.sku, ""):
            labels.setdefault(sentence, []).append(label(product, variant) or variant.sku)
    if len(labels) <= 1:
        return next(iter(labels), "")
    return "；".join(f"{'、'.join(names)}：{sentence.strip(_ENDS)}" for sentence, names in labels.items())


def description_of(product: Product, variant: Variant) -> str:
    """The description without what it says of other variants only."""
    others = {label(product, one) for one in product.variants} - {""}
    own = label(product, variant)
    kept, mine = [], True
    for part in product.description.split("；"):
        names, colon, said = part.partition("：")
        named = names.split("、") if colon else []
        if named and others.issuperset(named):
            mine = own in named
            part = said
        if mine:
            kept.append(part)
    return "；".join(kept)
