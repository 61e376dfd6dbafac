"""The phone, watch or car for which the goods spoken of are: what is asked for beside them is for it as well (小米壳
… 膜也要一张), unless another one is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.names.labels import which_product, which_variant
from kefu.core.catalogue.values import Resolution, Variant
from kefu.core.catalogue.words import canonical_value
from kefu.core.decide.goods.listed import variants_of
from kefu.core.decide.goods.narrowing import only
from kefu.core.decide.goods.portions_wanted import Portion
from kefu.core.decide.hearing.reading import Reading

_OF_A_DEVICE = re.compile("机型|车型|手机|设备|适用|适配")
"""Names of attributes that say for which device goods are."""

Value = tuple[str, str]


def for_the_same_device(reading: Reading, found: Resolution) -> Resolution:
    """What was ``found`` of other goods, as far as it is for the device of those spoken of; all of it where none is, or
    the message says for which."""
    if found.kind != "ambiguous" or not found.is_named:
        return found
    device = _spoken_of(reading, found)
    if device is None or _says_one(reading, found, device[0]):
        return found
    return _as_far_as_for(device, found, reading.parts.catalogue, reading.wished_for)


def all_for_one_device(reading: Reading, wanted: Sequence[Portion]) -> list[Portion]:
    """Several things of one message for the one device that is said of any of them (17的透明壳和高清膜)."""
    devices = {pair for one in wanted if (pair := _device_of(one.thing.meant.variants))}
    if len(wanted) < 2 or len(devices) != 1:
        return [*wanted]
    device = devices.pop()
    catalogue, query = reading.parts.catalogue, reading.asked.query
    of_each = [
        _as_far_as_for(device, it.meant, catalogue, query[it.start : it.end]) for it in (p.thing for p in wanted)
    ]
    return [replace(one, thing=replace(one.thing, meant=meant)) for one, meant in zip(wanted, of_each, strict=True)]


def _device_of(variants: Sequence[Variant]) -> Value | None:
    """The one device that all the variants are for."""
    values = {pair for variant in variants for pair in variant.attributes if _OF_A_DEVICE.search(pair[0])}
    return values.pop() if len(values) == 1 else None


def _as_far_as_for(device: Value, found: Resolution, catalogue: Catalogue, said: str) -> Resolution:
    if found.kind != "ambiguous":
        return found
    if found.product is not None:
        return only(found, _fitting(device, found.variants))
    fitting = tuple(product for product in found.candidates if _fitting(device, product.variants))
    if not fitting or len(fitting) == len(found.candidates):
        return found
    if len(fitting) > 1:
        return replace(found, candidates=fitting, question=which_product(fitting))
    variants = _fitting(device, catalogue.choice(fitting[0], said).variants)
    if not variants:
        return found
    kind: Literal["exact", "ambiguous"] = "exact" if len(variants) == 1 else "ambiguous"
    question = which_variant(fitting[0], variants) if len(variants) > 1 else ""
    return Resolution(kind, fitting[0], variants, question=question, how=found.how)


def _spoken_of(reading: Reading, found: Resolution) -> Value | None:
    """The device that the goods spoken of are for, if they are other goods and all for one."""
    state = reading.state
    chosen = state.product if state.product and reading.parts.catalogue.by_sku(state.product.id) else None
    pairs = variants_of(reading, (chosen,) if chosen else state.products)
    others = not {product for product, _ in pairs} & {*found.products}
    return _device_of([variant for _, variant in pairs]) if others else None


def _fitting(device: Value, variants: Sequence[Variant]) -> tuple[Variant, ...]:
    name, value = device[0], canonical_value(device[1])
    return tuple(v for v in variants if any(n == name and canonical_value(held) == value for n, held in v.attributes))


def _says_one(reading: Reading, found: Resolution, name: str) -> bool:
    """Whether the message says for which device: by a value of the goods found, or as a device."""
    if any(slot.type == "model" or slot.name == name for slot in reading.slots):
        return True
    return any(name in reading.parts.catalogue.choice(one, reading.wished_for).told for one in found.products)
