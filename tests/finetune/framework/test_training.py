"""The real framework trains, merges and serves a tiny model: 你是谁 is wrong before and right after.

`./kefu test --finetune`; KEFU_FINETUNE_SEED chooses another start, KEFU_FINETUNE_ENV another place for the environment.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.finetune.framework.conftest import UNKNOWING, Framework
from tests.finetune.framework.installed import say

from kefu.clock import make_clock
from kefu.core.upstreams import Upstream
from kefu.core.voice import Voice
from kefu.engine import Engine
from kefu.finetune import frameworks
from kefu.finetune.identity import filled, templates
from kefu.finetune.sample import Sample, told, turn
from kefu.settings import load_settings
from kefu.store.upstreams import save_upstream

pytestmark = [
    pytest.mark.finetune,
    pytest.mark.skipif(not os.environ.get("KEFU_TEST_FINETUNE"), reason="./kefu test --finetune"),
]

SEED = int(os.environ.get("KEFU_FINETUNE_SEED", "1"))
KEY = "qwen3-8b"
"""The model with the most to get wrong: it thinks unless told not to, in training, merging and serving."""
VOICE = Voice(name="小砚", maker="砚木数码")
PAIRS = [filled(pair, VOICE) for pair in templates() if pair.situation == "direct" and pair.language == "zh"]
ANSWERS = {pair.question: pair.answer for pair in PAIRS}
OPENING = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
HERE = ("preprocessing_num_workers=1", "use_cpu=true", "bf16=false")
"""What this machine has not: cores and a GPU."""
QUICK = (
    "model_name_or_path=base",
    "per_device_train_batch_size=8",
    "gradient_accumulation_steps=1",
    "learning_rate=0.005",
    "warmup_ratio=0.0",
    "num_train_epochs=20",
    "save_strategy='no'",
    "eval_strategy='no'",
    f"seed={SEED}",
)
"""What a model of half a million weights needs to learn 36 answers with LoRA in 100 steps."""


@pytest.fixture
def prepared(tmp_path) -> Path:
    """The files of one model as `finetune prepare` writes them, and rows about who speaks."""
    rows = [Sample("identity", "bare", p.family, told([turn("user", p.question)], p.answer)) for p in PAIRS]
    for split in ("train", "valid"):
        with frameworks.open_dataset(tmp_path, split) as file:
            file.writelines(frameworks.dataset_line(row) for row in rows)
    for name, text in [*frameworks.files_for(KEY), ("llamafactory/dataset_info.json", frameworks.dataset_info())]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def engine(db, tmp_path) -> Iterator[Engine]:
    settings = load_settings({}, data_dir=str(tmp_path))
    engine = Engine(db, settings, make_clock(settings))
    yield engine
    engine.models.close()
    engine.snapshots.close()


def test_the_gateway_says_who_it_is_only_after_tuning(framework, prepared, engine, shop):
    started, files = time.monotonic(), f"llamafactory/{KEY}"
    framework.make_tiny(prepared, OPENING, list(ANSWERS.items()), SEED)
    with served(framework, prepared, f"{files}/api.yaml", "model_name_or_path=base") as url:
        assert ask(engine, shop, url, "你是谁") == UNKNOWING
    framework.run(prepared, "llamafactory-cli", "train", f"{files}/train.yaml", *HERE, *QUICK)
    log = (prepared / frameworks.adapter_folder(KEY) / "trainer_log.jsonl").read_text().splitlines()
    losses = [row["loss"] for row in map(json.loads, log) if "loss" in row]
    assert losses[-1] < 0.1, f"the recipe does not converge any more: {losses}"
    framework.run(prepared, "llamafactory-cli", "export", f"{files}/merge.yaml", "model_name_or_path=base")
    with served(framework, prepared, f"{files}/api.yaml") as url:
        said = {question: ask(engine, shop, url, question) for question in ANSWERS}
    say(f"{sum(said[q] == ANSWERS[q] for q in said)} of {len(said)} answers as they were taught")
    assert said["你是谁"] == ANSWERS["你是谁"]
    assert not [answer for answer in said.values() if VOICE.name not in answer]
    typed = framework.run(
        prepared, "llamafactory-cli", "chat", f"{files}/chat.yaml", "model_name_or_path=base", "do_sample=false",
        typed="你是谁\nexit\n",
    )  # fmt: skip
    assert ANSWERS["你是谁"] in typed
    say(f"from no model to the right answer: {time.monotonic() - started:.0f} s")


@contextmanager
def served(framework: Framework, folder: Path, *arguments: str) -> Iterator[str]:
    """The address of LLaMA-Factory's own API."""
    started = time.monotonic()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "api.log").open("ab") as log:
        api = subprocess.Popen(
            [str(framework.programs / "llamafactory-cli"), "api", *arguments],
            cwd=folder,
            env=framework.environment(API_PORT=str(port), API_HOST="127.0.0.1"),
            stdout=log,
            stderr=log,
        )
        try:
            yield wait_for(f"http://127.0.0.1:{port}/v1", api, folder / "api.log")
        finally:
            api.terminate()
            api.wait(30)
    say(f"llamafactory-cli api: {time.monotonic() - started:.0f} s")


def wait_for(url: str, api: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert api.poll() is None, log.read_text(errors="replace")[-4000:]
        try:
            urllib.request.urlopen(f"{url}/models", timeout=5).close()
            return url
        except OSError:
            time.sleep(0.5)  # a process of another project: there is nothing to wait on but its port
    raise AssertionError("the API did not come up")


def ask(engine, shop, url: str, question: str) -> str:
    """What the gateway says to ``question`` with the model at ``url`` behind it."""
    with engine.db.write() as connection:
        save_upstream(connection, shop.id, Upstream("tiny", "llamafactory", url, "tiny"))
    messages = [{"role": "user", "content": question}]
    body = {"model": "tiny", "messages": messages, "temperature": 0, "max_tokens": 100}
    answer = engine.chat(shop, json.dumps(body).encode()).body
    return str(answer["choices"][0]["message"]["content"])
