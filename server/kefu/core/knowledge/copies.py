"""A shop's knowledge as documents for another knowledge base: whole sources, one line a piece."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kefu.core.catalogue.lead import mark_lead
from kefu.core.catalogue.names.labels import label
from kefu.core.catalogue.phrases import say_price_of
from kefu.core.catalogue.values import Product, Variant
from kefu.core.knowledge.entry import Entry
from kefu.core.knowledge.passage import passage

MAX_TITLE = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """One document as it should stand in Dify; pieces are joined by empty lines, each becomes a chunk."""

    title: str
    text: str

    @property
    def name(self) -> str:
        digest = hashlib.sha256(f"{self.title}\n{self.text}".encode()).hexdigest()
        return f"{self.title} #kefu-{digest[:12]}"


def documents_of(entries: Iterable[Entry]) -> list[Wanted]:
    """One document a source (a manual, a policy), its entries in the order of their ids."""
    ordered = sorted(entries, key=lambda entry: (entry.source, entry.id))
    return joined((entry.source or entry.title, passage(entry)) for entry in ordered)


def joined(pieces: Iterable[tuple[str, str]]) -> list[Wanted]:
    made: dict[str, Wanted] = {}
    for title, piece in pieces:
        title = " ".join(title.split())[:MAX_TITLE]
        held = made.get(title)
        made[title] = replace(held, text=f"{held.text}\n\n{piece}") if held else Wanted(title, piece)
    return list(made.values())


def describe_without_stock(product: Product) -> str:
    """A product in one line: what it is, and its variants with prices and lead times."""
    about = f"{product.name}。{product.description}" if product.description else product.name
    return " ".join(f"{about}。{'；'.join(_facts(product, variant) for variant in product.variants)}".split())


def _facts(product: Product, variant: Variant) -> str:
    price = "" if variant.price is None else f"，{say_price_of(variant.price, product.unit)}"
    lead = mark_lead(variant.lead_time) if variant.lead_time else ""
    return f"{label(product, variant) or product.name}{price}{lead}"
