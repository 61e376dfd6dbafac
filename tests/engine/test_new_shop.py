"""A shop set up by the README, with a few rows of its own, answers everyday messages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.shop_conversations import converse

from kefu.clock import make_clock
from kefu.demo.starter import add_starter
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
def tea(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Shop]]:
    folder = tmp_path_factory.mktemp("tea")
    shutil.copy(sample_file, folder / "kefu.sqlite")
    db = Database(f"sqlite:///{folder / 'kefu.sqlite'}")
    with db.write() as connection:
        shop = create_shop(connection, "tea")
    add_starter(db, shop.id)
    for kind in ("products", "stock", "rules", "knowledge"):
        assert run_import(db, shop.id, KINDS[kind], CASES / "tea" / f"{kind}.csv").count("error") == 0
    ensure_model(db, shop.id, lambda _: None)
    settings = replace(load_settings(data_dir=str(folder)), now=NOW)
    engine = Engine(db, settings, make_clock(settings))
    yield engine, shop
    engine.close()
    db.close()


@pytest.mark.parametrize("case", yaml.safe_load((CASES / "tea.yaml").read_text()), ids=lambda case: case["name"])
def test_conversation(tea: tuple[Engine, Shop], case: dict[str, Any]) -> None:
    engine, shop = tea
    converse(engine, shop, case["turns"])
