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


FILES = ("products", "stock", "rules", "knowledge", "delivery", "compatibility")
NAMES = ("tea", "dress", "gadgets", "home", "rooms", "orchard", "cars", "glasses", "flowers", "printers")


@pytest.fixture(scope="module")
def shops(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, dict[str, Shop]]]:
    """The file shops beside the sample shop, as `shop create` and `import` make them."""
    folder = tmp_path_factory.mktemp("new")
    shutil.copy(sample_file, folder / "kefu.sqlite")
    db = Database(f"sqlite:///{folder / 'kefu.sqlite'}")
    made: dict[str, Shop] = {}
    for name in NAMES:
        with db.write() as connection:
            made[name] = create_shop(connection, name)
        add_starter(db, made[name].id)
        for path in (CASES / name / f"{kind}.csv" for kind in FILES):
            assert not path.exists() or run_import(db, made[name].id, KINDS[path.stem], path).count("error") == 0
        ensure_model(db, made[name].id, lambda _: None)
    settings = replace(load_settings(data_dir=str(folder)), now=NOW)
    engine = Engine(db, settings, make_clock(settings))
    yield engine, made
    engine.close()
    db.close()


def cases(name: str) -> list[dict[str, Any]]:
    return [{"shop": name, **case} for case in yaml.safe_load((CASES / f"{name}.yaml").read_text())]


EVERY = [case for name in NAMES for case in cases(name)]


@pytest.mark.parametrize("case", EVERY, ids=lambda case: f"{case['shop']}: {case['name']}")
def test_conversation(shops: tuple[Engine, dict[str, Shop]], case: dict[str, Any]) -> None:
    engine, made = shops
    converse(engine, made[case["shop"]], case["turns"])
