"""The general intents with which a new shop begins: the sample shop's, beside the sentences that become its own."""

from __future__ import annotations

from kefu.demo.install import NAME
from kefu.demo.load import FOLDER
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.jobs.training import KIND
from kefu.store.db import Database
from kefu.store.examples import STARTER, delete_examples_from, last_example, list_examples, mark_examples
from kefu.store.intents import delete_intents
from kefu.store.models import list_models
from kefu.store.shops import list_shops


def add_starter(db: Database, shop_id: int) -> int:
    """Give the shop the general intents and their examples; what it has stays as it is. How many sentences came."""
    with db.read() as connection:
        last = last_example(connection, shop_id)
    run_import(db, shop_id, KINDS["intents"], FOLDER / "intents.csv", overwrite=False)
    with db.write() as connection:
        return mark_examples(connection, shop_id, STARTER, after=last)


def is_all_starter(db: Database, shop_id: int) -> bool:
    """Whether the shop has general sentences, and none of its own."""
    with db.read() as connection:
        return {row.source for row in list_examples(connection, shop_id)} == {STARTER}


def is_learnt(db: Database) -> bool:
    """Whether the sample shop of this store has learnt them: then another shop has them in seconds."""
    with db.read() as connection:
        sample = next((shop for shop in list_shops(connection) if shop.name == NAME), None)
        return sample is not None and any(version.active for version in list_models(connection, sample.id, KIND))


def remove_starter(db: Database, shop_id: int) -> int:
    """Take them away again, with the intents that have no example left. How many sentences went."""
    with db.write() as connection:
        rows = list_examples(connection, shop_id)
        kept = {row.intent for row in rows if row.source != STARTER}
        delete_intents(connection, shop_id, {row.intent for row in rows} - kept)
        return delete_examples_from(connection, shop_id, STARTER)
