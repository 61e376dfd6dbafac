"""Dialogues filled from a shop's data, so that every slot's value is known: it is what filled the hole."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kefu.core.catalogue.values import Product
from kefu.gateway.nodes import Utterance

SLOTS: dict[str, tuple[str, ...]] = {
    "product": ("商品名或型号", "顾客说的商品", "要查的产品"),
    "variant": ("规格：容量、颜色、尺码", "要哪个规格", "规格或款式"),
    "place": ("收货城市或地区", "送到哪里", "目的地"),
    "when": ("顾客说的日期或时间", "希望什么时候", "时间，照原话"),
    "quantity": ("数量，照原话", "要几件", "件数"),
    "order_no": ("订单号", "顾客给出的订单编号", "单号"),
}
"""Slot → ways to describe it."""
NEEDED: dict[str, tuple[str, ...]] = {
    "stock_query": ("product",),
    "delivery_query": ("product", "place"),
    "urge_delivery": ("order_no",),
    "order_status": ("order_no",),
    "price_query": ("product",),
    "after_sales": ("order_no",),
    "product_usage": ("product",),
    "invoice": ("order_no",),
}
"""Intent → what must be known to answer."""
Goods = Sequence[tuple[str, tuple[str, ...]]]
"""(what a product is called, values of its variants)."""
_HOLE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A filled sentence with its slots: each value stands in the sentence or in what was said ``before``."""

    text: str
    intent: str
    group: str
    slots: Mapping[str, str]
    before: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in NEEDED.get(self.intent, ()) if not self.slots.get(name))

    def spoken(self) -> str:
        return "\n".join((*(said for said, _ in self.before), self.text))


def goods_of(products: Iterable[Product]) -> Goods:
    """What customers call the shop's products (name and two aliases), with the values of their variants."""
    return tuple(
        (name, tuple(dict.fromkeys(value for variant in product.variants for _, value in variant.attributes)))
        for product in products
        for name in dict.fromkeys((product.name, *product.aliases[:2]))
    )


def dialogues(path: Path, goods: Goods, copies: int, rng: random.Random) -> Iterator[Dialogue]:
    """Each template of ``path`` filled ``copies`` times; its copies are one group. A variant is one of its product's.

    A template that no product can fill is left out.
    """
    templates = yaml.safe_load(path.read_text(encoding="utf-8"))
    for number, row in enumerate(templates["dialogues"]):
        holes = list(dict.fromkeys(_HOLE.findall(json.dumps(row, ensure_ascii=False))))
        fit = [one for one in goods if "variant" not in holes or one[1]]
        if not fit and {"product", "variant"} & set(holes):
            continue
        for _ in range(copies if holes else 1):
            yield _filled(row, f"dialogue:{number}", _values(holes, fit, templates["fillers"], rng))


def _values(
    holes: Sequence[str], fit: Goods, fillers: Mapping[str, Sequence[str]], rng: random.Random
) -> dict[str, str]:
    name, variants = rng.choice(fit) if fit else ("", ())
    given = {"product": lambda: name, "variant": lambda: rng.choice(variants), "order_no": lambda: order_number(rng)}
    return {hole: given[hole]() if hole in given else rng.choice(fillers[hole]) for hole in holes}


def order_number(rng: random.Random) -> str:
    return "20261" + "".join(str(rng.randrange(10)) for _ in range(rng.choice((7, 9, 13))))


def _filled(row: Mapping[str, Any], group: str, values: Mapping[str, str]) -> Dialogue:
    def fill(text: str) -> str:
        return _HOLE.sub(lambda m: values[m[1]], text)

    before = tuple((fill(said), fill(reply)) for said, reply in row.get("before", ()))
    return Dialogue(fill(row["say"]), row["intent"], group, dict(values), before)


def lines_of(before: Sequence[tuple[str, str]]) -> tuple[Utterance, ...]:
    """(customer, shop) turns as the lines that Dify's memory has."""
    return tuple(line for said, reply in before for line in (Utterance("Human", said), Utterance("Assistant", reply)))
