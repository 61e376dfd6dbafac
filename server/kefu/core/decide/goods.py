"""Stock, price, delivery and compatibility: answered from the catalogue and the store, never from a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.boxes import of_one_piece
from kefu.core.catalogue.choose import ASKS_WHICH, full_name, label, which_product, which_variant
from kefu.core.catalogue.delivery_answer import delivery_answer
from kefu.core.catalogue.extremes import extreme_in
from kefu.core.catalogue.phrases import opening, say_moment
from kefu.core.catalogue.prices import prices_of
from kefu.core.catalogue.several import Thing, several_answer, things_in
from kefu.core.catalogue.shop_words import words_sought
from kefu.core.catalogue.stock import Ask, Focus, Shelf, StockAnswer, stock_answer, with_told
from kefu.core.catalogue.values import Product, Resolution, Variant, Wanted
from kefu.core.catalogue.words import canonical_value
from kefu.core.decide.animals import for_the_animal
from kefu.core.decide.by_price import extreme_asked, pointed_at_by_price
from kefu.core.decide.fit import answer_fit, known_device
from kefu.core.decide.listed import several_meant, shown, variants_of
from kefu.core.decide.narrowing import agrees, narrowed, of_offered, only, without
from kefu.core.decide.reading import Reading, named, sku_name
from kefu.core.decide.side_by_side import told_side_by_side
from kefu.core.decide.sums import (
    Portion,
    added_shortly,
    adds_to_prices,
    as_said,
    asks_the_sum,
    gathered,
    how_many_in_all,
    in_the_box,
    remembered,
    things_wanted,
    total,
)
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.which_to_add import asks_which_to_add
from kefu.core.decide.wishes import asks_the_price_too, first_wish
from kefu.core.decide.written_delivery import not_sent_there, say_refused, with_what_is_written
from kefu.core.dialogue import Named, Pending
from kefu.core.text import normalise

FOCUS: dict[str, Focus] = {"price_query": "price", "delivery_query": "delivery"}
GOODS_INTENTS = ("stock_query", "price_query", "delivery_query", "compatibility")
"""Intents answered here. A shop's own intents are mapped to them by name (`core.intents.map_classes`)."""


def answer_goods(reading: Reading, ports: Ports, intent: str) -> Decision:
    """The decision for an intent of `GOODS_INTENTS`."""
    if intent == "compatibility":
        return answer_fit(reading, shelf_of(reading, ports), shown(reading))
    return with_what_is_written(reading, _from_data(reading, ports, intent))


def _from_data(reading: Reading, ports: Ports, intent: str) -> Decision:
    if unknown_sum := asks_which_to_add(reading):
        return unknown_sum
    if intent == "delivery_query" and asks_the_price_too(reading.text.text):
        intent = "price_query"  # its answer holds when they arrive too
    several = several_meant(reading)
    if intent == "delivery_query" and (several or _names_no_thing(reading)):
        return _deliver(reading, ports, several)
    found = meant(reading) if intent == "delivery_query" and reading.place else Resolution("none")
    if found.kind == "ambiguous" and found.product:  # which variant changes nothing, mostly
        answer = _deliver(reading, ports, [(found.product, variant) for variant in found.variants])
        if not answer.handoff_reason:
            return replace(answer, product=named(found), remembered=_of_the_goods(reading, found))
    return _stock(reading, ports, intent)


def answer_browser(reading: Reading, ports: Ports) -> Decision:
    """The decision for a customer who looks for nothing in particular, whatever was spoken of before."""
    return _stock(reading, ports, "stock_query", Resolution("none"))


def shelf_of(reading: Reading, ports: Ports) -> Shelf:
    parts = reading.parts
    return Shelf(
        parts.catalogue,
        ports.stock,
        parts.book,
        reading.bought_at,
        parts.stock_max_age,
        parts.voice.address or "您",
        parts.compatibility.decisive,
        parts.compatibility.serves,
    )


def meant(reading: Reading) -> Resolution:
    """What the message means in the catalogue, with what the conversation carries over."""
    found = for_the_animal(_resolved(reading), reading.asked.query, reading.parts.catalogue)
    found = narrowed(_of_those_that_fit(reading, _at_that_price(reading, found)), _known_of_it(reading))
    found = without(found, {canonical_value(slot.value) for slot in reading.all_slots if slot.negated})
    return in_the_box(found) if reading.in_boxes else found


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
    if not own.is_outright and (picked := _of_offered(reading, own)) is not None:
        return picked
    if (kept := _kept(reading, own)) is not None:
        return kept
    if own.kind == "exact" or own.is_outright:
        return own
    if own.kind == "ambiguous" and own.how in ("text", "fuzzy") and (held := follow.product or reading.state.product):
        product = reading.parts.catalogue.thing(held.id)  # 控油的N15, after a foundation of these names
        if product and reading.parts.catalogue.having(reading.wished_for, [product]):
            return reading.parts.catalogue.chosen(product, reading.wished_for)
    last = [follow.product.id] if follow.product else []
    if not last and reading.state.pending and reading.state.pending.options:
        last = [option.id for option in reading.state.pending.options]
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


def _stock(reading: Reading, ports: Ports, intent: str, about: Resolution | None = None) -> Decision:
    intent = first_wish(reading.text.text, intent, reading.sayable if reading.sure else frozenset())
    ask = Ask(reading.carried_place, reading.when, reading.quantity, FOCUS.get(intent, "stock"), reading.in_boxes)
    wanted = _of_some_kind(reading, things_wanted(reading))
    resolution = about or (meant(reading) if len(wanted) < 2 else Resolution("none"))
    every = gathered(reading, resolution) if len(wanted) < 2 and about is None else []
    wanted = every or wanted
    goes_on = every and every[-1].thing.meant is resolution  # 那XL贵多少: of what is named the talk goes on
    resolution = Resolution("none") if every and not goes_on else resolution
    sums_up = (len(wanted) > 1 and asks_the_sum(reading.text.text)) or adds_to_prices(reading)
    if intent == "stock_query" and sums_up:
        intent, ask = "price_query", replace(ask, focus="price")
    things = [one.thing for one in wanted]
    shelf = shelf_of(reading, ports)
    resolution = _there_now(reading, shelf, resolution)
    ask = replace(ask, quantity=how_many_in_all(reading, resolution))
    extreme = extreme_asked(reading, shelf, whole_shop=not things and resolution.is_nothing)
    if extreme:
        answer = extreme
        resolution = Resolution("none") if resolution.how == "text" else resolution  # 车用的礼物 200以内 names nothing
    elif len(things) > 1:
        asks = {id(one.thing): replace(ask, quantity=one.number, boxes=one.boxes) for one in wanted}
        answer = several_answer(
            shelf, things, lambda thing: asks[id(thing)], total(reading, wanted, ask.focus == "price")
        )
    else:
        answer = stock_answer(shelf, resolution, ask)
    told = ""
    if ask.focus == "price" and resolution.kind == "ambiguous" and answer.missing == ("product",):
        before = reading.state.attributes if resolution.how == "last" else {}
        known = {**before, **reading.follow.attributes}
        choices = [
            (product, tuple(v for v in variants if agrees(v, known)) or variants)
            for product, variants in shelf.catalogue.left_of(reading.asked.query, resolution.candidates)
        ]
        told = prices_of(shelf, choices)
        told = with_told(told, of_one_piece([product for product, _ in choices])) if told and ask.boxes else told
        answer = replace(answer, reply=told or answer.reply)
    if reading.warehouse and resolution.variant:
        answer = _in_warehouse(shelf, reading.warehouse, resolution, answer)
    route = "price" if ask.focus == "price" else answer.route
    return Decision(
        route="stock" if route == "price" else route,
        reply=answer.reply,
        intent=intent,
        found=answer.found,
        available=answer.available,
        quantity=answer.quantity,
        as_of=answer.as_of.isoformat() if answer.as_of else "",
        delivery=answer.delivery,
        missing=answer.missing,
        ask=answer.ask,
        reason=f"{len(things)} things named" if len(things) > 1 else _why(resolution, answer),
        product=named(resolution)
        or (sku_name(reading, answer.skus[0]) if answer is extreme and extreme_in(reading.text.text) else None),
        products=_products_shown(reading, answer, resolution, things),
        place=reading.carried_place.name if reading.carried_place else "",
        attributes=reading.follow.attributes,
        remembered=_of_the_goods(reading, resolution, wanted),
        pending=_pending(reading, intent, answer, resolution.unknown),
        handoff_reason="missing_information" if answer.uncertain else "",
        failed=not answer.found and not told,
    )


KINDS = 3
"""Kinds of goods of which a word that names some of each names none of them."""


def _of_some_kind(reading: Reading, wanted: Sequence[Portion]) -> list[Portion]:
    """Without those that only share a word with goods of many kinds, where other goods are named or spoken of."""
    if not (reading.state.product or any(one.thing.meant.product for one in wanted)):
        return list(wanted)
    return [one for one in wanted if one.number or not _names_many_kinds(one.thing)]


def _names_many_kinds(thing: Thing) -> bool:
    """Whether a part of the message only shares a word with goods of many kinds (宝宝22斤 in a shop for babies)."""
    meant = thing.meant
    return meant.product is None and not meant.category and len({one.category for one in meant.candidates}) >= KINDS


_ONLY_THERE = re.compile(r"有?现货的|(?:现在|今天|马上|立[刻马])(?:就|都)?(?:能|可以)发的?|不用等的")


def _there_now(reading: Reading, shelf: Shelf, found: Resolution) -> Resolution:
    """Of several products those that are there, where only such are asked for (别的橘子有啥现货的)."""
    if found.kind != "ambiguous" or found.product or not _ONLY_THERE.search(reading.text.text):
        return found
    states = shelf.states([v.sku for product in found.candidates for v in product.variants])
    there = tuple(p for p in found.candidates if any(states[v.sku].kind == "in" for v in p.variants))
    if len(there) == 1:
        return reading.parts.catalogue.chosen(there[0], reading.wished_for)
    return replace(found, candidates=there, question=which_product(there)) if there else found


def _of_the_goods(reading: Reading, resolution: Resolution, wanted: Sequence[Portion] = ()) -> dict[str, str]:
    """How many are wanted of what is spoken of, and of each of several things."""
    alone = Portion(Thing(0, 0, resolution), how_many_in_all(reading, resolution), reading.in_boxes)
    many = {"quantity": alone.said} if alone.number and resolution.product else {}
    told = told_side_by_side(reading, resolution, [one.thing.meant for one in wanted] if len(wanted) > 1 else [])
    return many | told | remembered(reading, wanted if len(wanted) > 1 else [alone])


def _in_warehouse(shelf: Shelf, warehouse: str, resolution: Resolution, answer: StockAnswer) -> StockAnswer:
    """The answer when the customer names a warehouse that does not hold the variant, though others do."""
    assert resolution.product
    assert resolution.variant
    state = shelf.state(resolution.variant.sku)
    if not answer.available or warehouse in dict(state.warehouses) or state.as_of is None:
        return answer
    product = resolution.product
    held = "、".join(f"{name}{quantity}{product.unit}" for name, quantity in state.warehouses)
    counted = f"（库存更新于{say_moment(state.as_of, shelf.now)}）"
    what = full_name(product, resolution.variant) + warehouse
    reply = f"{opening(shelf.address)}{what}目前缺货，其他仓还有：{held}{counted}。"
    return replace(answer, reply=reply, delivery="")


def _why(resolution: Resolution, answer: StockAnswer) -> str:
    if answer.uncertain:
        return "the shop's data do not say"
    return f"product {resolution.kind} by {resolution.how}" if resolution.how else f"product {resolution.kind}"


def _pending(reading: Reading, intent: str, answer: StockAnswer, unknown: str = "") -> Pending | None:
    if not answer.missing:
        return None
    filled = {"place": reading.carried_place.name} if reading.carried_place else {}
    many = how_many_in_all(reading, Resolution("none"))
    filled |= {"quantity": as_said(many, reading.in_boxes)} if many else {}
    filled |= {"unknown": unknown} if unknown else {}
    return Pending(intent, answer.missing, answer.ask, filled, _options(reading, answer.skus))


def _products_shown(
    reading: Reading, answer: StockAnswer, resolution: Resolution, things: Sequence[Thing]
) -> tuple[Named, ...]:
    """What was listed, in its order; of several things that are all decided the variants."""
    if resolution.variant:
        return ()
    if len(things) > 1 and all(thing.meant.variant for thing in things):
        return tuple(one for thing in things if (one := named(thing.meant)))
    return _options(reading, answer.skus)


def _options(reading: Reading, skus: Sequence[str]) -> tuple[Named, ...]:
    """The variants as things to choose from; of several products, the products."""
    found = [pair for sku in skus if (pair := reading.parts.catalogue.by_sku(sku))]
    products = dict.fromkeys(product.id for product, _ in found)
    if len(products) > 1:
        names = {product.id: product.name for product, _ in found}
        return tuple(Named(product_id, names[product_id]) for product_id in products)
    return tuple(Named(v.sku, f"{p.name} {label(p, v)}".strip()) for p, v in found)


def _deliver(reading: Reading, ports: Ports, pairs: Sequence[tuple[Product, Variant]]) -> Decision:
    """One promise for several products, grouped by what can be said of them; for none, for whatever is in stock."""
    ask = Ask(reading.carried_place, reading.when, reading.quantity, "delivery", reading.in_boxes)
    no = not_sent_there(reading, pairs)
    sent = [pair for pair in pairs if pair not in no] or pairs
    skus, of_before = [variant.sku for _, variant in sent], not reading.alone.is_named
    answer = delivery_answer(shelf_of(reading, ports), skus, ask, of_before=of_before)
    if no and len(sent) < len(pairs):
        answer = replace(answer, reply=f"{answer.reply}\n{say_refused(no, pairs)}")
    return Decision(
        route=answer.route,
        reply=answer.reply,
        intent="delivery_query",
        found=answer.found,
        available=answer.available,
        missing=answer.missing,
        ask=answer.ask,
        delivery=answer.delivery,
        place=ask.place.name if ask.place else "",
        products=tuple(named for sku in answer.skus if (named := sku_name(reading, sku))),
        attributes={**(reading.state.attributes if pairs else {}), **reading.follow.attributes},
        pending=_pending(reading, "delivery_query", answer),
        handoff_reason="missing_information" if answer.uncertain else "",
        reason=f"{len(pairs)} products of the last answer" if pairs else "no product named",
    )


def _names_no_thing(reading: Reading) -> bool:
    """发到上海几天: a place, but nothing to be sent, neither here nor before."""
    return names_nothing(reading) and reading.carried_place is not None


def names_nothing(reading: Reading) -> bool:
    """Whether no goods are named, neither here nor before."""
    return meant(reading).is_nothing


_WHICH = (
    r"区别|差别|差在?哪|好在哪|有(?:什么|啥|何)不[同一]|"
    r"(?:好看|合适|显白|百搭|耐看|大气)还是|"
    r"哪[个款种].{0,4}(?:好|适合|值|快|强|耐用|耐磨|结实|清楚|清晰|省电|轻|大|安静|稳|推荐|[划合]算|实惠)"
)
_ASKS_WHICH = re.compile(_WHICH)
_COMPARES = re.compile(f"{_WHICH}|不同|对比|比较|比(?:起来)?(?:咋样|怎么样|怎样|如何)")


def compared_goods(reading: Reading) -> tuple[Product, ...]:
    """The products between which the message asks to choose: those that it names, by a code too (x7和x9哪个快), else
    those just shown; also one, of whose values it asks (青轴和红轴). () if it compares nothing."""
    if not _COMPARES.search(reading.text.text):
        return ()
    catalogue, ignore = reading.parts.catalogue, reading.no_product_words
    things = things_in(catalogue, reading.asked.query, ignore)
    if len(things) < 2:
        things = things_in(catalogue, _COMPARES.sub(" ", reading.asked.query), ignore, search=True) or things
    named = tuple(dict.fromkeys(product for thing in things for product in thing.meant.products))
    if len(named) > 1:
        return named
    return (named or shown(reading)) if _ASKS_WHICH.search(reading.text.text) else ()  # 我比较急 compares nothing


_ADVICE = re.compile(
    r"推荐(?!码|人|官|来的|购)|[用买选](?:什么|啥|哪)(?!时候).{0,6}(?:好|合适)(?![急多评慢难久])|[用买选]哪[个款种一](?!口|门)|怎么[选挑]|帮.{0,3}[选挑]|[搭配]个?(?:什么|啥)(?!时候)"
)


def advised_goods(reading: Reading) -> tuple[Product, ...]:
    """The products among which the message asks for advice (推荐个办公用的键盘), those whose data hold most of its
    words first; () if it asks for none, or for what must fit a device first."""
    if not _ADVICE.search(reading.text.text):
        return ()
    found = reading.resolution.products if reading.resolution.is_named else shown(reading)
    if any(reading.parts.compatibility.concerns(p) for p in found):
        return ()
    words = words_sought(reading.asked.query)
    pairs = {word[at : at + 2] for word in words for at in range(max(len(word) - 1, 1))}
    return tuple(sorted(found, key=lambda p: -sum(pair in normalise(p.name + p.description).text for pair in pairs)))


def asks_what_fits(reading: Reading) -> bool:
    """Whether the shop's compatibility data can answer: not how goods differ, nor what the data say nothing of."""
    if _COMPARES.search(reading.text.text):
        return False
    compatibility, meant, catalogue = reading.parts.compatibility, reading.resolution, reading.parts.catalogue
    category = meant.category or catalogue.category_in(reading.asked.query)
    products = meant.products or (catalogue.in_category(category) if category else shown(reading))
    if not category and not products:
        return True
    return category in compatibility.categories or any(compatibility.concerns(product) for product in products)
