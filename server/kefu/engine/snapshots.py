"""A shop, compiled. Each part is rebuilt when the revision of its data moved, and swapped whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.compatibility import Compatibility
from kefu.core.catalogue.delivery import DeliveryBook
from kefu.core.decide import ShopParts
from kefu.core.guard import Guard
from kefu.core.intents import IntentNames
from kefu.core.knowledge import KnowledgeIndex
from kefu.core.rules import RuleSet, load_plans
from kefu.core.slots import Lexicon
from kefu.engine.lexicon import lexicon_of
from kefu.core.intents import Example, train
from kefu.store import catalogue, delivery, examples, knowledge, profiles, revisions, rules
from kefu.store.db import Database


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one worker holds of one shop."""

    parts: ShopParts
    guard: Guard
    intent_names: tuple[IntentNames, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """``kinds``: the revisions that it depends on, of data or of other parts' data."""

    kinds: tuple[str, ...]
    build: Callable[[Connection, int, Mapping[str, Any]], Any]


def _rules(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> tuple[RuleSet, int]:
    """The rules and their revision: an edit costs what was edited, not the whole."""
    before: tuple[RuleSet, int] | None = built.get("rules")
    if before and len(before[0]):
        changes = rules.changes_since(connection, shop_id, before[1])
        edited = before[0].edit(changes.saved, changes.removed)
        if edited.overlay_size <= OVERLAY:
            return edited, changes.revision
    plans = rules.kept_plans(connection, shop_id)
    revision = rules.current_revision(connection, shop_id)
    return RuleSet.build(rules.list_rules(connection, shop_id), plans=load_plans(plans) if plans else None), revision


OVERLAY = 2_000
"""Edited rules kept beside the compiled ones before everything is compiled again."""


def _compatibility(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Compatibility:
    return Compatibility(*catalogue.split_compatibility(catalogue.load_compatibility(connection, shop_id)))


def _catalogue(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Catalogue:
    return Catalogue.build(catalogue.load_products(connection, shop_id))


def _book(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> DeliveryBook:
    return DeliveryBook(delivery.load_promises(connection, shop_id), delivery.load_holidays(connection, shop_id))


def _lexicon(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Lexicon:
    return lexicon_of(built["catalogue"].products, built["compatibility"].devices)


def _trained(c, s):
    rows = [Example(e.text, e.intent) for e in examples.list_examples(c, s)]
    return train(rows) if rows else None


PARTS: dict[str, _Part] = {
    "rules": _Part(("rules",), _rules),
    "catalogue": _Part(("products",), _catalogue),
    "jargon": _Part(("jargon",), lambda c, s, _: catalogue.load_jargon(c, s)),
    "compatibility": _Part(("compatibility",), _compatibility),
    "book": _Part(("delivery",), _book),
    "knowledge": _Part(("knowledge",), lambda c, s, _: KnowledgeIndex(knowledge.list_entries(c, s).values())),
    "intents": _Part(("examples",), lambda c, s, _: _trained(c, s)),
    "intent_names": _Part(("intents",), lambda c, s, _: ()),
    "profiles": _Part(("voice", "emotion", "guard", "desk", "identity"), lambda c, s, _: profiles.load_profiles(c, s)),
    "lexicon": _Part(("products", "compatibility"), _lexicon),
}
"""In build order: a later part may use an earlier one."""


@dataclass(slots=True)
class _Held:
    lock: threading.Lock = field(default_factory=threading.Lock)
    revisions: dict[str, int] = field(default_factory=dict)
    built: dict[str, Any] = field(default_factory=dict)
    snapshot: Snapshot | None = None


class Snapshots:
    """The shops of this worker. `of` compares revisions with the store first: a committed change is seen at once."""

    def __init__(self, db: Database, stock_max_age: timedelta) -> None:
        self._db = db
        self._max_age = stock_max_age
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()

    def of(self, shop_id: int) -> Snapshot:
        """The newest snapshot of the shop. While one thread rebuilds, others that can go on with the old one do."""
        with self._lock:
            held = self._held.setdefault(shop_id, _Held())
        with self._db.read() as connection:
            newest = revisions.current(connection, shop_id)
            if held.snapshot is not None and newest == held.revisions:
                return held.snapshot
            with held.lock:
                if held.snapshot is None or newest != held.revisions:
                    self._rebuild(connection, shop_id, held, newest)
                assert held.snapshot is not None
                return held.snapshot

    def _rebuild(self, connection: Connection, shop_id: int, held: _Held, newest: dict[str, int]) -> None:
        built = dict(held.built)
        for name, part in PARTS.items():
            moved = any(newest.get(kind) != held.revisions.get(kind) for kind in part.kinds)
            if moved or name not in built:
                built[name] = part.build(connection, shop_id, built)
        held.snapshot = self._assemble(built)
        held.built = built
        held.revisions = newest

    def _assemble(self, built: Mapping[str, Any]) -> Snapshot:
        own = built["profiles"]
        parts = ShopParts(
            rules=built["rules"][0],
            catalogue=built["catalogue"].with_jargon(built["jargon"]),
            compatibility=built["compatibility"],
            book=built["book"],
            knowledge=built["knowledge"],
            intents=built["intents"],
            lexicon=built["lexicon"],
            voice=own.voice,
            identity=own.identity,
            desk=own.desk,
            emotion=own.emotion,
            stock_max_age=self._max_age,
        )
        return Snapshot(parts, Guard.build(own.guard, own.voice), tuple(built["intent_names"]))
