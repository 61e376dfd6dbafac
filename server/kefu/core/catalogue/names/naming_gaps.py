"""What makes names, values and descriptions of goods be misread: told to the owner, never to a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kefu.core.catalogue.delivery.limits import restrictions_in
from kefu.core.catalogue.names.descriptions import description_of
from kefu.core.catalogue.names.facets import stands_for
from kefu.core.catalogue.phrases import is_measured
from kefu.core.catalogue.values import Product

SHOWN_OF_A_TITLE = 14
"""Characters of a title by which its owner knows it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """``found`` are the words that are misread, each with the SKUs that have it; ``why`` and ``fix`` are sentences."""

    why: str
    found: Mapping[str, tuple[str, ...]]
    fix: str


def naming_gaps(products: Sequence[Product]) -> Iterator[Gap]:
    """One for each kind that there is."""
    gaps = (
        _counts(products),
        _everyday_heads(products),
        _titles(products),
        _namesakes(products),
        _of_some_only(products),
    )
    yield from (gap for gap in gaps if gap.found)


_NUMBER = r"(?:\d*[02-9]|\d+1|[二两三四五六七八九十]+)"


def _counts(products: Sequence[Product]) -> Gap:
    """A number of pieces that tells variants apart is needed (8片装 and 16片装); beside what does it is only misread.
    One of a thing (一箱) is how many are wanted anyway."""
    units = {"个", *(product.unit for product in products if not is_measured(product.unit))}
    count = re.compile(f"{_NUMBER} ?(?:{'|'.join(map(re.escape, sorted(units)))})装?")
    found: dict[str, tuple[str, ...]] = {}
    for product in products:
        names = {name for v in product.variants for name, value in v.attributes if count.fullmatch(value)}
        needless = {name for name in names if _are_told_apart_without(name, product)}
        for variant in product.variants:
            values = (value for name, value in variant.attributes if name in needless)
            for word in (*values, *(alias for alias in variant.aliases if not alias.endswith("装"))):
                if count.fullmatch(word):
                    found[word] = (*found.get(word, ()), variant.sku)
    return Gap(
        "Numbers of pieces that are mixed up with how many are wanted",
        found,
        "Put how many a pack holds into 描述, where other values tell the variants apart; end a 规格别名 in 装.",
    )


def _are_told_apart_without(attribute: str, product: Product) -> bool:
    left = {tuple(pair for pair in variant.attributes if pair[0] != attribute) for variant in product.variants}
    return len(left) == len(product.variants)


_EVERYDAY = frozenset("门窗墙房家人手头脚脸身书货料面")
"""Things that customers speak of whatever they buy."""


def _everyday_heads(products: Sequence[Product]) -> Gap:
    """Only where the shop's own words show that the character is said of other goods."""
    found: dict[str, tuple[str, ...]] = {}
    for head, kinds in stands_for([*dict.fromkeys(p.category for p in products if p.category)]).items():
        if head in _EVERYDAY and any(head in word for p in products if p.category not in kinds for word in _words(p)):
            skus = [v.sku for kind in kinds for p in products if p.category == kind for v in p.variants[:1]]
            found[f"{head} of {'、'.join(kinds)}"] = (*skus,)
    return Gap(
        "Everyday words that are taken for a category, because it alone ends so",
        found,
        "End the category otherwise: 角阀 instead of 阀门.",
    )


def _words(product: Product) -> Iterator[str]:
    """What the shop calls its goods and their properties; not the search words of titles."""
    yield from (product.category, *product.aliases)
    for variant in product.variants:
        yield from variant.aliases
        yield from (word for pair in variant.attributes for word in pair)


def _titles(products: Sequence[Product]) -> Gap:
    return Gap(
        "Goods that replies call by their whole title, as no alias is short and clear",
        {_short(p.name): tuple(v.sku for v in p.variants[:1]) for p in products if p.is_titled and p.spoken == p.name},
        "Give each an alias of 2 Chinese characters or of 3 to 20.",
    )


def _namesakes(products: Sequence[Product]) -> Gap:
    called: dict[str, list[Product]] = {}
    for product in products:
        if product.spoken != product.name:
            called.setdefault(product.spoken, []).append(product)
    return Gap(
        "Different goods that replies call alike",
        {name: tuple(p.variants[0].sku for p in alike) for name, alike in called.items() if len(alike) > 1},
        "Put an alias first that each has alone.",
    )


def _of_some_only(products: Sequence[Product]) -> Gap:
    """What may not be sent, or not so many of it, where the rows of other variants say something else: mostly it was
    meant of the whole product and written into the first row."""
    found: dict[str, tuple[str, ...]] = {}
    for product in products:
        told = {v.sku: frozenset(restrictions_in(description_of(product, v))) for v in product.variants}
        for said in sorted(frozenset().union(*told.values())):
            having = tuple(sku for sku, all_said in told.items() if said in all_said)
            if len(having) < len(told):
                found[f"{said} ({_short(product.spoken)})"] = having
    return Gap(
        "Limits, or places that are not served, of which only some variants of a product speak",
        found,
        "If it holds for all of them, write it into every row that has a description of its own.",
    )


def _short(title: str) -> str:
    return title if len(title) <= SHOWN_OF_A_TITLE else f"{title[:SHOWN_OF_A_TITLE]}…"
