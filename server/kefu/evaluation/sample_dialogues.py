"""Figures of whole dialogues with the sample shop, in a store that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from kefu.clock import make_clock
from kefu.demo.install import ensure_sample_shop
from kefu.engine import Engine
from kefu.errors import NotFound
from kefu.evaluation.cases import DEFAULT_NOW, load_cases
from kefu.evaluation.dialogues import score_dialogues
from kefu.evaluation.metrics import Figure, share
from kefu.jobs.training import ensure_model
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import Shop

INTENT, SLOTS, JOINT = 0.90, 0.93, 0.85


def evaluate_dialogues(paths: Sequence[Path], say: Callable[[str], None]) -> list[Figure]:
    """Intent, slot F1 and both right, turn by turn, of the cases in each file; of one without slots, the intent alone.

    Raises NotFound for a missing file.
    """
    for path in paths:
        if not path.is_file():
            raise NotFound(f"There is no file {path}.", "Name files of dialogues with --dialogues.")
    with tempfile.TemporaryDirectory(prefix="kefu-eval-") as folder:
        db = Database(f"sqlite:///{folder}/kefu.sqlite")
        db.migrate()
        say("sample shop: import and learn")
        shop = ensure_sample_shop(db)
        ensure_model(db, shop.id, say)
        settings = load_settings({}, data_dir=folder, now=DEFAULT_NOW)
        engine = Engine(db, settings, make_clock(settings))
        try:
            return figures_of(engine, shop, paths, say)
        finally:
            engine.snapshots.close()
            db.close()


def figures_of(engine: Engine, shop: Shop, paths: Sequence[Path], say: Callable[[str], None]) -> list[Figure]:
    """The figures of `evaluate_dialogues` by an engine whose shop has learnt its intents."""
    figures = []
    for path in paths:
        say(f"{path.name} …")
        scores, rows = score_dialogues(engine, shop, load_cases(path))
        figures.append(share(path.stem, "intent", [row.intent_right for row in rows], INTENT))
        if whole := [row for row in rows if row.has_slots]:
            f1 = scores.slot_f1
            figures += [
                Figure(path.stem, "slot F1", f1, f1, f1, sum(len(row.wanted) for row in whole), SLOTS),
                share(path.stem, "intent and slots right", [row.joint_right for row in whole], JOINT),
            ]
    return figures
