"""The whole product on PostgreSQL: import, answer, change, hand over, in two workers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.conftest import NOW

from kefu.clock import make_clock
from kefu.core.prober import PROBER
from kefu.demo.install import ensure_sample_shop
from kefu.engine import TOOLS, Engine, ToolRequest
from kefu.settings import load_settings
from kefu.store import conversations, handoffs, models, rules
from kefu.store.db import Database
from kefu.store.shops import Shop

pytestmark = pytest.mark.postgres


@pytest.fixture
def shop(postgres_database: Database, sample_file: Path) -> Shop:
    """The sample shop, imported, with the intents that the SQLite sample learnt."""
    shop = ensure_sample_shop(postgres_database)
    trained = Database(f"sqlite:///{sample_file}")
    with trained.read() as source, postgres_database.write() as connection:
        row = source.execute(select(models.models).where(models.models.c.active)).mappings().one()
        connection.execute(models.models.insert().values({**row, "shop_id": shop.id}))
    trained.close()
    return shop


@pytest.fixture
def workers(postgres_database: Database, tmp_path: Path):
    """Two engines with connections of their own, as two processes have them."""
    settings = load_settings({}, data_dir=str(tmp_path), now=NOW)
    databases = [Database(postgres_database.url) for _ in range(2)]
    engines = [Engine(database, settings, make_clock(settings)) for database in databases]
    yield engines
    for engine, database in zip(engines, databases, strict=True):
        engine.close()
        database.close()


def say(engine: Engine, shop: Shop, query: str, conversation: str = "c1") -> dict:
    return TOOLS["understand"](engine, shop, ToolRequest(query, conversation, "u1", "", {}))


def test_a_conversation_that_two_workers_share_goes_from_rule_to_stock_to_a_person(workers, shop) -> None:
    one, two = workers
    assert say(one, shop, "请发货")["route"] == "rule"
    assert say(two, shop, "平川鼠标垫大号有货吗")["route"] == "stock"
    assert say(one, shop, "转人工")["handed_off"]
    assert say(two, shop, "在吗")["route"] == "human_active"
    with one.db.write() as connection:
        [waiting] = handoffs.list_handoffs(connection, shop.id, "pending")
        handoffs.claim(connection, shop.id, waiting.id, "amy", one.clock())
        handoffs.resolve(connection, shop.id, waiting.id, "amy", one.clock())
    assert say(two, shop, "请发货")["route"] == "rule"
    with two.db.read() as connection:
        assert len(conversations.list_turns(connection, shop.id, "c1")) == 5


def test_a_deployments_probe_leaves_nothing(workers, shop) -> None:
    said = TOOLS["understand"](workers[0], shop, ToolRequest("转人工", "p1", PROBER, "dify", {}))
    assert said["handed_off"]
    with workers[1].db.read() as connection:
        assert handoffs.list_handoffs(connection, shop.id) == conversations.list_turns(connection, shop.id) == []


def test_an_edit_in_one_worker_answers_in_the_other_at_once(workers, shop) -> None:
    one, two = workers
    before = say(two, shop, "请发货")
    with one.db.write() as connection:
        rules.delete_rules(connection, shop.id, [before["rule_id"]])
    assert say(two, shop, "请发货", "c2")["rule_id"] != before["rule_id"]


def test_parallel_turns_of_one_conversation_in_two_workers_all_count(workers, shop) -> None:
    failures: list[BaseException] = []

    def talk(engine: Engine) -> None:
        try:
            for _ in range(10):
                say(engine, shop, "请发货")
        except BaseException as error:  # noqa: BLE001 - a thread must tell, whatever it is
            failures.append(error)

    threads = [threading.Thread(target=talk, args=(engine,)) for engine in workers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with workers[0].db.read() as connection:
        loaded = conversations.load(connection, shop.id, "c1", workers[0].clock())
        assert loaded.state.turn_count == 40
        assert len(conversations.list_turns(connection, shop.id, "c1", limit=100)) == 40
