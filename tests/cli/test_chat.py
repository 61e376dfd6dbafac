"""`./kefu chat`: flags in, one conversation through engine, plugins and a server of its own, lines out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kefu.cli import main
from kefu.core.rules import Pattern, Rule
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.db import Database
from kefu.store.rules import save_rules
from kefu.store.shops import create_shop, tokens

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with one shop of one rule."""
    folder = tmp_path / "data"
    folder.mkdir()
    db = Database(f"sqlite:///{folder / 'kefu.sqlite'}")
    db.migrate()
    with db.write() as connection:
        shop = create_shop(connection, "small")
        save_rules(connection, shop.id, [Rule("ship", (Pattern("keywords", any=("发货",)),), ("马上发货～",))])
    db.close()
    return folder


def test_chat_prints_one_object_a_turn_and_leaves_nothing(data: Path) -> None:
    """Several sentences are one conversation; the token of the run is gone afterwards."""
    command = [sys.executable, "-m", "kefu.cli", "chat", "--data", str(data), "--json", "--app", "kefu-classic"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run([*command, "请发货", "转人工"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["reply"], first["route"], first["llm_calls"]) == ("马上发货～", "rule", 0)
    assert [node["id"] for node in first["nodes"]] == ["start", "rule", "hit", "say_rule"]
    assert (second["route"], second["handoff_reason"]) == ("human", "customer_request")
    db = Database(f"sqlite:///{data / 'kefu.sqlite'}")
    with db.read() as connection:
        assert connection.execute(select(func.count()).select_from(tokens)).scalar() == 0
    db.close()


def test_a_file_of_conversations_is_played_one_by_one(data: Path) -> None:
    """“# …” begins another conversation: whoever waits for a person in one does not in the next."""
    lines = "# 发货\n请发货\n转人工\n\n## 另一位\n请发货\n#\n请发货\n"
    command = [sys.executable, "-m", "kefu.cli", "chat", "--data", str(data)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}

    def chat(*flags: str) -> str:
        return subprocess.run(
            [*command, *flags], input=lines, capture_output=True, text=True, env=environment, check=True
        ).stdout

    told = [json.loads(line) for line in chat("--json").splitlines()]
    assert [(one["conversation"], one["route"]) for one in told] == [
        ("发货", "rule"), ("发货", "human"), ("另一位", "rule"), ("line 7", "rule")
    ]  # fmt: skip
    assert [line for line in chat().splitlines() if line.startswith("#")] == ["# 发货", "# 另一位", "# line 7"]


def test_chat_shows_what_a_model_is_given(data: Path, tmp_path: Path) -> None:
    """An owner sees which entry a model would answer from, and that a rule needs none."""
    entries = tmp_path / "knowledge.csv"
    entries.write_text(
        "知识库,标题,问题,内容\n说明,陶杯,陶杯能进微波炉吗,陶杯不描金的可以进微波炉。\n", encoding="utf-8"
    )
    db = Database(f"sqlite:///{data / 'kefu.sqlite'}")
    assert run_import(db, 1, KINDS["knowledge"], entries).written
    db.close()
    command = [sys.executable, "-m", "kefu.cli", "chat", "--data", str(data)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    said = ["请发货", "请问陶杯可以放进微波炉吗"]
    done = subprocess.run([*command, "--json", *said], capture_output=True, text=True, env=environment, check=False)
    by_rule, by_model = (json.loads(line) for line in done.stdout.splitlines())
    assert "material" not in by_rule
    assert "kefu_local" not in by_rule
    assert by_model["kefu_local"]
    assert by_model["llm_calls"] == 0
    assert "陶杯不描金的可以进微波炉。" in by_model["material"]
    shown = subprocess.run(
        [*command, "--material", *said], capture_output=True, text=True, env=environment, check=False
    )
    by_rule_told, _, by_model_told = shown.stdout.rpartition("顾客：")
    assert "给大模型的材料" not in by_rule_told
    assert "陶杯不描金的可以进微波炉。" in by_model_told.partition("给大模型的材料")[2]


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--server", "http://127.0.0.1:9"], "belong together"),
        (["--server", "http://127.0.0.1:9", "--token", "t", "--now", "2026-11-20"], "freeze"),
        (["--now", "tomorrow"], "moment in time"),
        (["--shop", "nobody"], "no shop"),
        (["--app", "nothing"], "no app"),
    ],
)
def test_wrong_flags_give_one_clear_line(
    data: Path, flags: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, nothing started."""
    assert main(["chat", "--data", str(data), *flags, "你好"]) == 2
    assert word in capsys.readouterr().err
