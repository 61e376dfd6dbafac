"""What can be imported: one module a kind, one line here."""

from __future__ import annotations

from kefu.jobs.imports import ImportKind
from kefu.jobs.kinds import (
    compatibility,
    delivery,
    identity,
    intents,
    jargon,
    knowledge,
    orders,
    products,
    rules,
    stock,
    voice,
)

KINDS: dict[str, ImportKind] = {
    kind.name: kind
    for kind in (
        # one line a kind, in the order a new shop loads them
        identity.IDENTITY,
        voice.VOICE,
        rules.KIND,
        products.PRODUCTS,
        stock.STOCK,
        delivery.DELIVERY,
        jargon.JARGON,
        compatibility.COMPATIBILITY,
        orders.ORDERS,
        knowledge.KNOWLEDGE,
        knowledge.SCRIPTS,
        intents.INTENTS,
    )
}
