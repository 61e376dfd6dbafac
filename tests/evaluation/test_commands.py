"""The commands themselves, from a shop to a report: measured, killed, gone on with, compared, judged."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from kefu.cli import main
from kefu.core.upstreams import Upstream
from kefu.core.voice import Voice
from kefu.evaluation.frozen import read_frozen
from kefu.evaluation.identity_eval import identity_questions
from kefu.evaluation.regression import general_questions
from kefu.gateway.nodes import ClassifierRequest, ExtractorRequest, recognise
from kefu.store.db import Database
from kefu.store.examples import IntentExample, delete_examples, list_examples, save_examples
from kefu.store.intents import list_intents
from kefu.store.profiles import load_profiles
from kefu.store.shops import find_shop
from kefu.store.upstreams import save_upstream

NOW = "2026-11-20T14:00:00+08:00"
KINDS = ("催一下", "快点", "还没有", "什么时候", "到底", "麻烦", "请问", "帮忙")


def command(data: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "kefu.cli", *arguments[:2], "--data", str(data), *arguments[2:]]


def environment() -> dict[str, str]:
    return {**os.environ, "KEFU_NOW": NOW}


def kefu(data: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(data, *arguments), capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture
def small(db, shop, tmp_path, server) -> Path:
    """A folder with a shop of two intents and an upstream."""
    with db.write() as connection:
        save_upstream(connection, shop.id, Upstream("base", "vllm", f"{server.url}/v1", "base-7b"))
        examples = [IntentExample(f"{a}发货{b}", "ship") for a in KINDS for b in "吧呀吗呢"]
        examples += [IntentExample(f"{a}有现货{b}", "stock") for a in KINDS for b in "吧呀吗呢"]
        save_examples(connection, shop.id, examples, datetime.now(UTC))
    db.close()
    return tmp_path


LADDER = (
    *("eval", "ladder", "--base", "base", "--only", "identity", "--only", "regression"),
    *("--most", "6", "--repeat", "2"),
)


def test_a_killed_run_goes_on_and_asks_nothing_again_and_a_finished_one_asks_anew(small, server):
    """SIGKILL while the ninth answer is awaited: that one question is asked again, the eight answered ones are not."""
    held, release = threading.Event(), threading.Event()

    def reply(body: Any) -> str:
        if len(server.requests) == 9 and not held.is_set():
            held.set()
            release.wait(20)
        return "2"

    server.answers(reply=reply)
    first = subprocess.Popen(command(small, *LADDER), env=environment(), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)  # fmt: skip
    assert held.wait(60)
    first.kill()
    first.wait()
    release.set()
    waiting = server.bodies[-1]
    going_on = kefu(small, *LADDER, "--json", str(small / "run.json"))
    assert "8 answers are known" in going_on.stderr
    together = asked(server)
    server.answers(reply=lambda body: "2")
    fresh = kefu(small, *LADDER, "--json", str(small / "fresh.json"))
    assert "answers are known" not in fresh.stderr
    assert together - asked(server) == Counter({json.dumps(waiting): 1})
    assert not asked(server) - together
    assert rows_without_times(small / "run.json") == rows_without_times(small / "fresh.json")


def asked(server) -> Counter[str]:
    return Counter(json.dumps(body) for body in server.bodies)


def rows_without_times(path: Path) -> list[Any]:
    found = json.loads(path.read_bytes())["measured"]
    return [[{**row, "ms": 0} for row in one["rows"]] for one in found]


def test_a_cache_is_never_asked_again(small, server):
    server.answers(reply=lambda body: "2")
    arguments = [*LADDER, "--data", str(small), "--cache", str(small / "cache.jsonl")]
    assert main(arguments) == 0
    before = len(server.bodies)
    assert main(arguments) == 0
    assert len(server.bodies) == before > 0


def test_a_model_that_fails_is_left_out_and_said_so(small, server, capsys):
    server.answers(status=401)
    assert main([*LADDER, "--data", str(small), "--json", str(small / "run.json")]) == 1
    assert "not measured" in capsys.readouterr().out
    run = json.loads((small / "run.json").read_bytes())
    assert [one["rung"] for one in run["measured"]] == ["local"]
    assert [left[1] for left in run["left_out"]] == ["base", "base + role", "base"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("eval", "ladder", "--base", "nobody"), "no upstream “nobody”"),
        (("eval", "ladder", "--repeat", "0"), "out of range"),
        (("eval", "ladder", "--price", "base=x"), "no price"),
        (("eval", "ladder", "--set", "none.jsonl"), "no file none.jsonl"),
        (("finetune", "report", "none.json"), "none.json is no saved run"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(small, capsys, arguments, words):
    assert main([*arguments, "--data", str(small)]) == 2
    assert words in capsys.readouterr().err


@dataclass
class Brain:
    """Answers like a good model under the name tuned-7b and like a poor one under any other."""

    voice: Voice
    names: dict[str, str]
    labels: dict[str, str]
    frozen: Path
    asked: int = 0

    @cached_property
    def slots(self) -> dict[str, dict[str, str]]:
        """The frozen set is written before the first question is asked."""
        return {row.text: dict(row.slots or {}) for row in read_frozen(self.frozen, list(self.names)).slots}

    def __call__(self, body: Any) -> str:
        good = body["model"] == "tuned-7b"
        last = body["messages"][-1]["content"]
        node = recognise(body)
        if isinstance(node, ClassifierRequest):
            label = self.label_of(node.query, good)
            return f"我觉得是{label}" if not good else json.dumps(self.class_of(node, label), ensure_ascii=False)
        if isinstance(node, ExtractorRequest):
            return self.values(node.query, good)
        short = re.search(r'这次顾客说：("(?:[^"\\]|\\.)*")', last)
        if short and "取出下列参数" in body["messages"][0]["content"]:
            return self.values(json.loads(short[1]), good)
        if short:
            return self.number_of(body["messages"][0]["content"], self.label_of(json.loads(short[1]), good))
        return self.chat(last, good)

    def label_of(self, text: str, good: bool) -> str:
        self.asked += 1
        return self.labels.get(text, "") if good or self.asked % 3 == 0 else ""

    def class_of(self, node: ClassifierRequest, label: str) -> dict[str, str]:
        chosen = next(c for c in node.classes if c.id == (label or "rest"))
        return {"category_id": chosen.id, "category_name": chosen.name}

    def number_of(self, prompt: str, label: str) -> str:
        name = self.names.get(label, "其他/转人工")
        return next(line.split(" ", 1)[0] for line in prompt.splitlines() if line.split(" ", 1)[-1] == name)

    def values(self, text: str, good: bool) -> str:
        known = self.slots.get(text, {})
        return json.dumps({**dict.fromkeys(("product", "variant", "place", "when", "quantity", "order_no"), ""),
                           **(known if good else {"place": "火星"})}, ensure_ascii=False)  # fmt: skip

    def chat(self, text: str, good: bool) -> str:
        for question in general_questions():
            if question.ask == text:
                return question.accept[0]
        probe = next(q for q in identity_questions() if q.ask == text)
        if probe.wants == "none":
            return probe.accept[0] if probe.accept else "以页面为准。"
        return f"我是{self.voice.maker}的{self.voice.name}。" if good else "我是通义千问，由阿里云开发。"


@pytest.fixture
def sample(imported_file, tmp_path, server) -> Path:
    """The sample shop, with a tenth of its sentences (training on all of them takes twenty seconds), and two models."""
    shutil.copy(imported_file, tmp_path / "kefu.sqlite")
    db = Database(f"sqlite:///{tmp_path / 'kefu.sqlite'}")
    with db.write() as connection:
        shop = find_shop(connection, "demo")
        every = list_examples(connection, shop.id)
        texts = [e.text for n, e in enumerate(every) if n % 10]
        for start in range(0, len(texts), 500):
            delete_examples(connection, shop.id, texts[start : start + 500])
        for name in ("base", "tuned"):
            save_upstream(connection, shop.id, Upstream(name, "vllm", f"{server.url}/v1", f"{name}-7b"))
        names = {intent.id: intent.name for intent in list_intents(connection, shop.id)}
        voice, labels = load_profiles(connection, shop.id).voice, {e.text: e.intent for e in every}
        server.answers(reply=Brain(voice, names, labels, tmp_path / "frozen.jsonl"))
    db.close()
    return tmp_path


def test_from_a_shop_to_the_verdict_to_the_switch(sample, server):
    """The newcomer's path: measure, freeze, ask whether to tune, prepare, measure again, compare, switch."""
    frozen, before, after = sample / "frozen.jsonl", sample / "before.json", sample / "after.json"
    limits = ("--most", "40", "--repeat", "2", "--workers", "4", "--price", "base=0.0005,0.002", "--currency", "CNY")
    first = kefu(sample, "eval", "ladder", *limits, "--freeze", str(frozen), "--base", "base", "--json", str(before))
    assert "CNY of 1,000" in first.stdout
    assert "intent: base, short: 80/80" in first.stderr
    told = kefu(sample, "finetune", "report", str(before), "--seconds", "0.1", "--json", str(sample / "report.json"))
    report = json.loads((sample / "report.json").read_bytes())
    assert told.stdout.startswith(f"Verdict: {report['verdict']}")
    assert "Tuned model" not in told.stdout
    assert report["chains"]["classify, extract, answer"] >= 0.3
    out = sample / "rows"
    small = ("--per-intent", "5", "--copies", "1", "--model", "qwen3-8b")
    kefu(sample, "finetune", "prepare", "--out", str(out), "--frozen", str(frozen), *small)
    assert (out / "train.jsonl").stat().st_size > 0
    page = sample / "ladder.html"
    second = (
        *limits,
        "--set",
        str(frozen),
        "--base",
        "base",
        "--tuned",
        "tuned",
        "--json",
        str(after),
        "--out",
        str(page),
    )
    kefu(sample, "eval", "ladder", *second)
    assert page.read_text("utf-8").count("<svg") > 8
    judged = kefu(sample, "finetune", "report", str(after), "--seconds", "0")
    assert "Tuned model: switch" in judged.stdout
    compared = kefu_plain("eval", "compare", str(before), str(after), "--rungs", "base, short", "tuned, short")
    assert re.search(r"base, short → tuned, short .* p = ", compared)
    run = json.loads(after.read_bytes())
    figures = {(one["section"], one["rung"]): one["figures"] for one in run["measured"]}
    assert figures["intent", "tuned, short"]["accuracy"][0] == 1
    assert figures["intent", "base, Dify's prompt"]["node-valid"][0] == 0
    assert figures["slots", "base, short"]["invented values"][0] == 1
    assert figures["slots", "tuned, short"]["F1"][0] == 1
    assert figures["identity", "base"]["leak"][0] > 0.7
    assert figures["identity", "tuned + role"]["hit"][0] == 1
    assert figures["regression", "tuned"]["right"][0] == 1
    assert figures["intent", "base, short"]["cost of 1,000"][0] > 0


def kefu_plain(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "kefu.cli", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
