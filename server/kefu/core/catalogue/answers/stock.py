"""Answers about stock, price and delivery. They say "in stock" only where a fresh row of the store says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from kefu.core.catalogue.answers.alternatives import Serves, nearest
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.delivery.limits import limit_in
from kefu.core.catalogue.delivery.promises import Delivery, DeliveryBook, promise_delivery, say_dispatch
from kefu.core.catalogue.lead import LeadTime, mark_lead, say_lead
from kefu.core.catalogue.names.choose import common_name, full_name, label, which_kind
from kefu.core.catalogue.names.descriptions import description_of
from kefu.core.catalogue.phrases import (
    WHICH_KIND,
    WHICH_ONE,
    apart,
    is_measured,
    opening,
    say_day,
    say_moment,
    say_number,
    say_price,
    say_price_of,
    say_prices,
)
from kefu.core.catalogue.several.boxes import in_pieces
from kefu.core.catalogue.values import Place, Product, Resolution, StockRow, Variant, When

StockOf = Callable[[Sequence[str]], Mapping[str, Sequence[StockRow]]]
"""SKUs → their rows as the store has them at this moment; a SKU without rows may be absent."""

Focus = Literal["stock", "delivery", "price"]

LISTED = 6
"""Up to so many undecided variants are answered one by one; more are asked about."""

LONGEST_NAME = 8
"""Characters up to which what was not found is said back: more of them are a sentence, no name."""
VIRTUAL = "这是自动发货的虚拟商品，付款后系统会自动发送卡密，不需要快递配送"
AUTOMATIC = "付款后自动发货"
"""Said of virtual goods instead of how many there are."""

ASK_PLACE = "请问您要送到哪个城市？我帮您看一下送达时间"


@dataclass(frozen=True, slots=True)
class StockState:
    """One SKU's stock at this moment. ``unknown``: no row, or only rows older than the shop's limit.

    ``later``: it has a ``lead`` time and can be ordered, whatever the rows say; ``quantity`` is how many, 0 = not told.
    Virtual goods are ``in`` without a row too, ``quantity`` 0 = not counted, and ``as_of`` is None.
    """

    kind: Literal["in", "out", "unknown", "later"]
    quantity: int = 0
    as_of: datetime | None = None
    warehouses: tuple[tuple[str, int], ...] = ()
    incoming: date | None = None
    incoming_quantity: int = 0
    lead: LeadTime | None = None

    @property
    def can_be_bought(self) -> bool:
        return self.kind in ("in", "later")


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """``available`` and ``quantity`` are about the one variant meant; false and 0 while it is undecided, and false for
    what has to be made or ordered in first.

    ``uncertain``: the shop's data do not say; a person should. ``delivery`` is the promise in words, ``deliverable``
    whether it meets the wish (None = not asked or not known). ``skus`` are what was spoken of, for the next turn.
    """

    found: bool
    reply: str
    available: bool = False
    uncertain: bool = False
    quantity: int = 0
    as_of: datetime | None = None
    delivery: str = ""
    deliverable: bool | None = None
    missing: tuple[str, ...] = ()
    ask: str = ""
    route: Literal["stock", "delivery", "ask"] = "stock"
    product: str = ""
    skus: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What the customer wants to know besides the product. ``quantity`` 0 = not said; of cloth it may be 2.5.

    ``boxes``: the quantity is one of boxes, of whatever the product is counted in.
    """

    place: Place | None = None
    when: When | None = None
    quantity: float = 0
    focus: Focus = "stock"
    boxes: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """What answers are made from: the catalogue, live stock, promises, this moment, and how old a count may be."""

    catalogue: Catalogue
    stock: StockOf
    book: DeliveryBook
    now: datetime
    max_age: timedelta
    address: str = "您"
    decisive: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Category → attributes that decide what its goods fit."""
    serves: Serves = lambda _product, _variant: frozenset()
    """The devices for which a variant is made by the data; none for goods for any."""

    def state(self, sku: str) -> StockState:
        return self.states((sku,))[sku]

    def states(self, skus: Sequence[str]) -> dict[str, StockState]:
        rows = self.stock(skus)
        return {sku: self._state(sku, rows.get(sku, ())) for sku in skus}

    def _state(self, sku: str, rows: Sequence[StockRow]) -> StockState:
        state = stock_state(rows, self.now, self.max_age)
        product, variant = self.catalogue.by_sku(sku) or (None, None)
        if product and product.virtual and (not rows or any(row.quantity for row in rows)):
            return StockState("in", state.quantity)  # a code is made or fetched: only a count of 0 means that none is
        lead = variant.lead_time if variant and product and not product.virtual else None
        return replace(state, kind="later", lead=lead) if lead and lead.holds(self.now.date()) else state

    def mark(self, state: StockState) -> str:
        """What a list says of goods that are there ``later``; ``""`` for others."""
        return mark_lead(state.lead, self.now.date()) if state.lead else ""

    def promise(self, state: StockState, place: Place, when: When | None, quantity: float = 0) -> Delivery:
        """When goods in that state arrive, from warehouses that hold the quantity where there are any."""
        enough = [name for name, held in state.warehouses if held >= max(quantity, 1)]
        warehouses = enough or [name for name, _ in state.warehouses]
        return promise_delivery(self.book, warehouses, place, self.now, when, state.lead)


def stock_state(rows: Sequence[StockRow], now: datetime, max_age: timedelta) -> StockState:
    """Only rows counted within ``max_age`` are believed; ``as_of`` is the oldest of them."""
    fresh = [row for row in rows if now - row.as_of <= max_age]
    quantity = sum(row.quantity for row in fresh)
    if quantity == 0 and len(fresh) < max(len(rows), 1):
        return StockState("unknown")
    later = [row for row in rows if row.incoming and row.incoming >= now.date()]
    coming = sorted((row.incoming, row.incoming_quantity) for row in later if row.incoming)
    held = tuple((row.warehouse, row.quantity) for row in sorted(fresh, key=lambda row: -row.quantity) if row.quantity)
    return StockState(
        "in" if quantity > 0 else "out",
        quantity,
        min(row.as_of for row in fresh),
        held,
        coming[0][0] if coming else None,
        coming[0][1] if coming else 0,
    )


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
        return _several_variants(shelf, meant.product, meant.variants, meant.question, ask)
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
    if price and variant.price is not None and _makes_a_sum(product, ask.quantity):
        price += f"，{_sum(product, variant.price, ask.quantity)}"
    if ask.focus == "price" and not price:
        price = "的价格暂不确定，我请同事帮您核实"
    if state.kind == "unknown":
        said = f"{name}{price + '，' if price else '的'}库存暂不确定，我请同事帮您核实后再回复您。"
        return StockAnswer(True, opening(shelf.address) + said, uncertain=True, product=product.id, skus=(variant.sku,))
    if state.kind == "out":
        return _sold_out(shelf, product, variant, state, f"{name}{price + '，' if price else ''}", ask)
    uncounted = not state.quantity and (state.kind == "later" or product.virtual)
    enough = uncounted or state.quantity >= max(ask.quantity, 1)
    delivery, possible = _delivery(shelf, product, state, ask)
    if state.kind == "later":
        there = _on_order(product, state, ask.quantity, shelf.now, delivery)
    elif product.virtual and enough:
        there = "有货" if delivery else f"是虚拟商品，{AUTOMATIC}"
    else:
        there = _in_stock(product, state, ask.quantity, shelf.now)
    said = f"{name}{price + '，' if price else ''}{there}"
    reply = f"{opening(shelf.address)}{said}。{delivery + '。' if delivery else ''}"
    if not enough:
        reply += f"{_when_more(product, state, shelf.now)}您看先拍现有的数量可以吗？"
    return StockAnswer(
        True, reply, enough and state.kind == "in", delivery.count("暂不确定") > 0, state.quantity, state.as_of,
        delivery, possible,
        route="delivery" if ask.focus == "delivery" else "stock", product=product.id, skus=(variant.sku,),
    )  # fmt: skip


def _makes_a_sum(product: Product, wanted: float) -> bool:
    return wanted > 1 or (is_measured(product.unit) and 0 < wanted < 1)


def _sum(product: Product, price: int, wanted: float) -> str:
    return f"{say_number(wanted)}{product.unit}共{say_price(round(price * wanted))}"


def _in_stock(product: Product, state: StockState, wanted: float, now: datetime) -> str:
    held = "、".join(f"{warehouse}{quantity}{product.unit}" for warehouse, quantity in state.warehouses)
    where = f"{held}，" if len(state.warehouses) > 1 else ""
    as_of = f"（{where}库存更新于{say_moment(state.as_of, now)}）" if state.as_of else ""
    if wanted > state.quantity:
        return f"目前库存只有{state.quantity}{product.unit}，不够您要的{say_number(wanted)}{product.unit}{as_of}"
    enough = f"，您要的{say_number(wanted)}{product.unit}够的" if wanted > 1 else ""
    return f"有现货，目前库存{state.quantity}{product.unit}{as_of}{enough}"


def _when_more(product: Product, state: StockState, now: datetime) -> str:
    """When more comes of what is not enough."""
    if state.incoming is None:
        return "后续到货时间暂不确定。"
    amount = f"{state.incoming_quantity}{product.unit}" if state.incoming_quantity else ""
    return f"预计{say_day(state.incoming, now.date())}再到货{amount}。"


def _on_order(product: Product, state: StockState, wanted: float, now: datetime, told: str) -> str:
    """Of goods with a lead time: when they are sent, if that is not ``told`` beside; a quantity in the rows is how many
    can be ordered."""
    assert state.lead
    said = say_lead(state.lead, now.date(), told)
    if not state.quantity or state.as_of is None:
        return said
    counted = f"（库存更新于{say_moment(state.as_of, now)}）"
    if wanted > state.quantity:
        return (
            f"{said}，目前最多可订{state.quantity}{product.unit}，不够您要的{say_number(wanted)}{product.unit}{counted}"
        )
    return f"{said}，目前可订{state.quantity}{product.unit}{counted}"


def _delivery(shelf: Shelf, product: Product, state: StockState, ask: Ask) -> tuple[str, bool | None]:
    """The promise in words, from warehouses that hold the quantity wanted; ``""`` when nobody asked."""
    if not _asks_when(ask):
        return "", None
    if product.virtual:
        return VIRTUAL, True
    if ask.place is None:
        return _to_where(shelf, state, ask.when)
    found = shelf.promise(state, ask.place, ask.when, ask.quantity)
    return found.sentence, found.possible


def _asks_when(ask: Ask) -> bool:
    return bool(ask.place or ask.when) or ask.focus == "delivery"


def _to_where(shelf: Shelf, state: StockState, when: When | None) -> tuple[str, bool | None]:
    """The question for the place; of goods with a lead time when they are sent is known without it."""
    if state.lead is None:
        return ASK_PLACE, None
    first, last = leaves = shelf.book.leaves(state.lead, shelf.now.date())
    sent = say_dispatch(leaves, shelf.now.date())
    if when and last > when.day:
        wished = when.words or say_day(when.day, shelf.now.date())
        return f"{wished}到{'恐怕' if first <= when.day else ''}来不及，{sent}", False
    return f"{sent}。{ASK_PLACE}", None


def _sold_out(shelf: Shelf, product: Product, variant: Variant, state: StockState, name: str, ask: Ask) -> StockAnswer:
    said = f"{name}目前缺货"
    if state.incoming:
        amount = f"{state.incoming_quantity}{product.unit}" if state.incoming_quantity else ""
        said += f"，预计{say_day(state.incoming, shelf.now.date())}到货{amount}"
    else:
        said += f"，{_of_its_return(description_of(product, variant)) or '到货时间暂不确定'}"
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


_RETURN = re.compile(r"[^，,。；;]*(?:停产|下架|下市|绝版|不再|再上|补货|开摘|[月日号季]上市)[^。；;]*")


def _of_its_return(description: str) -> str:
    """What the shop says of a thing that is gone: 已停产，卖完不再补货."""
    found = _RETURN.search(description)
    return found[0].strip() if found else ""


def refused(shelf: Shelf, skus: Sequence[str], place: Place | None) -> str:
    """That the place is not served from where these are kept, whether any are there or not; ``""`` if it is."""
    kept = {row.warehouse for rows in shelf.stock(skus).values() for row in rows}
    if place is None or not shelf.book.is_refused(tuple(kept), place.code):
        return ""
    return f"{place.name}目前不在我们的配送范围内，很抱歉"


def _alternatives(shelf: Shelf, product: Product, variant: Variant) -> list[tuple[Product, Variant, StockState]]:
    """At most three that are most like the sold-out one and whose rows say they are there; then what can be ordered."""
    close = nearest(shelf.catalogue, product, variant, shelf.decisive.get(product.category, ()), shelf.serves)
    states = shelf.states([other.sku for _, other in close])
    can_be = [(p, v, states[v.sku]) for p, v in close if states[v.sku].can_be_bought]
    return sorted(can_be, key=lambda one: one[2].kind != "in")[:3]


def _several_variants(
    shelf: Shelf, product: Product, variants: Sequence[Variant], question: str, ask: Ask
) -> StockAnswer:
    """Few undecided variants: each with its own stock; many: the question. What is the same for all is told with it."""
    skus = tuple(variant.sku for variant in variants)
    states = shelf.states(skus) if len(variants) <= LISTED or _asks_when(ask) else {}
    head = opening(shelf.address)
    prices = {variant.price for variant in variants}
    promise = _promise_of_all(shelf, product, states, ask)
    asks_where = promise.endswith(ASK_PLACE)
    missing, asked = (("place",), f"{ASK_PLACE}。") if asks_where else (("variant",), question)
    if len(variants) > LISTED:
        told, which = "", question
        if ask.focus == "price" and (known := [price for price in prices if price is not None]):
            told = (
                f"{apart(common_name(product, variants))}{say_prices(known, product.unit)}{'。' if promise else '，'}"
            )
            which = question.removeprefix(product.spoken).removeprefix("的")
        if promise:
            which = f"{promise}。{'' if asks_where else question}"
        return StockAnswer(
            True, head + told + which, missing=missing, ask=asked, route="ask", product=product.id, skus=skus[:20]
        )
    dates = [state.as_of for state in states.values() if state.as_of]
    as_of = f"（库存更新于{say_moment(min(dates), shelf.now)}）" if dates else ""
    gone = all(state.kind == "out" for state in states.values())
    later = _of_its_return(product.description) if gone and not any(state.incoming for state in states.values()) else ""
    ask_which = f"{later}。" if later else WHICH_ONE
    cost = ""
    if ask.focus == "price" and len(prices) == 1 and _makes_a_sum(product, ask.quantity) and (price := prices.pop()):
        cost = f"{_sum(product, price, ask.quantity)}。"
    if promise:
        ask_which = f"{promise}。{'' if asks_where else ask_which}"
    elif _asks_when(ask):
        ask_which = f"{WHICH_ONE}我帮您看送达时间。"
    reply = f"{head}{apart(product.spoken)}{_listed(shelf, product, variants, states, ask)}{as_of}。{cost}{ask_which}"
    return StockAnswer(
        True, reply, as_of=min(dates, default=None), missing=() if later else missing,
        ask="" if later else asked, product=product.id, skus=skus,
        uncertain=all(state.kind == "unknown" for state in states.values()),
    )  # fmt: skip


def _promise_of_all(shelf: Shelf, product: Product, states: Mapping[str, StockState], ask: Ask) -> str:
    """What is promised of every variant that can be bought, if that is the same; ``""`` when nobody asked."""
    told = {_delivery(shelf, product, state, ask)[0] for state in states.values() if state.can_be_bought}
    return told.pop() if len(told) == 1 else ""


def _listed(
    shelf: Shelf, product: Product, variants: Sequence[Variant], states: Mapping[str, StockState], ask: Ask
) -> str:
    """What is to be said of each: S、M：95.00元，暂时缺货；L：95.00元，现货3件. A count is one variant's."""
    alike: dict[tuple[str, str], list[str]] = {}
    for variant in variants:
        state = states[variant.sku]
        of_one = variant.sku if state.kind == "in" and not product.virtual else ""
        alike.setdefault((_short(shelf, product, variant, state, ask), of_one), []).append(label(product, variant))
    colon = "：" if ask.focus == "price" else ""
    comma = "；" if colon or len(alike) < len(variants) else "、"
    return comma.join(f"{'、'.join(names)}{colon}{said}" for (said, _), names in alike.items())


def _short(shelf: Shelf, product: Product, variant: Variant, state: StockState, ask: Ask) -> str:
    return priced(shelf, product, variant, state) if ask.focus == "price" else amount(shelf, product, state)


def priced(shelf: Shelf, product: Product, variant: Variant, state: StockState) -> str:
    """What it costs, and how many are there: 88.00元/米，现货3米."""
    price = "" if variant.price is None else say_price_of(variant.price, product.unit)
    return f"{price}{'，' if price and not state.lead else ''}{amount(shelf, product, state)}"


def amount(shelf: Shelf, product: Product, state: StockState) -> str:
    """How many are there, after a name in a list: 现货12件, 暂时缺货, 付款后自动发货, （需备货，付款后25-30天发货）."""
    if state.kind == "in":
        return AUTOMATIC if product.virtual else f"现货{state.quantity}{product.unit}"
    if state.kind == "unknown":
        return "库存暂不确定"
    return shelf.mark(state) or f"暂时缺货{coming(state, shelf.now)}"


def coming(state: StockState, now: datetime) -> str:
    """When what is sold out comes, after its name; ``""`` if that is not known."""
    return f"（预计{say_day(state.incoming, now.date())}到货）" if state.incoming else ""
