"""What a delivery table leaves open, beside the stock: told to the owner, never to a customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kefu.core.catalogue.delivery.promises import OUTSIDE, DeliveryBook
from kefu.core.catalogue.values import EVERYWHERE, UNSPLIT, DeliveryPromise
from kefu.core.places import DIVISIONS
from kefu.core.text import first_few

SHOWN = 8


def delivery_gaps(promises: Sequence[DeliveryPromise], stocked: Iterable[str]) -> Iterator[str]:
    """A sentence for each kind of gap. ``stocked`` are the warehouses with stock rows: files may come in any order,
    so nothing is said of them while either side is empty."""
    with_stock = sorted({*stocked})
    named = sorted({promise.warehouse for promise in promises} - {""})
    if empty := [name for name in named if name not in with_stock] if with_stock else []:
        some = first_few(empty, SHOWN)
        yield f"Delivery rows of warehouses without stock, which are never used: {some}. Is it the same name?"
    for_all = len(named) < len({promise.warehouse for promise in promises})
    if lost := [name for name in with_stock if name not in named] if promises and not for_all else []:
        unsplit = "the stock is not split by warehouses, the delivery rows are"
        whose = unsplit if lost == [UNSPLIT] else first_few(lost, SHOWN)
        yield (
            f"Stock without a delivery row, for which no day is promised: {whose}. Add rows for it, or rows without a"
            " warehouse, which hold for every one."
        )
    own: dict[str, dict[str, int | None]] = {}
    for promise in sorted(promises, key=lambda one: (one.region, one.warehouse)):
        if promise.warehouse and promise.region != EVERYWHERE:
            own.setdefault(promise.region, {})[promise.warehouse] = promise.days
    book = DeliveryBook(promises)
    yield from _silent(book, own, named)
    yield from _hasty(book, {region: days for region, days in own.items() if region not in OUTSIDE}, named)


Own = Mapping[str, Mapping[str, int | None]]
"""Region → the warehouses with a row of their own for it, and the days in it."""


def _silent(book: DeliveryBook, own: Own, named: Sequence[str]) -> Iterator[str]:
    """Warehouses of which nothing says whether they deliver where every other that has a row says no."""
    refused = [region for region, days in own.items() if all(day is None for day in days.values())]
    for warehouse in named:
        if found := [DIVISIONS[region].name for region in refused if book.promise(warehouse, region) is None]:
            yield (
                f"{warehouse} has no row for {first_few(found, SHOWN)}, where others have - (not delivered): who asks"
                " about its goods there reaches a person. Add - or the days."
            )


def _hasty(book: DeliveryBook, own: Own, named: Sequence[str]) -> Iterator[str]:
    """Warehouses whose wider row promises a region sooner than every warehouse that delivers there by a row of its own;
    that another does not deliver there at all (-) says nothing of how far it is."""
    for warehouse in named:
        found = []
        for region, days in own.items():
            wider = None if warehouse in days else book.promise(warehouse, region)
            if wider is None or wider.days is None or wider.region == region:
                continue
            slower = {name: d for name, d in days.items() if d is not None}
            if not slower or min(slower.values()) <= wider.days:
                continue
            others = "、".join(f"{name} {d}" for name, d in slower.items())
            found.append(f"{DIVISIONS[region].name} {wider.days} days ({others})")
        if found:
            yield (
                f"{warehouse} has no row of its own for regions that take the others longer, and promises what its row"
                f" for a wider region says: {first_few(found, SHOWN)}. Add its own rows if it takes as long."
            )
