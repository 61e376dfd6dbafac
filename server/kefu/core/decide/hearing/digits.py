"""The last four digits of a phone, by which an order is told to its buyer."""

from __future__ import annotations

import re

from kefu.core.decide.values import Asked
from kefu.core.dialogue import Pending
from kefu.core.orders import read_question
from kefu.core.slots import Slot
from kefu.core.text import Normalised, with_digits

ORDER_INTENTS = ("order_status", "urge_delivery")
_BARE = re.compile(r"\D*(\d{4})\D*")


def bare_digits(text: Normalised, pending: Pending | None) -> Slot | None:
    """Four digits and no others, where the open question asks for them, or those given were wrong (是1458)."""
    asked = (
        pending is not None
        and pending.intent in ORDER_INTENTS
        and ("phone_last4" in pending.missing or "phone_last4" in pending.filled)
    )
    match = _BARE.fullmatch(with_digits(text.text)) if asked and "尾号" not in text.text else None
    if match is None:
        return None
    start, end = text.span(*match.span(1))
    return Slot("phone", "phone", text.original[start:end], start, end, match[1])


def known_digits(asked: Asked, bare: Slot | None, pending: Pending | None, before: str = "") -> str:
    """Said now in words (尾号8765), as ``bare`` digits, before ``pending`` was put, or earlier in the conversation
    (``before``); "" if not known."""
    said = asked.phone_last4 or read_question(asked.query).phone_last4
    waiting = pending.filled if pending and pending.intent in ORDER_INTENTS else {}
    return said or (bare.normalised if bare else waiting.get("phone_last4", before))
