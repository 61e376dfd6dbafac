"""What a shop has to learn from, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from kefu.core.intents import IntentNames, roles_of
from kefu.core.voice import Voice
from kefu.errors import BadInput
from kefu.evaluation.frozen import OUTSIDE
from kefu.evaluation.spoken import Goods, goods_of
from kefu.finetune.intent_rows import Labelled
from kefu.finetune.stored import StoredDialogue, read_dialogues
from kefu.store import catalogue, examples, intents, knowledge, profiles

FEWEST = 3
"""Examples an intent needs before anything can be learnt from it."""


@dataclass(frozen=True, slots=True)
class ShopRows:
    """``names``: each intent with what people call it; ``talk``: questions with the shop's answers; ``roles``: what
    Kefu does for an intent, whatever the shop calls it."""

    voice: Voice
    identity: tuple[tuple[str, str], ...]
    labelled: tuple[Labelled, ...]
    names: tuple[tuple[str, tuple[str, ...]], ...]
    goods: Goods
    talk: tuple[tuple[str, str], ...]
    dialogues: tuple[StoredDialogue, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def examples(self) -> Mapping[str, int]:
        """How many sentences each intent has."""
        return Counter(row.intent for row in self.labelled if row.intent not in OUTSIDE)


def read_shop(connection: Connection, shop_id: int, turns: int = 10_000) -> ShopRows:
    """Everything; approved clusters of unanswered questions are among the examples. ``turns``: of the store's
    dialogues at most, the latest."""
    found = profiles.load_profiles(connection, shop_id)
    known = {intent.id: intent for intent in intents.list_intents(connection, shop_id)}
    rows = examples.list_examples(connection, shop_id)
    names, named = [], []
    for intent in sorted({*(row.intent for row in rows), *known} - set(OUTSIDE)):
        of = known.get(intent)
        called = (of.name, *of.aliases) if of else ()
        names.append((intent, tuple(dict.fromkeys(name for name in called if name)) or (intent,)))
        said = tuple(row.text for row in rows if row.intent == intent)
        named.append(IntentNames(intent, called[0] if called else "", called[1:], said))
    entries = knowledge.list_entries(connection, shop_id).values()
    return ShopRows(
        found.voice,
        tuple(found.identity),
        tuple(Labelled(row.text, row.intent) for row in rows),
        tuple(names),
        goods_of(catalogue.load_products(connection, shop_id)),
        tuple((e.question, e.content) for e in entries if e.question and len(e.content) <= 200),
        read_dialogues(connection, shop_id, turns),
        roles_of(named),
    )


def check_classes(names: Iterable[str], examples: Mapping[str, int]) -> None:
    """Raises BadInput for a class without enough examples, an empty one included."""
    few = [f"{name} ({examples.get(name, 0)})" for name in names if examples.get(name, 0) < FEWEST]
    if few:
        raise BadInput(
            f"Too few examples of {', '.join(few)}.",
            f"At least {FEWEST} each, or remove the intent: nothing to learn.",
        )


def check_label(label: str, where: str, known: Sequence[str]) -> None:
    """Raises BadInput for a label that is none of the shop's."""
    if label not in known and label not in OUTSIDE:
        raise BadInput(f"{where}: unknown label “{label}”.", f"One of {', '.join(known)}, or other.")
