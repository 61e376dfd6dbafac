"""Learn the shipped weights of `core.intents.in_context` anew: `python -m kefu.evaluation.context_weights`.

Needed when the intent model, the forms or the conversations change much. Many of the conversations' sentences are
examples of the sample shop, too, so their scores come from models that were trained without them (`FOLDS` trainings).
Everyday conversations, none of whose sentences is an example, are scored by the shop's whole model and count `WEIGHT`
times.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import kefu.demo
from kefu.core.intents import Example, train
from kefu.core.intents.context_learning import FormsOf, Said, conversations, everyday, learn, rows_of, together
from kefu.core.intents.forms import forms_of
from kefu.core.slots import Lexicon, current, extract
from kefu.core.text import normalise
from kefu.demo.install import ensure_sample_shop
from kefu.engine.snapshots import Snapshots
from kefu.jobs.output import write_whole
from kefu.jobs.tables import read_table
from kefu.store.db import Database

FOLDS = 3
WEIGHT = 2
"""Cross-validated by conversation: 1, 2 and 4 were within chance of each other, 8 was worse."""
NOW = datetime.fromisoformat("2026-11-20T14:00:00+08:00")


def sample_examples() -> list[Example]:
    rows = read_table(Path(kefu.demo.__file__).parent / "intents.csv")
    return [Example(row.values["text"], row.values["intent"]) for row in rows if row.values["text"]]


def forms_with(lexicon: Lexicon) -> FormsOf:
    def forms(text: str) -> frozenset[str]:
        read = normalise(text)
        return forms_of(read.text, current(extract(read, now=NOW, lexicon=lexicon)))

    return forms


def sample_lexicon() -> Lexicon:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/shop.sqlite")
        database.migrate()
        snapshots = Snapshots(database, timedelta(hours=1))
        lexicon = snapshots.of(ensure_sample_shop(database).id).parts.lexicon
        snapshots.close()
        database.close()
    return lexicon


def main() -> int:
    examples, parts = sample_examples(), []
    labels: tuple[str, ...] = ()
    forms = forms_with(sample_lexicon())
    for fold in range(FOLDS):
        inside = [talk for number, talk in enumerate(conversations()) if number % FOLDS == fold]
        held = _texts(inside)
        model = train([example for example in examples if example.text not in held])
        parts.append(rows_of(inside, model, forms))
        labels = model.labels
        sys.stderr.write(f"{fold + 1} of {FOLDS} models trained\n")
    parts += [rows_of(everyday(), train(examples), forms)] * WEIGHT
    weights = learn(together(parts), labels)
    target = Path(str(files("kefu.core.intents").joinpath("data/context.json")))
    write_whole(target, (json.dumps(weights.to_json(), indent=0) + "\n").encode())
    sys.stdout.write(f"{target}\n")
    return 0


def _texts(talks: Sequence[Sequence[Said]]) -> frozenset[str]:
    return frozenset(said.text for talk in talks for said in talk)


if __name__ == "__main__":
    raise SystemExit(main())
