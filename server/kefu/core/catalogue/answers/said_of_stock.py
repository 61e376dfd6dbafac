"""What is said of goods in one state of their stock: how many there are, what they cost, when they arrive."""

from __future__ import annotations

import re
from datetime import datetime

from kefu.core.catalogue.answers.shelf import Ask, Shelf, StockState
from kefu.core.catalogue.delivery.promises import say_dispatch
from kefu.core.catalogue.lead import say_lead
from kefu.core.catalogue.phrases import (
    is_measured,
    say_day,
    say_moment,
    say_number,
    say_price,
    say_price_of,
)
from kefu.core.catalogue.values import Product, Variant, When

VIRTUAL = "这是自动发货的虚拟商品，付款后系统会自动发送卡密，不需要快递配送"


AUTOMATIC = "付款后自动发货"
"""Said of virtual goods instead of how many there are."""


ASK_PLACE = "请问您要送到哪个城市？我帮您看一下送达时间"


def makes_a_sum(product: Product, wanted: float) -> bool:
    return wanted > 1 or (is_measured(product.unit) and 0 < wanted < 1)


def costs_together(product: Product, price: int, wanted: float) -> str:
    return f"{say_number(wanted)}{product.unit}共{say_price(round(price * wanted))}"


def in_stock(product: Product, state: StockState, wanted: float, now: datetime) -> str:
    held = "、".join(f"{warehouse}{quantity}{product.unit}" for warehouse, quantity in state.warehouses)
    where = f"{held}，" if len(state.warehouses) > 1 else ""
    as_of = f"（{where}库存更新于{say_moment(state.as_of, now)}）" if state.as_of else ""
    if wanted > state.quantity:
        return f"目前库存只有{state.quantity}{product.unit}，不够您要的{say_number(wanted)}{product.unit}{as_of}"
    enough = f"，您要的{say_number(wanted)}{product.unit}够的" if wanted > 1 else ""
    return f"有现货，目前库存{state.quantity}{product.unit}{as_of}{enough}"


def when_more(product: Product, state: StockState, now: datetime) -> str:
    """When more comes of what is not enough."""
    if state.incoming is None:
        return "后续到货时间暂不确定。"
    amount = f"{state.incoming_quantity}{product.unit}" if state.incoming_quantity else ""
    return f"预计{say_day(state.incoming, now.date())}再到货{amount}。"


def on_order(product: Product, state: StockState, wanted: float, now: datetime, told: str) -> str:
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


def promised(shelf: Shelf, product: Product, state: StockState, ask: Ask) -> tuple[str, bool | None]:
    """The promise in words, from warehouses that hold the quantity wanted; ``""`` when nobody asked."""
    if not asks_when(ask):
        return "", None
    if product.virtual:
        return VIRTUAL, True
    if ask.place is None:
        return _to_where(shelf, state, ask.when)
    found = shelf.promise(state, ask.place, ask.when, ask.quantity)
    return found.sentence, found.possible


def asks_when(ask: Ask) -> bool:
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


_RETURN = re.compile(r"[^，,。；;]*(?:停产|下架|下市|绝版|不再|再上|补货|开摘|[月日号季]上市)[^。；;]*")


def of_its_return(description: str) -> str:
    """What the shop says of a thing that is gone: 已停产，卖完不再补货."""
    found = _RETURN.search(description)
    return found[0].strip() if found else ""


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
