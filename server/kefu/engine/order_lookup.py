"""An order, looked up in the store for its buyer only; who tries digit after digit meets a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kefu.core.catalogue import full_name
from kefu.core.decide import Asked, ShopParts
from kefu.core.orders import Caller, OrderAnswer, order_answer, read_question, tried_too_often
from kefu.store import orders
from kefu.store.db import Database


def look_up_order(
    db: Database, shop_id: int, parts: ShopParts, asked: Asked, number: str, skus: Collection[str] = ()
) -> OrderAnswer:
    """``number``: the order spoken of before, used when the sentence names none; ``skus``: goods of which the order is
    to hold one.

    A try at the digits is stored before it is compared, in a transaction of its own: parallel tries count too.
    """
    question = read_question(asked.query)
    numbers = question.order_nos or ((number,) if number else ())
    caller = Caller(asked.user_id, asked.phone_last4 or question.phone_last4)
    with db.read() as connection:
        found = orders.orders_asked_for(connection, shop_id, numbers, caller)
    address = parts.voice.address or "您"
    if numbers and caller.phone_last4 and not any(order.is_of(caller) for order in found):
        attempt = orders.Attempt(numbers, asked.conversation_id, caller.phone_last4)
        with db.write() as writing:
            if not orders.may_try(writing, shop_id, attempt, asked.now):
                return tried_too_often(address)
            if any(order.belongs_to(caller) for order in found):
                orders.forget_try(writing, shop_id, attempt)

    def name_of(sku: str) -> str:
        pair = parts.catalogue.by_sku(sku)
        return full_name(*pair) if pair else ""

    return order_answer(
        replace(question, order_nos=numbers, skus=frozenset(skus)), found, caller, asked.now, name_of, address
    )
