"""A shop made only of imported files, with intents of its own, answers as well as the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.shop_conversations import converse

from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.jobs.training import ensure_model
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop

CASES = Path(__file__).parent.parent / "cases"
NOW = "2026-11-23T10:00:00+08:00"


@pytest.fixture(scope="module")
def clothes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Shop, list[str]]]:
    """The shop, and what was said when it learnt its intents."""
    folder = tmp_path_factory.mktemp("clothes")
    db = Database(f"sqlite:///{folder / 'kefu.sqlite'}")
    db.migrate()
    with db.write() as connection:
        shop = create_shop(connection, "clothes")
    for path in sorted((CASES / "clothes").glob("*.csv"), key=lambda path: path.stem != "products"):
        assert run_import(db, shop.id, KINDS[path.stem], path).count("error") == 0
    said: list[str] = []
    settings = replace(load_settings(data_dir=str(folder)), now=NOW)
    ensure_model(db, shop.id, said.append)
    engine = Engine(db, settings, make_clock(settings))
    yield engine, shop, said
    engine.close()
    db.close()


@pytest.mark.parametrize("case", yaml.safe_load((CASES / "clothes.yaml").read_text()), ids=lambda case: case["name"])
def test_conversation(clothes: tuple[Engine, Shop, list[str]], case: dict[str, Any]) -> None:
    engine, shop, _ = clothes
    converse(engine, shop, case["turns"])


def test_the_owner_is_told_what_becomes_of_each_intent(clothes: tuple[Engine, Shop, list[str]]) -> None:
    said = " ".join(clothes[2])
    assert "stock = stock_query" in said
    assert "urge = urge_delivery" in said
    assert "by a model: size." in said
