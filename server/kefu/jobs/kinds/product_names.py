"""Which product a cell means: by its id, or by a name or an alias that no other product has."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from kefu.core.catalogue.words import key
from kefu.jobs.tables import SEPARATOR
from kefu.store.catalogue import names_of_products


def ids_by_name(connection: Connection, shop_id: int) -> dict[str, str]:
    """Folded name or alias → the id of the only product that has it; an id means itself."""
    owners: dict[str, set[str]] = {}
    named = names_of_products(connection, shop_id)
    for id_, names in named.items():
        for name in names:
            owners.setdefault(key(name), set()).add(id_)
    return {name: next(iter(ids)) for name, ids in owners.items() if len(ids) == 1} | {id_: id_ for id_ in named}


def as_ids(cell: str, ids: Mapping[str, str]) -> str:
    """``cell``, products with | between, with the id of each that is known; the others as they are written."""
    named = filter(None, (one.strip() for one in cell.split(SEPARATOR)))
    return SEPARATOR.join(dict.fromkeys(ids.get(one) or ids.get(key(one), one) for one in named))
