"""Names and values of goods that are misread, as an import and `./kefu doctor` tell them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kefu.core.catalogue import Product, Variant
from kefu.core.catalogue.names.naming_gaps import naming_gaps
from kefu.jobs.imports import listed
from kefu.store.catalogue import ProductRow

SHOWN = 6


def naming_slips(rows: Sequence[tuple[int, ProductRow]]) -> Iterator[str]:
    """A sentence for each kind of gap in the rows of a file, with their numbers."""
    variants: dict[str, list[Variant]] = {}
    of: dict[str, Product] = {}
    row_of: dict[str, int] = {}
    for number, row in rows:
        of[row.product.id] = row.product
        variants.setdefault(row.product.id, []).append(row.variant)
        row_of[row.variant.sku] = number
    products = [replace(product, variants=tuple(variants[product_id])) for product_id, product in of.items()]
    for gap in naming_gaps(products):
        found = {word: [row_of[sku] for sku in skus] for word, skus in gap.found.items()}
        yield f"{gap.why}: {listed(found, SHOWN)}. {gap.fix}"


def naming_of(products: Sequence[Product]) -> Iterator[str]:
    """The same of what is stored, with SKUs in place of rows."""
    for gap in naming_gaps(products):
        found = {f"{word} ({skus[0]})": () for word, skus in gap.found.items()}
        yield f"{gap.why}: {listed(found, SHOWN)}. {gap.fix}"
