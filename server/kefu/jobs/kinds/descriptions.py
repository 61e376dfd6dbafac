"""One description for each product of a file whose rows, one a variant, may say different things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from kefu.core.catalogue.names.descriptions import described_apart, description_of
from kefu.jobs.imports import Numbered
from kefu.store.catalogue import ProductRow


def one_description_each(
    _connection: Connection, _shop_id: int, present: Mapping[str, ProductRow], rows: list[Numbered]
) -> list[Numbered]:
    """Every row with its product's one description: of what its rows say and, of variants in none of them, what the
    shop has. Where two rows of a SKU say different things the product's rows stay as they are: that is an error."""
    given = _by_product(row for _, row in rows)
    before = _by_product(row for row in present.values() if row.product.id in given)
    made = {id_: _described(before.get(id_, []), of_it) for id_, of_it in given.items()}
    return [
        (number, row if said is None else replace(row, product=replace(row.product, description=said)))
        for number, row in rows
        for said in (made[row.product.id],)
    ]


def _by_product(rows: Iterable[ProductRow]) -> dict[str, list[ProductRow]]:
    found: dict[str, list[ProductRow]] = {}
    for row in rows:
        found.setdefault(row.product.id, []).append(row)
    return found


def _described(before: list[ProductRow], given: list[ProductRow]) -> str | None:
    """None if two rows contradict each other."""
    said: dict[str, str] = {}
    for row in given:
        sentence = row.product.description
        if sentence and said.setdefault(row.variant.sku, sentence) != sentence:
            return None
    known = {row.variant.sku: row.variant for row in before}
    shops = [replace(row.product, variants=tuple(known.values())) for row in before[:1]]
    rewritten = {row.variant.sku for row in given}
    for product in shops:
        of_each = {sku: description_of(product, variant) for sku, variant in known.items()}
        said |= {sku: sentence for sku, sentence in of_each.items() if sku not in rewritten}
        if len({*said.values()}) > 1:  # rows as exported, all with the whole, and others that are new
            said |= {sku: of_each[sku] for sku in said.keys() & known if said[sku] == product.description}
    variants = known | {row.variant.sku: row.variant for row in given}
    return described_apart(replace(given[0].product, variants=tuple(variants.values())), said)
