"""Answers about stock, price and delivery. They say "in stock" only where a fresh row of the store says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.answers.alternatives import nearest
from kefu.core.catalogue.answers.said_of_stock import (
    AUTOMATIC,
    costs_together,
    in_stock,
    makes_a_sum,
    of_its_return,
    on_order,
    promised,
    when_more,
)
from kefu.core.catalogue.answers.shelf import Ask, Shelf, StockAnswer, StockState, refused
from kefu.core.catalogue.answers.undecided import several_variants
from kefu.core.catalogue.delivery.limits import limit_in
from kefu.core.catalogue.names.descriptions import description_of
from kefu.core.catalogue.names.labels import full_name, label, which_kind
from kefu.core.catalogue.phrases import (
    WHICH_KIND,
    WHICH_ONE,
    opening,
    say_day,
    say_moment,
    say_price_of,
)
from kefu.core.catalogue.several.boxes import in_pieces
from kefu.core.catalogue.values import Product, Resolution, Variant

LONGEST_NAME = 8
"""Characters up to which what was not found is said back: more of them are a sentence, no name."""


def stock_answer(shelf: Shelf, meant: Resolution, ask: Ask | None = None) -> StockAnswer:
    """The answer for what :meth:`Catalogue.resolve` understood."""
    ask, told = _in_pieces(meant, ask or Ask())
    answer = _answer(shelf, meant, ask)
    if told and answer.found:
        answer = replace(answer, reply=with_told(answer.reply, told))
    if not meant.unheeded:
        return answer
    return replace(answer, reply=f"{answer.reply}这款的资料没有按颜色区分，是否有{meant.unheeded}暂不确定。")


def _in_pieces(meant: Resolution, ask: Ask) -> tuple[Ask, str]:
    """``ask`` with its boxes in the unit of the product meant, and what is to be told of that."""
    if not ask.boxes or meant.product is None:
        return ask, ""
    pieces, told = in_pieces(meant.product, meant.variants, ask.quantity)
    return replace(ask, quantity=pieces, boxes=False), told


def with_told(reply: str, told: str) -> str:
    """``reply`` with one more sentence, before the question in which it ends."""
    question = next((one for one in (WHICH_ONE, WHICH_KIND) if reply.endswith(one)), "")
    return f"{reply.removesuffix(question)}{told}{question}"


def _answer(shelf: Shelf, meant: Resolution, ask: Ask) -> StockAnswer:
    if meant.kind == "exact" and meant.product and meant.variant:
        return _one(shelf, meant.product, meant.variant, ask)
    if meant.kind == "none":
        return _nothing(shelf, meant)
    if meant.product:
        return several_variants(shelf, meant.product, meant.variants, meant.question, ask)
    return StockAnswer(
        False,
        opening(shelf.address) + meant.question,
        missing=("product",),
        ask=meant.question,
        route="ask",
        skus=_to_choose(meant.candidates),
    )


def _nothing(shelf: Shelf, meant: Resolution) -> StockAnswer:
    """Not sold here, or not in that variant: said plainly, with what there is to choose from."""
    if meant.product:
        kinds = _kinds(meant.product, meant.near or meant.product.variants)
        said = (
            f"{meant.product.spoken}没有“{_as_written(meant.unknown)}”这个规格"
            if meant.unknown
            else f"{meant.product.spoken}没有您说的规格"
        )
        there_is = "有的是" if meant.near else "这款的规格是"
        ask = f"{there_is}{kinds}，{WHICH_KIND}" if kinds else "请问还需要看看别的吗？"
        skus = tuple(variant.sku for variant in meant.near or meant.product.variants)
        reply = f"{opening(shelf.address)}{said}。{ask}"
        return StockAnswer(False, reply, missing=("variant",), ask=ask, product=meant.product.id, skus=skus[:20])
    names = "、".join(product.spoken for product in meant.candidates[:3])
    ask = (
        f"店里同类的商品是{names}，请问有您要的吗？" if names else "麻烦您告诉我商品的完整名称或型号，我再帮您查一下。"
    )
    if not names and not meant.unknown:
        ask = which_kind(shelf.catalogue.kinds)
        return StockAnswer(False, opening(shelf.address) + ask, missing=("product",), ask=ask, route="ask")
    quotable = 0 < len(meant.unknown) <= LONGEST_NAME
    said = f"没有查到“{meant.unknown}”这款商品" if quotable else "没有完全对上您说的商品"
    if meant.candidates and shelf.catalogue.words.is_value(meant.unknown):
        said = f"店里的{meant.category or '这几款'}没有“{_as_written(meant.unknown)}”这个规格"
    skus = _to_choose(meant.candidates[:3])
    return StockAnswer(False, f"{opening(shelf.address)}{said}。{ask}", missing=("product",), ask=ask, skus=skus)


def _to_choose(products: Sequence[Product]) -> tuple[str, ...]:
    """A SKU of each product to choose from; of an only one its variants."""
    if len(products) == 1:
        return tuple(variant.sku for variant in products[0].variants)[:20]
    return tuple(product.variants[0].sku for product in products if product.variants)


def _as_written(value: str) -> str:
    """Letters as labels show them: XL, 2T."""
    return value.upper()


def _kinds(product: Product, variants: Sequence[Variant]) -> str:
    names = [label(product, variant) for variant in variants[:8]]
    return "、".join(name for name in names if name) + ("等" if len(variants) > 8 else "")


def _one(shelf: Shelf, product: Product, variant: Variant, ask: Ask) -> StockAnswer:
    """Of one variant; no more is said to be enough than one customer may buy."""
    limit = limit_in(description_of(product, variant)) if ask.quantity > 1 else None
    if limit is None or ask.quantity <= limit.most:
        return _so_many(shelf, product, variant, ask)
    answer = _so_many(shelf, product, variant, replace(ask, quantity=0))
    return replace(answer, available=False, reply=f"{answer.reply}{limit.said}。")


def _so_many(shelf: Shelf, product: Product, variant: Variant, ask: Ask) -> StockAnswer:
    state = shelf.state(variant.sku)
    name = full_name(product, variant)
    price = (
        f"价格是{say_price_of(variant.price, product.unit)}"
        if ask.focus == "price" and variant.price is not None
        else ""
    )
    if price and variant.price is not None and makes_a_sum(product, ask.quantity):
        price += f"，{costs_together(product, variant.price, ask.quantity)}"
    if ask.focus == "price" and not price:
        price = "的价格暂不确定，我请同事帮您核实"
    if state.kind == "unknown":
        said = f"{name}{price + '，' if price else '的'}库存暂不确定，我请同事帮您核实后再回复您。"
        return StockAnswer(True, opening(shelf.address) + said, uncertain=True, product=product.id, skus=(variant.sku,))
    if state.kind == "out":
        return _sold_out(shelf, product, variant, state, f"{name}{price + '，' if price else ''}", ask)
    uncounted = not state.quantity and (state.kind == "later" or product.virtual)
    enough = uncounted or state.quantity >= max(ask.quantity, 1)
    delivery, possible = promised(shelf, product, state, ask)
    if state.kind == "later":
        there = on_order(product, state, ask.quantity, shelf.now, delivery)
    elif product.virtual and enough:
        there = "有货" if delivery else f"是虚拟商品，{AUTOMATIC}"
    else:
        there = in_stock(product, state, ask.quantity, shelf.now)
    said = f"{name}{price + '，' if price else ''}{there}"
    reply = f"{opening(shelf.address)}{said}。{delivery + '。' if delivery else ''}"
    if not enough:
        reply += f"{when_more(product, state, shelf.now)}您看先拍现有的数量可以吗？"
    return StockAnswer(
        True, reply, enough and state.kind == "in", delivery.count("暂不确定") > 0, state.quantity, state.as_of,
        delivery, possible,
        route="delivery" if ask.focus == "delivery" else "stock", product=product.id, skus=(variant.sku,),
    )  # fmt: skip


def _sold_out(shelf: Shelf, product: Product, variant: Variant, state: StockState, name: str, ask: Ask) -> StockAnswer:
    said = f"{name}目前缺货"
    if state.incoming:
        amount = f"{state.incoming_quantity}{product.unit}" if state.incoming_quantity else ""
        said += f"，预计{say_day(state.incoming, shelf.now.date())}到货{amount}"
    else:
        said += f"，{of_its_return(description_of(product, variant)) or '到货时间暂不确定'}"
    as_of = f"（库存更新于{say_moment(state.as_of, shelf.now)}）" if state.as_of else ""
    delivery = ""
    if (ask.place or ask.when) and not product.virtual:
        delivery = refused(shelf, (variant.sku,), ask.place) or "目前无货可发，暂时不能承诺送达时间"
    others = _alternatives(shelf, product, variant)
    offer = ""
    if others:
        listed = "、".join(full_name(p, v) + (shelf.mark(s) or f"现有{s.quantity}{p.unit}") for p, v, s in others)
        offer = f"可以看看{listed}，您看合适吗？"
    reply = f"{opening(shelf.address)}{said}{as_of}。{delivery + '。' if delivery else ''}{offer}"
    return StockAnswer(
        True, reply, quantity=0, as_of=state.as_of, delivery=delivery, deliverable=False if delivery else None,
        product=product.id, skus=(variant.sku,), alternatives=tuple(v.sku for _, v, _ in others),
    )  # fmt: skip


def _alternatives(shelf: Shelf, product: Product, variant: Variant) -> list[tuple[Product, Variant, StockState]]:
    """At most three that are most like the sold-out one and whose rows say they are there; then what can be ordered."""
    close = nearest(shelf.catalogue, product, variant, shelf.decisive.get(product.category, ()), shelf.serves)
    states = shelf.states([other.sku for _, other in close])
    can_be = [(p, v, states[v.sku]) for p, v in close if states[v.sku].can_be_bought]
    return sorted(can_be, key=lambda one: one[2].kind != "in")[:3]
