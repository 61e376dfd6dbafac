"""Goods by what they cost: 129那款, 便宜的那个, 最便宜的, 一百以内的, 200左右的."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kefu.core.catalogue.answers.extremes import SHOWN, Extreme, extreme_answer, extreme_in
from kefu.core.catalogue.answers.overview import at_an_end, one_of_each_kind
from kefu.core.catalogue.answers.shelf import Shelf, StockAnswer
from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.goods.listed import offered, several_meant, variants_of
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import gives_a_gift
from kefu.core.slots.numbers import parse_number

_THING = "[个款种件套盒箱瓶台把双只]"
_COSTS = re.compile(
    rf"(?<![\d.a-z第-])(?<!零下)(?P<yuan>\d{{1,5}}(?:\.\d{{1,2}})?) ?(?:块钱?|元)?"
    rf"(?:的?[那这]{_THING}|的(?=$|[吗呢还有多来要怎到发]|{_THING}))(?!以)"
)
_END = re.compile(
    rf"(?:便宜|(?P<dear>贵))(?:一?[点些]儿?)?的?[那这]{_THING}|[那这]{_THING}?(?:比较|更)?(?:便宜|(?P<dearer>贵))(?:一?[点些]儿?)?的"
)

Pair = tuple[Product, Variant]


def pointed_at_by_price(reading: Reading, pairs: Sequence[Pair]) -> list[Pair]:
    """Those of ``pairs`` with the price that the message points at, or at the end of their prices that it points at;
    [] if it points at none, or at all of them."""
    text = reading.text.text
    priced = [(product, variant) for product, variant in pairs if variant.price is not None]
    if said := _COSTS.search(text):
        fen = round(float(said["yuan"]) * 100)
        found = [pair for pair in priced if pair[1].price == fen] or [
            pair for pair in priced if "." not in said["yuan"] and (pair[1].price or 0) // 100 * 100 == fen
        ]
    elif (end := _END.search(text)) and priced:
        prices = [variant.price or 0 for _, variant in priced]
        wanted = max(prices) if end["dear"] or end["dearer"] else min(prices)
        found = [pair for pair in priced if pair[1].price == wanted]
    else:
        return []
    return found if len(found) < len(pairs) else []


def extreme_asked(reading: Reading, shelf: Shelf, whole_shop: bool) -> StockAnswer | None:
    """The answer to 最便宜的内存条是哪款, to 一百以内的键盘; of what was listed last if the message names no kind, of
    the ``whole_shop`` if nothing was."""
    extreme, budget = extreme_in(reading.text.text), budget_of(reading)
    if extreme is None and budget is None:
        return None
    named = shelf.catalogue.offered(reading.asked.query, reading.no_product_words)
    listed = several_meant(reading) or offered(reading) or variants_of(reading, reading.state.products)
    if not named and asks_of_the_whole_shop(reading.text.text):
        listed, whole_shop = [], True
    found = reading.resolution
    if budget and not (named or extreme) and found.how == "text":
        if found.product and shelf.catalogue.is_only_in_titles(reading.asked.query, found):
            return _of_the_whole_shop(reading, shelf, None, budget)
        if found.candidates and not found.product:
            return _within(reading, shelf, found.candidates, budget)
    pairs = named or listed
    if pairs or not whole_shop:
        return extreme_answer(shelf, pairs, extreme, budget, of_those_listed=not named)
    return _of_the_whole_shop(reading, shelf, extreme, budget)


_WHOLE_SHOP = re.compile("(?:你们?|您|咱们?)(?:家|店|这)|店[里内铺]|全[店场部]|所有")


def asks_of_the_whole_shop(text: str) -> bool:
    """Whether all that is sold here is spoken of (你们店里最便宜的是啥), not only what was told."""
    return _WHOLE_SHOP.search(text) is not None


def _within(
    reading: Reading, shelf: Shelf, products: Sequence[Product], budget: tuple[float, float]
) -> StockAnswer | None:
    """Of goods that only words point at (50块以内的水果) those at that price, else something of each kind."""
    low, high = budget
    pairs = [(product, v) for product in products for v in product.variants if v.price and low <= v.price <= high]
    return extreme_answer(shelf, pairs, None, budget) or _of_the_whole_shop(reading, shelf, None, budget)


_A_GIFT = re.compile("礼[物品]|送(?:给|人)")
_OTHER_SUMS = re.compile(r"[运邮满减券折赔退]|优惠|活动|分期|花呗|发票|差价|[那这][个款种]")
"""Sums that are no prices of goods (满300减多少, 100以内包邮吗), and words that point at something (便宜点的那个)."""


def _of_the_whole_shop(
    reading: Reading, shelf: Shelf, extreme: Extreme | None, budget: tuple[float, float] | None
) -> StockAnswer | None:
    """Something of each kind at the price asked for, or what is cheapest in the shop."""
    if _OTHER_SUMS.search(reading.text.text):
        return None
    gift = gives_a_gift(reading.text.text) or _A_GIFT.search(reading.text.text) is not None
    pairs = one_of_each_kind(shelf, budget, SHOWN, gift) if budget and not extreme else []
    end: Extreme = extreme or ("dearest" if budget and math.isinf(budget[1]) else "cheapest")
    return extreme_answer(shelf, pairs or at_an_end(shelf.catalogue, end), extreme, budget)


_NO_PRICE = re.compile(r"岁|斤|kg|天|寸|ml|毫升|cm|厘米|[个件条台只根]")
_COIN = re.compile("的?(?:硬币|钢镚|纸币|那么[大厚]|一样[大厚])")
_ABOUT = re.compile(r"左右|上下|大概|差不多")
NEAR = 0.2
"""100块左右: so much less or more than that."""


def budget_of(reading: Reading) -> tuple[float, float] | None:
    """The prices asked for, in fen: 一百以内, 200到300块的, 预算一百, 100块左右的."""
    limit = next((slot for slot in reading.slots if slot.type == "money"), None)
    if limit and _COIN.match(reading.asked.query, limit.end):
        return None  # 一块钱硬币差不多大 tells a size
    if limit and "预算" in reading.text.text:
        return 0.0, float(limit.normalised) * 100
    if limit and _ABOUT.search(reading.text.text):
        return _near(limit.normalised)
    said = next((s for s in reading.slots if s.type == "range" and not _NO_PRICE.search(s.value)), None)
    if said is None:
        return _bare_range(reading.text.text)
    low, _, high = said.normalised.partition("..")
    return float(low or 0) * 100, float(high or "inf") * 100


_BARE_RANGE = re.compile(r"(?<![\d.:a-z])(\d{2,5}) ?(?:-|到|至|~) ?(\d{2,5})(?=的|之间|左右|上下|\W|$)(?![\d.:\-])")
_HUNDREDS = re.compile(r"(?<!\d)(一两|[一二两三四五六七八][二三四五六七八九])百(?:块|元)?(?:的|左右|上下)")
_NEAR_A_PRICE = re.compile(r"(?<![\d.:a-z])(\d{2,5})(?:左右|上下)")
_LEAST_PRICE = 50


def _near(yuan: str) -> tuple[float, float]:
    return float(yuan) * 100 * (1 - NEAR), float(yuan) * 100 * (1 + NEAR)


def _bare_range(text: str) -> tuple[float, float] | None:
    """300-400 and 两三百的 where nothing else is counted."""
    if re.search(r"身高|体重|尺码|\d ?[月号点码岁斤寸]|kg|ml|cm|毫升|厘米", text):
        return None
    if about := _NEAR_A_PRICE.search(text):
        return _near(about[1])
    if hundreds := _HUNDREDS.search(text):
        low, high = (parse_number(f"{digit}百") or 0 for digit in hundreds[1])
        return low * 100.0, high * 100.0
    if (said := _BARE_RANGE.search(text)) and _LEAST_PRICE <= int(said[1]) < int(said[2]):
        return float(said[1]) * 100, float(said[2]) * 100
    return None
