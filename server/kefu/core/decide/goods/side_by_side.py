"""What was told of side by side (3升的和5升的各多少钱), each perhaps in several colours: 两个都要 takes them."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.names.labels import which_variant
from kefu.core.catalogue.several.variants_said import variants_said
from kefu.core.catalogue.values import Resolution
from kefu.core.decide.hearing.reading import Reading
from kefu.core.dialogue.state import MAX_NAME

SIDE_BY_SIDE = "told side by side"
"""The name under which a conversation remembers the SKUs of each thing of its last answer, none of a single thing."""
_OR = "|"
_AND = " "


def told_side_by_side(reading: Reading, resolution: Resolution, things: Sequence[Resolution]) -> dict[str, str]:
    """What the conversation keeps of an answer about several ``things``, or about several variants of the one product
    meant, each of which the message asks for."""
    told = things or _each_said(reading, resolution) or _with_one_chosen(reading, resolution)
    groups = [[variant.sku for variant in one.variants] for one in told]
    said = _AND.join(_OR.join(skus) for skus in groups)
    readable = all(groups) and not any(mark in sku for skus in groups for sku in skus for mark in (_OR, _AND))
    return {SIDE_BY_SIDE: said if len(groups) > 1 and readable and len(said) <= MAX_NAME else ""}


def told_one_by_one(skus: Sequence[str]) -> dict[str, str]:
    """The same of an answer that named two variants (主驾 26寸, 副驾 16寸): 两支一共多少 is about both."""
    readable = len(skus) == 2 and not any(mark in sku for sku in skus for mark in (_OR, _AND))
    return {SIDE_BY_SIDE: _AND.join(skus) if readable else ""}


def _each_said(reading: Reading, resolution: Resolution) -> list[Resolution]:
    if resolution.product is None or len(resolution.variants) < 2:
        return []
    counted = [(slot.start, slot.end) for slot in reading.slots if slot.type == "quantity" and slot.start >= 0]
    said = variants_said(
        reading.parts.catalogue, resolution.product, reading.asked.query, counted, reading.no_product_words
    )
    found = [meant for _, meant in said]
    told = {variant for one in found for variant in one.variants}
    return found if told == {*resolution.variants} else []


def _with_one_chosen(reading: Reading, resolution: Resolution) -> Sequence[Resolution]:
    """The several products told side by side, where the message goes on about one of them (花架和水壶 … 水壶要大的)."""
    told = side_by_side(reading)
    products = [one.product for one in told]
    if not resolution.variants or resolution.product not in products or len({*products}) < len(told):
        return []
    return [resolution if one.product == resolution.product else one for one in told]


def side_by_side(reading: Reading) -> list[Resolution]:
    """The things that the last answer about goods told of side by side; [] if another was spoken of since, or one of
    them is sold no more."""
    state = reading.state
    groups = [_group(reading, part.split(_OR)) for part in state.slots.get(SIDE_BY_SIDE, "").split(_AND) if part]
    found = [one for one in groups if one]
    skus = {name for one in found for name in _names(one)}
    spoken_of = [thing.id for thing in ((state.product,) if state.product else state.products[-1:])]
    return found if len(found) == len(groups) and skus.issuperset(spoken_of) else []


def _group(reading: Reading, skus: Sequence[str]) -> Resolution | None:
    pairs = [pair for sku in skus if (pair := reading.parts.catalogue.by_sku(sku))]
    product = pairs[0][0] if pairs else None
    if product is None or len(pairs) < len(skus):
        return None
    variants = tuple(variant for _, variant in pairs)
    if len(variants) == 1:
        return Resolution("exact", product, variants, how="last")
    return Resolution("ambiguous", product, variants, question=which_variant(product, variants), how="last")


def _names(one: Resolution) -> list[str]:
    return [product.id for product in one.products] + [variant.sku for variant in one.variants]
