"""Property: whatever the shop, the rows and the sentence, "in stock" is said only where a fresh row says so."""

from __future__ import annotations

import re
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.catalogue import (
    Ask,
    Catalogue,
    DeliveryBook,
    LeadTime,
    Product,
    Shelf,
    StockRow,
    Variant,
    delivery_answer,
    stock_answer,
)  # fmt: skip
from kefu.core.catalogue.phrases import WHICH_KIND, WHICH_ONE
from kefu.core.catalogue.several.several_things import MOST, several_answer, things_in

SAYS_THERE = re.compile(r"有现货|现货\d|现有\d|目前库存\d|够的")
NAMES = ("云帆电脑包", "青石键盘", "直行线", "A产品", "小灯", "D5内存条", "云帆电脑包大号")
VALUES = {"尺码": ("大号", "小号", "特大号"), "颜色": ("黑色", "白色"), "容量": ("16GB", "64GB", "1TB")}
TAILS = ("有库存吗？", "还有货吗", "多少钱", "明天能送到吗", "要三个", "", "呢")

attributes = st.sampled_from(
    [((name, value),) for name, values in VALUES.items() for value in values]
    + [(), (("尺码", "大号"), ("颜色", "黑色"))]
)
lead_times = st.sampled_from((None, None, None, LeadTime(25, 30), LeadTime(day=date(2026, 12, 20))))
variants = st.lists(attributes, min_size=1, max_size=4, unique=True)
rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), max_size=3)
said = st.lists(
    st.sampled_from((*NAMES, *(v for values in VALUES.values() for v in values), "32G", "红色", "，")), max_size=4
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_in_stock_is_said_only_where_a_fresh_row_says_so(little, data) -> None:
    catalogue, stock = _shop(little, data)
    shelf = Shelf(
        catalogue,
        lambda skus: {s: stock[s] for s in skus if s in stock},
        DeliveryBook(little.PROMISES),
        little.NOW,
        timedelta(hours=48),
    )
    text = "".join(data.draw(said)) + data.draw(st.sampled_from(TAILS))
    ask = Ask(
        data.draw(st.sampled_from((None, little.HANGZHOU))),
        data.draw(st.sampled_from((None, little.TOMORROW))),
        data.draw(st.integers(0, 60)),
    )
    last = data.draw(st.sampled_from(((), ("p0",), ("p0-0",), ("p0", "p1"))))
    meant = catalogue.resolve(text, last=last)
    found = stock_answer(shelf, meant, ask)
    there = {sku for sku in stock if shelf.state(sku).kind == "in"}
    if found.available:
        assert meant.kind == "exact"
        assert set(found.skus) <= there
        assert found.quantity == shelf.state(found.skus[0]).quantity >= max(ask.quantity, 1)
    if SAYS_THERE.search(found.reply):
        assert there & {*found.skus, *found.alternatives}
    if meant.kind == "none":
        assert not found.found
        assert not SAYS_THERE.search(found.reply)
    ordered = {sku for sku in stock if shelf.state(sku).kind == "later"}
    assert set(found.alternatives) <= there | ordered
    _numbers_are_from_data(found.reply, stock, text, ask.quantity)
    follow = delivery_answer(shelf, found.skus, ask)
    assert not follow.available or set(follow.skus) <= there


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_of_several_things_each_has_its_own_rows(little, data) -> None:
    """Whatever two or three things are named: every sentence has its own product's numbers and no other's."""
    catalogue, stock = _shop(little, data)
    shelf = Shelf(
        catalogue,
        lambda skus: {s: stock[s] for s in skus if s in stock},
        DeliveryBook(little.PROMISES),
        little.NOW,
        timedelta(hours=48),
    )
    named = data.draw(st.lists(st.tuples(st.sampled_from(NAMES), said), min_size=2, max_size=4))
    joint = data.draw(st.sampled_from(("和", "，", "还有", "、")))
    text = joint.join(name + "".join(words) for name, words in named) + data.draw(st.sampled_from(TAILS))
    things = things_in(catalogue, text)
    if len(things) < 2:
        return
    asks = {thing: Ask(quantity=data.draw(st.integers(0, 60))) for thing in things}
    found = several_answer(shelf, things, asks.__getitem__)
    there = {sku for sku in stock if shelf.state(sku).kind == "in"}
    assert len(things) <= MOST
    assert found.quantity == 0
    if found.available:
        assert all(thing.meant.variant and thing.meant.variant.sku in there for thing in things)
        assert set(found.skus) <= there
    if SAYS_THERE.search(found.reply):
        assert there & {*(v.sku for t in things for v in t.meant.variants), *found.alternatives}
    for thing in things:  # said alone, each part has the same sentence; what is to be chosen is asked at the end
        by_itself = catalogue.resolve(text[thing.start : thing.end])
        alone = stock_answer(shelf, thing.meant if thing.meant.how == "last" else by_itself, asks[thing])
        assert (
            alone.reply.removeprefix("您好，").removesuffix(WHICH_ONE).removesuffix(WHICH_KIND).rstrip("，")
            in found.reply
        )
    _numbers_are_from_data(found.reply, stock, text, 0)


def _shop(little, data) -> tuple[Catalogue, dict[str, tuple[StockRow, ...]]]:
    """One to three products with up to four variants each; rows fresh, stale, empty or absent."""
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    made, stock = [], {}
    for number, name in enumerate(names):
        skus = [
            Variant(f"p{number}-{at}", values, lead_time=data.draw(lead_times))
            for at, values in enumerate(data.draw(variants))
        ]
        made.append(
            Product(f"p{number}", name, tuple(skus), (), data.draw(st.sampled_from(("包", "键盘", ""))), "云帆")
        )
        for variant in skus:
            drawn = data.draw(rows)
            stock[variant.sku] = tuple(
                StockRow(
                    variant.sku, f"{at}仓", count if age < 3 else count + 1, little.NOW - timedelta(hours=20 * age)
                )
                for at, (age, count) in enumerate(drawn)
            )
    return Catalogue.build(made), stock


def _numbers_are_from_data(reply: str, stock, text: str, wanted: int) -> None:
    """Every amount said is a sum or a row of the stock, or the customer's own."""
    fresh = {sum(row.quantity for row in held) for held in stock.values()} | {
        row.quantity for held in stock.values() for row in held
    }
    partial = {sum(row.quantity for row in held[i:j]) for held in stock.values() for i in range(3) for j in range(4)}
    pairs = {a.quantity + b.quantity for held in stock.values() for a in held for b in held if a is not b}
    for number in re.findall(r"(?:现货|现有|库存|库存只有)(\d+)", reply):
        assert int(number) in fresh | partial | pairs | {wanted}, (reply, text)
