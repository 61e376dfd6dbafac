"""Several wishes in one message: which is answered."""

from __future__ import annotations

from kefu.core.dialogue.words import CUES

FOCUSABLE = ("stock_query", "price_query", "delivery_query")


def first_wish(text: str, intent: str, ruled_out: frozenset[str]) -> str:
    """What to answer of what the words ask for, unless they ask for other things than ``intent``, all ``ruled_out``.

    A sure classifier rules out all the intents that it knows, no price in a shop without examples of prices. With a
    price asked for among others, the price: its answer holds the stock too. Else the first (有货吗？明天能到吗).
    """
    found = {name: match.start() for name, pattern in CUES if name in FOCUSABLE and (match := pattern.search(text))}
    priced = intent == "stock_query" and "price_query" in found
    if not found or (intent not in found and ruled_out.issuperset(found) and not priced):
        return intent
    return "price_query" if "price_query" in found else min(found, key=lambda name: found[name])
