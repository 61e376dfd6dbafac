"""Which of a product's variants are meant, by what is said of them and what is ruled out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kefu.core.catalogue.names.kinship import stands_for
from kefu.core.catalogue.names.labels import which_variant
from kefu.core.catalogue.values import Product, Resolution, Variant
from kefu.core.catalogue.words import canonical_value
from kefu.core.text import normalise

_CODE = re.compile(r"[a-z]+\d+[a-z]*|\d+[a-z]+")


def of_offered(found: Resolution, offered: Sequence[Product], text: str) -> tuple[Product, ...]:
    """Which of the products offered the words fit: by what they mean, else by a code in a name (Q87); () if none."""
    meant = () if found.how == "fuzzy" else found.products
    inside = tuple(product for product in meant if product in offered)
    return inside or tuple(p for p in offered if any(code in _called(p) for code in _CODE.findall(text)))


def _called(product: Product) -> str:
    return normalise(" ".join((product.name, *product.aliases))).text


def without(found: Resolution, unwanted: set[str]) -> Resolution:
    """Of several variants of one product those without a value that the customer rules out (不要黑色)."""
    left = tuple(v for v in found.variants if not any(canonical_value(value) in unwanted for _, value in v.attributes))
    return only(found, left)


def only(found: Resolution, left: tuple[Variant, ...]) -> Resolution:
    """Of several variants of one product those that are ``left``; all where there are none."""
    if found.kind != "ambiguous" or found.product is None or not left or len(left) == len(found.variants):
        return found
    if len(left) == 1:
        return replace(found, kind="exact", variants=left, question="")
    return replace(found, variants=left, question=which_variant(found.product, left))


def agrees(variant: Variant, attributes: Mapping[str, str]) -> bool:
    """Whether the variant has these attributes, as far as it has attributes of these names."""
    return all(
        canonical_value(value) == canonical_value(attributes.get(name, value)) for name, value in variant.attributes
    )


def narrowed(found: Resolution, attributes: Mapping[str, str]) -> Resolution:
    """Of several variants of one product those with the attributes that were said, now or before (M码有吗 … 米白).

    A value of an attribute that the product calls otherwise may be any of its own (大号有吗 … 箱子, of 规格=大号68cm).
    """
    if found.kind != "ambiguous" or found.product is None:
        return found
    wanted = {name: canonical_value(value) for name, value in attributes.items()}
    fitting = tuple(variant for variant in found.variants if agrees(variant, attributes)) or tuple(
        variant
        for variant in found.variants
        if all(name not in wanted or stands_for(wanted[name], name, value) for name, value in variant.attributes)
    )
    names = {name for variant in found.variants for name, _ in variant.attributes}
    for said in dict.fromkeys(value for name, value in wanted.items() if name not in names):
        fitting = tuple(v for v in fitting if any(stands_for(said, *pair) for pair in v.attributes)) or fitting
    return only(found, fitting)
