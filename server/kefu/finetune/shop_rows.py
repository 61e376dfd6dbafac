"""What a shop has to learn from, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from kefu.core.voice import Voice
from kefu.errors import BadInput
from kefu.finetune.intent_rows import Labelled
from kefu.store import catalogue, examples, intents, knowledge, profiles

OUTSIDE = ("oos", "other", "unknown", "")
FEWEST = 3
"""Examples an intent needs before anything can be learnt from it."""


@dataclass(frozen=True, slots=True)
class ShopRows:
    """``names``: each intent with what people call it; ``talk``: questions with the shop's answers."""

    voice: Voice
    identity: tuple[tuple[str, str], ...]
    labelled: tuple[Labelled, ...]
    names: tuple[tuple[str, tuple[str, ...]], ...]
    products: tuple[str, ...]
    variants: tuple[str, ...]
    talk: tuple[tuple[str, str], ...]


def read_shop(connection: Connection, shop_id: int) -> ShopRows:
    """Everything; approved clusters of unanswered questions are among the examples. Raises BadInput (empty class)."""
    found = profiles.load_profiles(connection, shop_id)
    known = {intent.id: intent for intent in intents.list_intents(connection, shop_id)}
    rows = [e for e in examples.list_examples(connection, shop_id) if e.intent not in OUTSIDE]
    check_classes([row.intent for row in rows], list(known))
    used = sorted({row.intent for row in rows})
    labelled = tuple(Labelled(row.text, row.intent) for row in rows)
    names = []
    for intent in used:
        of = known.get(intent)
        called = (of.name, *of.aliases) if of else ()
        names.append((intent, tuple(dict.fromkeys(name for name in called if name)) or (intent,)))
    goods = catalogue.load_products(connection, shop_id)
    entries = knowledge.list_entries(connection, shop_id).values()
    return ShopRows(
        found.voice,
        tuple(found.identity),
        labelled,
        tuple(names),
        tuple(dict.fromkeys(name for p in goods for name in (p.name, *p.aliases[:2]))),
        tuple(dict.fromkeys(value for p in goods for v in p.variants for _, value in v.attributes)),
        tuple((e.question, e.content) for e in entries if e.question and len(e.content) <= 200),
    )


def check_classes(labels: Sequence[str], known: Sequence[str]) -> None:
    """Raises BadInput for a class without enough examples."""
    empty = [name for name in known if 0 < labels.count(name) < FEWEST]
    if empty:
        raise BadInput(
            f"Too few examples of {', '.join(empty)}.",
            f"At least {FEWEST} each, or remove the intent: nothing to learn.",
        )


def check_labels(labels: Sequence[tuple[str, str]], known: Sequence[str]) -> None:
    """``labels``: (where, label). Raises BadInput for a label that is none of the shop's."""
    for where, label in labels:
        if label not in known and label not in OUTSIDE:
            raise BadInput(f"{where}: unknown label “{label}”.", f"One of {', '.join(known)}, or other.")
