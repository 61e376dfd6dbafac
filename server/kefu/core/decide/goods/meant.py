"""What a message means in the catalogue, with what the conversation carries over."""

from __future__ import annotations

import re
from collections import Counter

from kefu.core.catalogue.names.choose import ASKS_WHICH
from kefu.core.catalogue.names.labels import differing, which_product, which_variant
from kefu.core.catalogue.values import Resolution, Wanted
from kefu.core.catalogue.words import canonical_value
from kefu.core.decide.goods.another_of_its_kind import another_of_its_kind
from kefu.core.decide.goods.by_price import pointed_at_by_price
from kefu.core.decide.goods.fit import known_device, of_the_place_said
from kefu.core.decide.goods.for_the_same_device import for_the_same_device
from kefu.core.decide.goods.listed import variants_of
from kefu.core.decide.goods.narrowing import narrowed, of_offered, only, without
from kefu.core.decide.goods.portions_wanted import another_thing_added, in_the_box
from kefu.core.decide.goods.sums import added_shortly
from kefu.core.decide.hearing.animals import for_the_animal
from kefu.core.decide.hearing.reading import Reading
from kefu.core.dialogue.state import MAX_PRODUCTS


def meant(reading: Reading) -> Resolution:
    """What the message means in the catalogue, with what the conversation carries over."""
    found = for_the_animal(_resolved(reading), reading.asked.query, reading.parts.catalogue)
    found = for_the_same_device(reading, found)
    found = narrowed(_of_those_that_fit(reading, _at_that_price(reading, found)), _known_of_it(reading))
    found = without(found, {canonical_value(slot.value) for slot in reading.all_slots if slot.negated})
    return in_the_box(found) if reading.in_boxes else found


def names_nothing(reading: Reading) -> bool:
    """Whether no goods are named, neither here nor before."""
    return meant(reading).is_nothing


def _of_those_that_fit(reading: Reading, found: Resolution) -> Resolution:
    """Of the product spoken of those variants that fit the customer's device, where that is known (配哪个 … 多少钱)."""
    compatibility = reading.parts.compatibility
    device = compatibility.device(known_device(reading)) if found.how == "last" and found.product else None
    if device is None or found.product is None or not compatibility.concerns(found.product):
        return found
    product = found.product
    return only(found, tuple(v for v in found.variants if compatibility.fits(device, product, v).verdict == "yes"))


def _known_of_it(reading: Reading) -> dict[str, str]:
    """Attribute → its value, said now or before; of two said at once (大号和小号都有吗) neither."""
    said = {(slot.name, slot.normalised) for slot in reading.slots if slot.type == "attribute"}
    times = Counter(name for name, _ in said)
    both = {canonical_value(value) for name, value in said if times[name] > 1}
    return {name: value for name, value in reading.follow.attributes.items() if canonical_value(value) not in both}


def _at_that_price(reading: Reading, found: Resolution) -> Resolution:
    """What is pointed at by its price among the variants ``found``, else among those spoken of before."""
    if found.variant and found.is_named:
        return found
    own = [(found.product, variant) for variant in found.variants] if found.product else []
    before = (
        ()
        if found.is_named
        else (*reading.state.products, *((reading.state.product,) if reading.state.product else ()))
    )
    pairs = pointed_at_by_price(reading, own) or pointed_at_by_price(reading, variants_of(reading, before))
    if not pairs or len({product.id for product, _ in pairs}) > 1:
        return found
    product, variants = pairs[0][0], tuple(dict.fromkeys(variant for _, variant in pairs))
    if len(variants) == 1:
        return Resolution("exact", product, variants, how="last")
    return Resolution("ambiguous", product, variants, question=which_variant(product, variants), how="last")


def _resolved(reading: Reading) -> Resolution:
    own, follow = added_shortly(reading) or reading.resolution, reading.follow
    if not own.is_outright and (placed := of_the_place_said(reading)) is not None:
        return placed
    if not own.is_outright and (picked := _of_offered(reading, own)) is not None:
        return picked
    if (another := another_of_its_kind(reading)) is not None:
        return another
    if (kept := _kept(reading, own)) is not None:
        return kept
    if own.kind == "exact" or own.is_outright:
        return own
    if own.kind == "ambiguous" and own.how in ("text", "fuzzy") and (held := follow.product or reading.state.product):
        product = reading.parts.catalogue.thing(held.id)  # 控油的N15, after a foundation of these names
        if product and reading.parts.catalogue.having(reading.wished_for, [product]):
            return reading.parts.catalogue.chosen(product, reading.wished_for)
    last = [follow.product.id] if follow.product else []
    if reading.state.pending and (not last or _chooses_of_those_offered(reading, last[0])):
        last = [option.id for option in reading.state.pending.options] or last
    if own.is_nothing and (other := another_thing_added(reading)):
        return Resolution("none", unknown=other)
    if not last and own.kind == "none":
        last = [reading.state.product.id] if reading.state.product else [thing.id for thing in reading.state.products]
    if not last:
        if not own.is_nothing:
            return own
        return reading.parts.catalogue.with_value(reading.asked.query, reading.no_product_words)
    ignore = [*reading.no_product_words, *reading.references]
    carried = reading.parts.catalogue.resolve(reading.asked.query, wanted=reading.wanted, last=last, ignore=ignore)
    known = " ".join(_known_of_it(reading).values()) if follow.is_follow_up else ""
    wanted = Wanted(reading.wanted.product, reading.wanted.variant or known)
    undecided = carried.kind == "ambiguous" and (carried.product or carried.how == "last")
    if known and undecided:  # what was said of it before decides what these words leave open
        carried = reading.parts.catalogue.resolve(reading.asked.query, wanted=wanted, last=last, ignore=ignore)
        carried = _not_together(reading, carried) or carried
    if carried.kind != "none" or carried.product:
        return carried
    if own.unknown and not (follow.ordinal or reading.references):
        return own  # 辣条有没有, after another thing
    # The words say nothing about products (送到苏州呢): what was spoken of before is meant.
    leans = follow.ordinal or follow.keeps_intent or (own.kind == "none" and not own.unknown)
    return reading.parts.catalogue.resolve("", wanted=wanted, last=last) if leans else own


_MORE = re.compile("都|全部|所有|[别其]的|[其另]他|其它|另外|还有")


def _chooses_of_those_offered(reading: Reading, product_id: str) -> bool:
    """Whether the message may be about the few variants of the product that were offered (16的 … 什么色 … 那个蓝的呢):
    it asks for no more of them, and for nothing in which they are all the same."""
    product, text = reading.parts.catalogue.product(product_id), reading.text.text
    options = reading.state.pending.options if reading.state.pending else ()
    offered = [v for v in product.variants if any(option.id == v.sku for option in options)] if product else []
    if product is None or not 1 < len(offered) == len(options) < MAX_PRODUCTS or _MORE.search(text):
        return False
    same = {name for name, _ in product.variants[0].attributes}.difference(differing(offered))
    said = {slot.name for slot in reading.slots if slot.type == "attribute"}
    return not any(name in text or name in said for name in same)


def _kept(reading: Reading, own: Resolution) -> Resolution | None:
    """What is asked of the product spoken of before, though other goods have these words in their titles."""
    before = reading.state.product
    product = reading.parts.catalogue.thing(before.id) if before and own.products else None
    if product is None or product in own.products:
        return None
    return reading.parts.catalogue.kept(product, reading.wished_for, own)


def _not_together(reading: Reading, carried: Resolution) -> Resolution | None:
    """The product spoken of does not come as it was said now and before (黑色3XL … 藏青呢), where that still holds."""
    asks, before = ASKS_WHICH.search(reading.text.text) or "还是" in reading.text.text, reading.state.product
    thing = reading.parts.catalogue.thing(before.id) if before else None
    if carried.product is None or carried.variant or asks or thing != carried.product:
        return None
    names = {name for variant in carried.product.variants for name, _ in variant.attributes}
    known = " ".join(value for name, value in reading.follow.attributes.items() if name in names)
    together = reading.parts.catalogue.chosen(carried.product, known)
    return together if together.kind == "none" and together.near else None


def _of_offered(reading: Reading, own: Resolution) -> Resolution | None:
    """The answer to “which one?” of several products (内存有货吗 … 笔记本的 … d5 16); None if it fits none or all."""
    parts, pending = reading.parts, reading.state.pending
    offered = [p for option in (pending.options if pending else ()) if (p := parts.catalogue.product(option.id))]
    if own.how == "facets" and own.products and not {*own.products} & {*offered}:
        return None  # 台灯也要一个 粉色的, after chairs
    by_name = of_offered(own, offered, reading.text.text)
    picked = by_name or parts.catalogue.having(reading.wished_for, offered)
    if not picked or len(picked) == len(offered):
        return None
    if len(picked) > 1:
        return Resolution("ambiguous", candidates=picked, question=which_product(picked), how="last")
    said = Wanted(variant=" ".join(reading.follow.attributes.values()))
    text = "" if by_name or said.variant else reading.wished_for
    return parts.catalogue.resolve(text, wanted=said, last=[picked[0].id])
