"""The order that was shown in a conversation, and whether a message speaks of it or of other goods."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.orders.wishes import STATUS
from kefu.core.decide.values import Ports

ON_ITS_WAY = ("paid", "part_shipped", "shipped")
_BUYS_MORE = re.compile("[再另还想]要?[买拍订下]|如果|要是|现在[买拍订下付]|[邮运]费|包邮|加钱")


def was_shown(reading: Reading) -> bool:
    """An order was shown in the last answers: its state has been said."""
    return reading.state.last_turn.route in ("order", "knowledge") and bool(reading.state.order_no)


def is_about_an_order(reading: Reading) -> bool:
    """An order is what the conversation is about, whoever answered last."""
    return bool(reading.state.order_no) and reading.state.topic in ORDER_INTENTS


def of_the_order_shown(reading: Reading, ports: Ports) -> bool:
    """什么时候能到 right after an order was shown: of that one, unless other goods are named, or a place for
    what is not paid."""
    on_its_way = reading.state.slots.get(STATUS) in ON_ITS_WAY and not _BUYS_MORE.search(reading.text.text)
    return was_shown(reading) and not names_other_goods(reading, ports) and (reading.place is None or on_its_way)


def names_other_goods(reading: Reading, ports: Ports) -> bool:
    """Whether goods are named that the order shown does not hold."""
    if not names_goods(reading):
        return False
    skus = skus_named(reading) or frozenset(v.sku for p in reading.resolution.products for v in p.variants)
    asked = replace(reading.asked, phone_last4=reading.phone_last4)
    return not skus or not ports.orders(asked, reading.state.order_no, skus).found


def names_goods(reading: Reading) -> bool:
    return bool(reading.resolution.product or reading.resolution.candidates)


def skus_named(reading: Reading) -> frozenset[str]:
    """The SKUs of the goods that the message names, by their kind too."""
    catalogue, meant = reading.parts.catalogue, reading.alone
    kind = () if meant.is_named else catalogue.in_category(catalogue.category_in(reading.asked.query))
    products = meant.products if meant.is_named else kind
    return frozenset(variant.sku for product in products for variant in product.variants)


def skus_of_their_kinds(reading: Reading) -> frozenset[str]:
    """The SKUs of all goods of the kinds that the message names: a buyer says 刻字的口红 of one among lipsticks."""
    catalogue = reading.parts.catalogue
    kinds = {product.category for product in reading.alone.products if product.category}
    return frozenset(one.sku for kind in kinds for product in catalogue.in_category(kind) for one in product.variants)
