"""Each shop's rules as this process answers with them: an edit at once beside the compiled ones, the rest behind."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from kefu.core.rules import RuleSet, dump_plans, load_plans
from kefu.core.rules.plan import Plan
from kefu.core.rules.ruleset import Progress
from kefu.store import rules as store
from kefu.store.db import Database

OVERLAY_LIMIT = 256
"""So many edits are kept beside the compiled rules before all are compiled anew, in a thread."""

EDITS_AT_ONCE = 2_000
"""More changed rules than this (an import) are compiled before the next answer, not beside."""


@dataclass(slots=True)
class _Held:
    lock: threading.Lock = field(default_factory=threading.Lock)
    ruleset: RuleSet | None = None
    revision: int = -1
    rebuild: threading.Thread | None = None


class RuleSets:
    """One for a process; `close` waits for what is being compiled."""

    def __init__(self, db: Database, overlay_limit: int = OVERLAY_LIMIT) -> None:
        self._db = db
        self._limit = overlay_limit
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()

    def current(self, shop_id: int) -> RuleSet:
        """The rules as last committed; safe in any thread."""
        with self._lock:
            held = self._held.setdefault(shop_id, _Held())
        with self._db.read() as connection:
            newest = store.current_revision(connection, shop_id)
            if held.ruleset is not None and held.revision >= newest:
                if held.ruleset.overlay_size > self._limit:
                    self._rebuild_behind(shop_id, held)  # none was started while another was ending
                return held.ruleset
            with held.lock:
                return self._renew(connection, shop_id, held)

    def latest(self, shop_id: int) -> RuleSet | None:
        """The set as this process holds it, without asking the store whether there is a newer one."""
        held = self._held.get(shop_id)
        return held.ruleset if held else None

    def _renew(self, connection: Connection, shop_id: int, held: _Held) -> RuleSet:
        if held.ruleset is None:
            known = load_plans(store.kept_plans(connection, shop_id))
            held.ruleset, held.revision = load_rules(connection, shop_id, known)
            if held.ruleset.plans.keys() - known.keys():
                self._rebuild_behind(shop_id, held, only_keep=True)
            _settle_memory(held.ruleset)
            return held.ruleset
        changes = store.changes_since(connection, shop_id, held.revision)
        if len(changes.saved) + len(changes.removed) > EDITS_AT_ONCE:
            held.ruleset, held.revision = load_rules(connection, shop_id, held.ruleset.plans)
        elif changes.revision > held.revision:
            held.ruleset, held.revision = held.ruleset.edit(changes.saved, changes.removed), changes.revision
        if held.ruleset.overlay_size > self._limit:
            self._rebuild_behind(shop_id, held)
        return held.ruleset

    def _rebuild_behind(self, shop_id: int, held: _Held, only_keep: bool = False) -> None:
        if held.rebuild is None or not held.rebuild.is_alive():
            work = self._keep if only_keep else self._rebuild
            held.rebuild = threading.Thread(target=work, args=(shop_id, held), name=f"rules-{shop_id}", daemon=True)
            held.rebuild.start()

    def _rebuild(self, shop_id: int, held: _Held) -> None:
        """Compile all anew until no more edits wait than may; edits that come meanwhile go beside the new set."""
        while held.ruleset is not None and held.ruleset.overlay_size > self._limit:
            with self._db.read() as connection:
                fresh, revision = load_rules(connection, shop_id, held.ruleset.plans)
            with held.lock, self._db.read() as connection:
                changes = store.changes_since(connection, shop_id, revision)
                held.ruleset = fresh.edit(changes.saved, changes.removed) if changes.revision > revision else fresh
                held.revision = changes.revision
        self._keep(shop_id, held)

    def _keep(self, shop_id: int, held: _Held) -> None:
        """Keep the analysed patterns for the next start."""
        assert held.ruleset is not None
        revision, data = held.revision, dump_plans(held.ruleset.plans)
        with self._db.write() as connection:
            store.save_plans(connection, shop_id, revision, data)

    def settle(self) -> None:
        """Wait until nothing is being compiled."""
        for held in list(self._held.values()):
            if held.rebuild is not None:
                held.rebuild.join()

    def close(self) -> None:
        self.settle()
        self._held.clear()


def _settle_memory(ruleset: RuleSet) -> None:
    """Take a large set out of the garbage collector's sight: looking through it would hold an answer for 100 ms."""
    if len(ruleset) > 10_000:
        gc.collect()
        gc.freeze()


def load_rules(
    connection: Connection, shop_id: int, plans: Mapping[str, Plan] | None = None, progress: Progress | None = None
) -> tuple[RuleSet, int]:
    """The shop's rules and their revision, analysed with ``plans`` or what was kept in the store."""
    known = plans if plans is not None else load_plans(store.kept_plans(connection, shop_id))
    revision = store.current_revision(connection, shop_id)
    rules = store.list_rules(connection, shop_id)
    return RuleSet.build(rules, plans=known, progress=progress, clock=time.perf_counter), revision
