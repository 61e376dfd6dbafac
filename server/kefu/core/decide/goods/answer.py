"""Stock, price, delivery and compatibility: answered from the catalogue and the store, never from a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.answers.extremes import extreme_in
from kefu.core.catalogue.answers.prices import prices_of
from kefu.core.catalogue.answers.shelf import Ask, Focus, Shelf, StockAnswer
from kefu.core.catalogue.answers.stock import stock_answer, with_told
from kefu.core.catalogue.delivery.answer import delivery_answer
from kefu.core.catalogue.names.labels import full_name, label, which_product
from kefu.core.catalogue.phrases import opening, say_moment
from kefu.core.catalogue.several.boxes import of_one_piece
from kefu.core.catalogue.several.several_things import Thing, several_answer, sum_of
from kefu.core.catalogue.values import Product, Resolution, Variant
from kefu.core.decide.goods.adding import adds_to_prices, asks_the_sum
from kefu.core.decide.goods.by_price import extreme_asked
from kefu.core.decide.goods.fit import answer_fit
from kefu.core.decide.goods.for_the_same_device import all_for_one_device
from kefu.core.decide.goods.listed import several_meant, shown
from kefu.core.decide.goods.meant import meant, names_nothing
from kefu.core.decide.goods.narrowing import agrees
from kefu.core.decide.goods.numbers_kept import how_many_in_all, remembered
from kefu.core.decide.goods.portions_wanted import Portion, as_said, things_wanted
from kefu.core.decide.goods.side_by_side import told_side_by_side
from kefu.core.decide.goods.sums import DIFFERENCE, counts_things, gathered, total
from kefu.core.decide.goods.which_to_add import asks_which_to_add
from kefu.core.decide.goods.written_delivery import not_sent_there, say_refused, with_what_is_written
from kefu.core.decide.hearing.reading import Reading, named, sku_name
from kefu.core.decide.hearing.wishes import asks_the_price_too, first_wish
from kefu.core.decide.values import Decision, Ports
from kefu.core.dialogue import Named, Pending

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


def _stock(reading: Reading, ports: Ports, intent: str, about: Resolution | None = None) -> Decision:
    intent = first_wish(reading.text.text, intent, reading.sayable if reading.sure else frozenset())
    ask = Ask(reading.carried_place, reading.when, reading.quantity, FOCUS.get(intent, "stock"), reading.in_boxes)
    wanted = all_for_one_device(reading, _of_some_kind(reading, things_wanted(reading)))
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
        told = total(reading, wanted, ask.focus == "price")
        compares = told != "" and DIFFERENCE.search(reading.text.text) is not None
        answer = several_answer(shelf, things, lambda thing: asks[id(thing)], told, chooses=not compares)
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
        cost=_cost(resolution, wanted, ask) if ask.focus == "price" and not extreme else 0,
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


def _cost(resolution: Resolution, wanted: Sequence[Portion], ask: Ask) -> int:
    """What is told costs together, in fen; 0 where one thing, its number or its price is not known."""
    alone = Portion(Thing(0, 0, resolution), ask.quantity, ask.boxes)
    counted = [(one.thing, one.pieces) for one in (wanted if len(wanted) > 1 else [alone])]
    if any(pieces is None or thing.meant.variant is None for thing, pieces in counted):
        return 0
    return sum_of([(thing, pieces or 1) for thing, pieces in counted]) or 0


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
    many = 0 if counts_things(reading) else how_many_in_all(reading, Resolution("none"))
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
