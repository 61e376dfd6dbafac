"""The real framework trains, merges and serves a tiny model: 你是谁 is wrong before and right after.

`./kefu test --finetune`. LLaMA-Factory lives in an environment of its own, made on first use in KEFU_FINETUNE_ENV
(several GB); without that variable, in a cache folder of the machine's temporary folder.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from kefu.core.upstreams import Upstream
from kefu.core.voice import Voice
from kefu.finetune import frameworks
from kefu.finetune.identity import filled, templates
from kefu.finetune.sample import Sample, told, turn
from kefu.store.upstreams import save_upstream

pytestmark = [
    pytest.mark.finetune,
    pytest.mark.skipif(not os.environ.get("KEFU_TEST_FINETUNE"), reason="./kefu test --finetune"),
]

VOICE = Voice(name="小砚", maker="砚木数码")
PACKAGES = ("torch==2.8.0", "torchvision==0.23.0", "torchaudio==2.8.0", "llamafactory")
ENVIRONMENT = Path(os.environ.get("KEFU_FINETUNE_ENV") or Path(tempfile.gettempdir()) / "kefu-llamafactory")
ASKED = ("你是谁", "你叫什么名字", "谁开发的你", "介绍一下你自己", "怎么称呼你", "你是真人吗", "Who are you?")


@pytest.fixture(scope="session")
def framework() -> Path:
    """The folder of LLaMA-Factory's programs."""
    programs = ENVIRONMENT / "bin"
    if not (programs / "llamafactory-cli").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(programs / "pip"), "install", "-q", *PACKAGES], check=True)
    return programs


def run(command: list[str], folder: Path) -> None:
    log = folder / "log.txt"
    with log.open("ab") as out:
        done = subprocess.run(command, cwd=folder, env=environment(), stdout=out, stderr=out, check=False)
    assert done.returncode == 0, log.read_text(errors="replace")[-3000:]


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"HF_HUB_OFFLINE": "1", "DISABLE_VERSION_CHECK": "1", "OMP_NUM_THREADS": "1"} | more


@contextmanager
def served(programs: Path, folder: Path, model: str) -> Iterator[str]:
    """The address of LLaMA-Factory's own API over ``model``."""
    config = {"model_name_or_path": model, "template": "qwen3_nothink", "infer_backend": "huggingface"}
    (folder / f"api-{model}.yaml").write_text(yaml.safe_dump(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "api.log").open("ab") as log:
        api = subprocess.Popen(
            [str(programs / "llamafactory-cli"), "api", f"api-{model}.yaml"],
            cwd=folder,
            env=environment(API_PORT=str(port), API_HOST="127.0.0.1"),
            stdout=log,
            stderr=log,
        )
        try:
            yield wait_for(f"http://127.0.0.1:{port}/v1", api)
        finally:
            api.terminate()
            api.wait(30)


def wait_for(url: str, api: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert api.poll() is None, "the API ended"
        try:
            urllib.request.urlopen(f"{url}/models", timeout=5).close()
            return url
        except OSError:
            time.sleep(0.5)  # a process of another project: there is nothing to wait on but its port
    raise AssertionError("the API did not come up")


def test_the_gateway_says_who_it_is_only_after_tuning(framework, tmp_path, sample_engine, sample_shop):
    pairs = [filled(pair, VOICE) for pair in templates() if pair.question in ASKED]
    made = [Sample("identity", "bare", p.family, told([turn("user", p.question)], p.answer)) for p in pairs]
    frameworks.open_dataset(tmp_path, "train").close()
    data = tmp_path / "llamafactory"
    (data / "kefu_train.jsonl").write_bytes(b"".join(frameworks.dataset_line(sample) for sample in made))
    (data / "dataset_info.json").write_text(frameworks.dataset_info())
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("\n".join(f"{s.question}\n{s.target}" for s in made), encoding="utf-8")
    run([str(framework / "python"), str(Path(__file__).with_name("tiny_model.py")), "base", str(corpus)], tmp_path)
    key = "qwen3-4b-instruct-2507"
    small = {
        "model_name_or_path": "base",
        "additional_target": "embed_tokens",
        "per_device_train_batch_size": 8,
        "gradient_accumulation_steps": 1,
        "learning_rate": 0.01,
        "num_train_epochs": 80.0,
        "save_strategy": "no",
        "bf16": False,
        "preprocessing_num_workers": 1,
        "plot_loss": False,
        "warmup_ratio": 0.0,
    }
    train = frameworks.train_config(key) | small
    for name in ("eval_dataset", "eval_strategy", "per_device_eval_batch_size"):
        train.pop(name)
    (tmp_path / "train.yaml").write_text(yaml.safe_dump(train))
    merge = frameworks.merge_config(key) | {"model_name_or_path": "base", "export_dir": "merged"}
    (tmp_path / "merge.yaml").write_text(yaml.safe_dump(merge))
    before = ask(framework, tmp_path, "base", sample_engine, sample_shop)
    run([str(framework / "llamafactory-cli"), "train", "train.yaml"], tmp_path)
    run([str(framework / "llamafactory-cli"), "export", "merge.yaml"], tmp_path)
    after = ask(framework, tmp_path, "merged", sample_engine, sample_shop)
    assert VOICE.name not in before
    assert VOICE.name in after


def ask(programs: Path, folder: Path, model: str, engine, shop) -> str:
    """What the gateway says to 你是谁 with ``model`` behind it."""
    with served(programs, folder, model) as url:
        with engine.db.write() as connection:
            save_upstream(connection, shop.id, Upstream(model, "llamafactory", url, model))
        messages = [{"role": "user", "content": "你是谁"}]
        body = {"model": model, "messages": messages, "temperature": 0.01, "max_tokens": 40}
        answer = engine.chat(shop, json.dumps(body).encode()).body
    return str(answer["choices"][0]["message"]["content"])
