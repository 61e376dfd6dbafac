"""The sample shop's acceptance conversations (tests/cases/acceptance.yaml) through both Chatflows and both plugins."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from shop_server import running

from kefu.demo.install import ensure_sample_shop
from kefu.engine import Engine
from kefu.playground.conversation import Conversation
from kefu.playground.play import Playground
from kefu.playground.plugins import Plugins
from kefu.playground.server import free_port
from kefu.playground.trace import TurnTrace
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import create_token
from kefu.web.app import create_app

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "acceptance.yaml").read_text(encoding="utf-8"))
USUAL = "2026-11-20T14:00:00+08:00"


class SampleShop:
    """The running server of the sample shop, whose clock a test may set."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.now = USUAL

    def clock(self) -> datetime:
        return datetime.fromisoformat(self.now)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, sample_file: Path) -> Iterator[SampleShop]:
    settings = load_settings({}, data_dir=tmp_path_factory.mktemp("sample"), port=free_port())
    shutil.copy(sample_file, settings.data_dir / "kefu.sqlite")
    db = Database(settings.database_url)
    row = ensure_sample_shop(db)
    with db.write() as connection:
        token = create_token(connection, row.id)
    sample = SampleShop(f"http://127.0.0.1:{settings.port}", token)
    engine = Engine(db, settings, sample.clock)
    engine.warm()  # as the server's workers do
    with running(create_app(engine), settings.port):
        yield sample
    engine.close()


def complaints(turn: dict[str, Any], trace: TurnTrace) -> list[str]:
    """What of the expectations does not hold."""
    shown = {"route": trace.route, "handoff_reason": trace.handoff_reason, "llm_calls": trace.llm_calls}
    wrong = [
        f"{name} {shown[name]!r}, not {turn[name]!r}" for name in shown if name in turn and shown[name] != turn[name]
    ]
    wrong += [f"lacks {part!r}" for part in turn.get("reply_contains", ()) if part not in trace.reply]
    wrong += [f"says {part!r}" for part in turn.get("reply_lacks", ()) if part in trace.reply]
    some = turn.get("reply_contains_any")
    if some and not any(part in trace.reply for part in some):
        wrong.append(f"has none of {some}")
    if not trace.reply or trace.status != "succeeded":
        wrong.append(f"{trace.status} {trace.error}")
    return [f"{turn['say']} → {trace.reply}: {text}" for text in wrong]


RUNS = [(case, app) for case in CASES for app in case.get("apps", ("kefu-fast", "kefu-classic"))]


@pytest.mark.parametrize(("case", "app"), RUNS, ids=[f"{case['id']}-{app}" for case, app in RUNS])
def test_acceptance(case: dict[str, Any], app: str, shop: SampleShop, plugins: Plugins) -> None:
    """Every turn of the conversation is answered as the case says."""
    shop.now = case.get("now", USUAL)
    playground = Playground(app, shop.url, shop.token, plugins=plugins)
    conversation = Conversation(user=f"{app}-{case['id']}")
    wrong: list[str] = []
    for turn in case["turns"]:
        trace, conversation = playground.turn(turn["say"], conversation)
        wrong += complaints(turn, trace)
    assert wrong == []


@pytest.mark.parametrize(
    ("said", "route", "reason", "way"),
    [
        ("可以花呗吗", "knowledge", "", ["listen", "listened", "say_listened"]),
        ("asdfgh", "ask", "", ["listen", "listened", "say_listened"]),
        ("帮我写首诗", "human", "unknown_question", ["listen", "listened", "say_listened"]),
        ("会员积分怎么用", "human", "unknown_question", ["listen", "listened", "transfer", "say_transfer"]),
    ],
)
def test_the_classic_app_hears_what_fits_no_class_once_more(
    said: str, route: str, reason: str, way: list[str], shop: SampleShop, plugins: Plugins
) -> None:
    """Class 1 calls `understand`: what needs no model is answered, a person is called by it, or by the flow where only
    a model could answer."""
    playground = Playground("kefu-classic", shop.url, shop.token, plugins=plugins)
    trace, _ = playground.turn(said, Conversation(user=f"listened-{said}"))
    nodes = [node.id for node in trace.nodes]
    assert nodes[nodes.index("classify") + 1 :] == way
    assert (trace.route, trace.handoff_reason, trace.llm_calls) == (route, reason, 0)


@pytest.mark.parametrize("app", ["kefu-fast", "kefu-classic"])
def test_a_stock_change_shows_in_the_next_turn(app: str, shop: SampleShop, plugins: Plugins) -> None:
    """PUT /stock between two turns of one conversation."""
    playground = Playground(app, shop.url, shop.token, plugins=plugins)
    trace, conversation = playground.turn("云驮双肩电脑包大号有库存吗")
    assert trace.route == "stock"
    for warehouse, quantity in (("杭州仓", 7), ("广州仓", 0), ("成都仓", 0)):
        change = {"sku": "BAG-YL-L-BK", "warehouse": warehouse, "quantity": quantity}
        headers = {"Authorization": f"Bearer {shop.token}"}
        httpx.put(f"{shop.url}/stock", json=change, headers=headers, trust_env=False).raise_for_status()
    trace, _ = playground.turn("云驮双肩电脑包大号有库存吗", conversation)
    assert "7个" in trace.reply
