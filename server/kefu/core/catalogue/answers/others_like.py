"""Others like the goods spoken of, where they must be something else: cheaper, dearer, there now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kefu.core.catalogue.answers.alternatives import nearest
from kefu.core.catalogue.answers.said_of_stock import priced
from kefu.core.catalogue.answers.shelf import Shelf, StockState
from kefu.core.catalogue.names.labels import full_name
from kefu.core.catalogue.phrases import say_moment
from kefu.core.catalogue.values import Product, Variant

SHOWN = 3

Pair = tuple[Product, Variant]
Found = tuple[Product, Variant, StockState]


def others_like(
    shelf: Shelf, spoken_of: Sequence[Pair], fits: Callable[[Variant, StockState], bool], *, alike: bool
) -> list[Found]:
    """Sister variants and goods of the same kind that ``fits`` takes and that can be bought, the most alike first;
    none that would not fit what the goods spoken of fit. See `alternatives.nearest`, for ``alike`` too."""
    firsts = {product.id: (product, variant) for product, variant in reversed(spoken_of)}
    told = {variant.sku for _, variant in spoken_of}
    close: dict[str, Pair] = {}
    for product, variant in firsts.values():
        decisive = shelf.decisive.get(product.category, ())
        for pair in nearest(shelf.catalogue, product, variant, decisive, shelf.serves, alike=alike):
            close.setdefault(pair[1].sku, pair)
    states = shelf.states([sku for sku in close if sku not in told])
    return [(*close[sku], state) for sku, state in states.items() if state.can_be_bought and fits(close[sku][1], state)]


def one_of_each(found: Sequence[Found]) -> list[Found]:
    """The first variant of each product, at most `SHOWN`."""
    firsts: dict[str, Found] = {}
    for one in found:
        firsts.setdefault(one[0].id, one)
    return [*firsts.values()][:SHOWN]


def listed(shelf: Shelf, found: Sequence[Found]) -> str:
    """Their names, prices and numbers, and when they were counted."""
    said = "；".join(f"{full_name(p, v)}，{priced(shelf, p, v, state)}" for p, v, state in found)
    dates = [state.as_of for *_, state in found if state.as_of]
    return f"{said}{f'（库存更新于{say_moment(min(dates), shelf.now)}）' if dates else ''}"
