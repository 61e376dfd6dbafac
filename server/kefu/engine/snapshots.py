"""A shop, compiled. Each part is rebuilt when the revision of its data moved, and swapped whole."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from kefu.core.catalogue.delivery.promises import DeliveryBook
from kefu.core.catalogue.fit.compatibility import Compatibility
from kefu.core.decide import ShopParts
from kefu.core.decide.subjects import Subjects
from kefu.core.guard import Guard
from kefu.core.intents import IntentModel, IntentNames, roles_of
from kefu.core.knowledge import KnowledgeIndex, Senses
from kefu.core.knowledge.nearness import Nearness, digest_of
from kefu.core.knowledge.senses import MOST as MOST_ENTRIES
from kefu.core.rules import RuleSet
from kefu.core.rules.written import MOST as MOST_RULES
from kefu.core.rules.written import WrittenRules
from kefu.core.slots import Lexicon
from kefu.core.upstreams import ModelTable
from kefu.engine.lexicon import lexicon_of, with_jargon
from kefu.errors import BadInput
from kefu.store import (
    catalogue,
    delivery,
    examples,
    intents,
    knowledge,
    knowledge_vectors,
    models,
    profiles,
    revisions,
    rules,
    upstreams,
)
from kefu.store.db import Database
from kefu.store.rule_sets import RuleSets

log = logging.getLogger("kefu.engine")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one worker holds of one shop."""

    parts: ShopParts
    guard: Guard
    intent_names: tuple[IntentNames, ...]
    models: ModelTable


@dataclass(frozen=True, slots=True)
class _Part:
    """``kinds``: the revisions that it depends on, of data or of other parts' data."""

    kinds: tuple[str, ...]
    build: Callable[[Connection, int, Mapping[str, Any]], Any]


def _compatibility(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Compatibility:
    return Compatibility(*catalogue.split_compatibility(catalogue.load_compatibility(connection, shop_id)))


def _book(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> DeliveryBook:
    return DeliveryBook(delivery.load_promises(connection, shop_id), delivery.load_holidays(connection, shop_id))


def _lexicon(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Lexicon:
    return lexicon_of(built["catalogue"].products, built["compatibility"].devices)


def _nearness(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Nearness:
    """Vectors of the model in force, of entries as they are now."""
    upstream, entries = built["upstreams"].embedding, built["knowledge"].entries
    if upstream is None:
        return Nearness(entries)
    held = knowledge_vectors.load_vectors(connection, shop_id, upstream.model)
    digests = {entry.id: digest_of(entry) for entry in entries}
    return Nearness(entries, {name: pair for name, (digest, pair) in held.items() if digests.get(name) == digest})


def _senses(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> Senses | None:
    """What the entries mean."""
    entries = built["knowledge"].entries
    return Senses(entries) if len(entries) <= MOST_ENTRIES else None


def _written(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> WrittenRules:
    """The plain sentences of a shop's rules, if it has few enough."""
    few = rules.count_rules(connection, shop_id) <= MOST_RULES
    return WrittenRules(rules.list_rules(connection, shop_id) if few else ())


def _intents(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> IntentModel | None:
    active = models.active_model(connection, shop_id, "intents")
    try:
        return IntentModel.from_bytes(active[1]) if active else None
    except BadInput:
        # Written by another version: rules and live data still answer; `up` and `import intents` train anew.
        log.error("intent model unreadable", extra={"error": "train again"})
        return None


def _intent_names(connection: Connection, shop_id: int, built: Mapping[str, Any]) -> tuple[IntentNames, ...]:
    """Intents with their names; those that only examples speak of have their id for a name."""
    texts: dict[str, list[str]] = {}
    for example in examples.list_examples(connection, shop_id):
        texts.setdefault(example.intent, []).append(example.text)
    known = {intent.id: intent for intent in intents.list_intents(connection, shop_id)}
    return tuple(
        IntentNames(
            name,
            known[name].name if name in known else "",
            known[name].aliases if name in known else (),
            tuple(texts.get(name, ())[:EXAMPLES_FOR_NAMES]),
        )
        for name in sorted({*known, *texts})
    )


EXAMPLES_FOR_NAMES = 30
"""Examples an intent is recognised by when a class text names none of them."""


PARTS: dict[str, _Part] = {
    "catalogue": _Part(("products",), lambda c, s, _: catalogue.load_catalogue(c, s)),
    "jargon": _Part(("jargon",), lambda c, s, _: catalogue.load_jargon(c, s)),
    "compatibility": _Part(("compatibility",), _compatibility),
    "book": _Part(("delivery",), _book),
    "knowledge": _Part(("knowledge",), lambda c, s, _: KnowledgeIndex(knowledge.list_entries(c, s).values())),
    "senses": _Part(("knowledge",), _senses),
    "written": _Part(("rules",), _written),
    "intents": _Part(("models",), _intents),
    "intent_names": _Part(("intents",), _intent_names),
    "roles": _Part(("intents",), lambda _, __, built: roles_of(built["intent_names"])),
    "profiles": _Part(("voice", "emotion", "guard", "desk", "identity"), lambda c, s, _: profiles.load_profiles(c, s)),
    "upstreams": _Part(("upstreams",), lambda c, s, _: upstreams.load_table(c, s)),
    "nearness": _Part(("knowledge", "vectors", "upstreams"), _nearness),
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
        self._rules = RuleSets(db)
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()

    def of(self, shop_id: int) -> Snapshot:
        """The newest snapshot of the shop. While one thread rebuilds, others that can go on with the old one do."""
        with self._lock:
            held = self._held.setdefault(shop_id, _Held())
        with self._db.read() as connection:
            newest = revisions.current(connection, shop_id)
            if held.snapshot is not None and newest == held.revisions:
                return self._with_compiled_rules(shop_id, held, held.snapshot)
            with held.lock:
                if held.snapshot is None or newest != held.revisions:
                    self._rebuild(connection, shop_id, held, newest)
                assert held.snapshot is not None
                return held.snapshot

    def settle(self) -> None:
        """Wait for rules that are being compiled."""
        self._rules.settle()

    def close(self) -> None:
        self._rules.close()

    def _with_compiled_rules(self, shop_id: int, held: _Held, snapshot: Snapshot) -> Snapshot:
        """The snapshot with its rules as last compiled: what was edited beside the old ones is in the new ones."""
        rules = self._rules.latest(shop_id)
        if rules is None or rules is snapshot.parts.rules:
            return snapshot
        fresh = replace(snapshot, parts=replace(snapshot.parts, rules=rules))
        with held.lock:
            if held.snapshot is snapshot:  # else a newer one came meanwhile
                held.snapshot = fresh
        return fresh

    def _rebuild(self, connection: Connection, shop_id: int, held: _Held, newest: dict[str, int]) -> None:
        built = dict(held.built)
        for name, part in PARTS.items():
            moved = any(newest.get(kind) != held.revisions.get(kind) for kind in part.kinds)
            if moved or name not in built:
                built[name] = part.build(connection, shop_id, built)
        held.snapshot = self._assemble(self._rules.current(shop_id), built)
        held.built = built
        held.revisions = newest

    def _assemble(self, rules: RuleSet, built: Mapping[str, Any]) -> Snapshot:
        own = built["profiles"]
        catalogue = built["catalogue"].with_jargon(built["jargon"])
        parts = ShopParts(
            rules=rules,
            catalogue=catalogue,
            compatibility=built["compatibility"],
            book=built["book"],
            knowledge=built["knowledge"].with_nearness(built["nearness"]).with_senses(built["senses"]),
            subjects=Subjects(catalogue, built["intents"], built["roles"]),
            written=built["written"],
            intents=built["intents"],
            lexicon=with_jargon(built["lexicon"], built["jargon"]),
            voice=own.voice,
            identity=own.identity,
            desk=own.desk,
            emotion=own.emotion,
            stock_max_age=self._max_age,
            roles=built["roles"],
        )
        return Snapshot(parts, Guard.build(own.guard, own.voice), tuple(built["intent_names"]), built["upstreams"])
