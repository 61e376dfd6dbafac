"""The stock at one moment: what rows of the store say of a variant, and what answers are made from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from kefu.core.catalogue.answers.alternatives import Serves
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.delivery.promises import Delivery, DeliveryBook, promise_delivery
from kefu.core.catalogue.lead import LeadTime, mark_lead
from kefu.core.catalogue.values import Place, StockRow, When

StockOf = Callable[[Sequence[str]], Mapping[str, Sequence[StockRow]]]
"""SKUs → their rows as the store has them at this moment; a SKU without rows may be absent."""

Focus = Literal["stock", "delivery", "price"]


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


def refused(shelf: Shelf, skus: Sequence[str], place: Place | None) -> str:
    """That the place is not served from where these are kept, whether any are there or not; ``""`` if it is."""
    kept = {row.warehouse for rows in shelf.stock(skus).values() for row in rows}
    if place is None or not shelf.book.is_refused(tuple(kept), place.code):
        return ""
    return f"{place.name}目前不在我们的配送范围内，很抱歉"


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
