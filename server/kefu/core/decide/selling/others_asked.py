"""The stage for who wants another than the goods spoken of: a cheaper, a better one (有没有便宜点的), or one that is
there now (有现货的能代替吗)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.answers.others_like import Found, Pair, listed, one_of_each, others_like
from kefu.core.catalogue.answers.shelf import Shelf, StockState
from kefu.core.catalogue.phrases import opening
from kefu.core.catalogue.values import Variant
from kefu.core.decide.goods.answer import shelf_of
from kefu.core.decide.goods.by_price import budget_of
from kefu.core.decide.goods.listed import variants_of
from kefu.core.decide.hearing.reading import Reading, sku_name
from kefu.core.decide.values import Decision, Ports
from kefu.core.emotion import Emotion

_STEP = re.compile(
    r"(?<![最不太挺很])(?P<more>再|更)?(?:便宜|实惠|(?P<dear>贵|高[档端级]|好))(?P<little>一?[点些]儿?)?(?P<one>的)?"
    r"(?=有|吗|么|没|不|呢|推荐|\W|$)"
)
"""便宜点的, 更好的, 再贵点; 便宜点 alone bargains, 便宜点的那个 points at one of those told."""
_THERE_NOW = re.compile(
    r"现货.{0,6}(?:[代替]替?|类似|差不多|同款)|(?:[代替]替|类似|差不多|同类|[别其]的|[其它他]{2}).{0,4}现货|(?:有没有|还有|有|要)现货的(?:吗|么|没|不|呢|\W|$)"
)


def others(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Goods of the kind spoken of at another price, or in stock where those are not; None where there are none."""
    text, spoken_of = reading.text.text, _spoken_of(reading)
    if not spoken_of or reading.alone.is_named:
        return None
    shelf = shelf_of(reading, ports)
    if step := _step(text):
        return _at_another_price(reading, shelf, spoken_of, dearer=step["dear"] is not None)
    if _THERE_NOW.search(text) and not any(shelf.state(variant.sku).kind == "in" for _, variant in spoken_of):
        found = one_of_each(others_like(shelf, spoken_of, lambda _, state: state.kind == "in", alike=True))
        return _told(reading, shelf, "有现货的同类商品有：", found)
    return None


def _step(text: str) -> re.Match[str] | None:
    """The words that ask for another price: of a cheaper one only where 的 makes it one."""
    for found in _STEP.finditer(text):
        if (found["more"] or found["little"]) and (found["one"] or (found["more"] and found["dear"])):
            return found
    return None


def _spoken_of(reading: Reading) -> list[Pair]:
    """The one variant that the talk is about, else all variants that were listed."""
    state = reading.state
    if state.product and (one := reading.parts.catalogue.by_sku(state.product.id)):
        return [one]
    return variants_of(reading, state.products or ((state.product,) if state.product else ()))


def _at_another_price(reading: Reading, shelf: Shelf, spoken_of: Sequence[Pair], *, dearer: bool) -> Decision | None:
    prices = [variant.price for _, variant in spoken_of if variant.price is not None]
    if not prices:
        return None
    low, high = budget_of(reading) or (0.0, float("inf"))

    def fits(variant: Variant, _state: StockState) -> bool:
        price = variant.price
        beyond = price is not None and (price > max(prices) if dearer else price < min(prices))
        return price is not None and beyond and low <= price <= high

    found = sorted(
        others_like(shelf, spoken_of, fits, alike=False), key=lambda one: one[1].price or 0, reverse=not dearer
    )
    found = one_of_each(found)
    products = {product.id: product for product, _ in spoken_of}
    than = f"比{next(iter(products.values())).spoken}" if len(products) == 1 else "比刚才这些"
    return _told(reading, shelf, f"{than}{'贵' if dearer else '便宜'}一些的有：", found)


def _told(reading: Reading, shelf: Shelf, head: str, found: Sequence[Found]) -> Decision | None:
    if not found:
        return None
    shown = [named for _, variant, _ in found if (named := sku_name(reading, variant.sku))]
    return Decision(
        "stock", f"{opening(shelf.address)}{head}{listed(shelf, found)}。", "stock_query",
        found=True, products=tuple(shown), reason="others of the kind spoken of",
    )  # fmt: skip
