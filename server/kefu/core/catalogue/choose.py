"""Which variants of a product a question leaves, and how to ask which one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kefu.core.catalogue.values import Product, Variant
from kefu.core.catalogue.words import MODIFIERS, Query, canonical_value, key, measures

if TYPE_CHECKING:
    from kefu.core.catalogue.facets import Facets

TIMES = ("天", "月", "年")
"""Units that a question also uses for waiting: never taken for a variant the shop lacks."""


@dataclass(frozen=True, slots=True)
class Choice:
    """``variants`` that fit every word said; ``unknown`` is a size, colour or amount that the product does not have."""

    variants: tuple[Variant, ...]
    mentioned: bool = False
    unknown: str = ""


def choose(product: Product, query: Query, facets: Facets, spans: Sequence[tuple[int, int]] = ()) -> Choice:
    """The variants that ``query`` leaves; ``spans`` of it are the product's own name and choose nothing."""
    amounts = {amount for amount, _, _ in measures(query.folded)}
    wanted = _wanted(product, query, amounts, spans)
    unknown = facets.unknown_value(product, query, spans)
    if unknown:
        return Choice((), bool(wanted), unknown)
    left = [
        v
        for v in product.variants
        if all(canonical_value(v.attribute(name)) in values for name, values in wanted.items())
    ]
    named = [v for v in product.variants if any(_occurs(query, key(alias), spans) for alias in v.aliases)]
    if named:
        left = [v for v in left if v in named] or (named if not wanted else [])
    said = "、".join(sorted(value for values in wanted.values() for value in values))
    return Choice(tuple(left), bool(wanted or named), "" if left else said)


def _wanted(product: Product, query: Query, amounts: set[str], spans: Sequence[tuple[int, int]]) -> dict[str, set[str]]:
    """Attribute → the values of it that the question mentions, the longest reading first."""
    values: dict[str, set[str]] = {}
    for variant in product.variants:
        for name, value in variant.attributes:
            values.setdefault(name, set()).add(value)
    wanted: dict[str, set[str]] = {}
    taken = list(spans)
    pairs = sorted(((name, value) for name, found in values.items() for value in found), key=lambda p: (-len(p[1]), p))
    for name, value in pairs:
        canonical = canonical_value(value)
        if canonical in amounts or _take(query, {key(value), canonical}, taken):
            wanted.setdefault(name, set()).add(canonical)
    return wanted


def _take(query: Query, names: set[str], taken: list[tuple[int, int]]) -> bool:
    for name in names:
        at = _occurs(query, name, taken)
        if at:
            taken.append(at)
            return True
    return False


def _occurs(query: Query, name: str, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Where ``name`` stands as a word of its own outside ``taken``; 特大号 is not 大号."""
    start = query.text.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        free = all(end <= a or start >= b for a, b in taken)
        changed = start > 0 and query.joined[start] and query.text[start - 1] in MODIFIERS
        if free and not changed and query.is_word(start, end):
            return start, end
        start = query.text.find(name, start + 1)
    return None


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
    return f"{product.name}（{which}）" if which else product.name


def which_variant(product: Product, variants: Sequence[Variant]) -> str:
    """The question that decides between variants: by one attribute if that is enough."""
    names = differing(variants)
    for name in names:
        values = list(dict.fromkeys(v.attribute(name) for v in variants if v.attribute(name)))
        if len(values) > 1:
            return f"{product.name}的{name}分{_either(values)}，请问您要哪一种？"
    return f"{product.name}分{_either([label(product, v) for v in variants])}，请问您要哪一款？"


def which_product(products: Sequence[Product]) -> str:
    if len(products) == 2:
        return f"请问您要的是{products[0].name}，还是{products[1].name}？"
    more = "等" if len(products) > 5 else ""
    return f"店里有{'、'.join(p.name for p in products[:5])}{more}，请问您要哪一款？"


def _either(values: Sequence[str]) -> str:
    shown = "、".join(values[:6])
    return f"{shown}等{len(values)}种" if len(values) > 6 else shown
