"""A real server with a real, if senseless, model: `transformers serve` over random weights made on the spot.

`./kefu test --finetune`. torch and transformers live in an environment of their own, made on first use in
KEFU_REAL_MODEL_ENV (several GB); without that variable, in the cache folder.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import frames, text_of
from dify_asks import CLASSES, answered, classifier, extractor

from kefu.gateway.http import Pool
from kefu.gateway.probe import probe
from kefu.playground.stdio import PluginProcess

pytestmark = [
    pytest.mark.finetune,
    pytest.mark.skipif(not os.environ.get("KEFU_TEST_FINETUNE"), reason="./kefu test --finetune"),
]

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
ENVIRONMENT = Path(os.environ.get("KEFU_REAL_MODEL_ENV") or CACHE / "kefu" / "transformers")
PACKAGES = ("torch", "transformers[serving]")
ASK = {"model": "tuned", "messages": [{"role": "user", "content": "羽绒服怎么洗"}], "max_tokens": 24}


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """Address and model name."""
    programs = ENVIRONMENT / "bin"
    if not (programs / "transformers").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(programs / "python"), "-m", "pip", "install", "-q", *PACKAGES], check=True)
    folder = tmp_path_factory.mktemp("real")
    model = folder / "random"
    subprocess.run([str(programs / "python"), str(Path(__file__).with_name("random_model.py")), str(model)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "hub").mkdir()  # where it looks for models to list
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "HF_HOME": str(folder)}
    command = [str(programs / "transformers"), "serve", str(model), "--device", "cpu", "--port", str(port)]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1"], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server, folder / "log")
            yield f"http://127.0.0.1:{port}/v1", str(model)
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)  # a program of another project: there is nothing to wait on but its port
    raise AssertionError(log.read_text(errors="replace")[-2000:])


@pytest.fixture
def tuned(real, add):
    """The gateway's model “tuned” is the real one."""

    def tuned(**values):
        return add(kind="openai", url=real[0], model=real[1], key="", **values)

    return tuned


def test_the_test_of_the_model_finds_it_and_says_that_it_constrains_nothing(tuned):
    pool = Pool()
    checks = {check.name: check for check in probe(pool, tuned())}
    pool.close()
    assert all(check.ok for check in checks.values()), checks
    assert {"models", "chat", "choice"} == set(checks)


@pytest.mark.parametrize("guard", [True, False])
def test_the_gateway_streams_what_it_says_whole_with_usage(client, tuned, guard):
    tuned(guard=guard)
    whole = client.post("/v1/chat/completions", json=ASK | {"temperature": 0}).json
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"temperature": 0, "stream": True}))
    said = whole["choices"][0]["message"]["content"]
    assert said
    assert text_of(chunks) == said
    assert chunks[-1] == "[DONE]"
    assert 0 < whole["usage"]["completion_tokens"] <= 24
    assert [c["usage"]["total_tokens"] for c in chunks[:-1] if c.get("usage")] == [whole["usage"]["total_tokens"]]
    assert {(c["model"], c["system_fingerprint"]) for c in chunks[:-1]} == {("tuned", "kefu:llm_calls=1")}


@pytest.mark.parametrize("nodes", ["model", "through"])
def test_a_senseless_model_fails_no_node(engine, shop, tuned, nodes):
    """Random words are no class and no parameters: a human, and empty values that the node accepts."""
    tuned(nodes=nodes, abilities=("chat", "tools"))
    for query in ("什么时候发货", '坏了"要退{货}'):
        body, read = classifier(query)
        assert read(answered(engine, shop, body | {"max_tokens": 48})) in dict(CLASSES)
        for mode in ("prompt", "function_call"):
            body, read = extractor(query, mode)
            assert "mood" in read(answered(engine, shop, body | {"max_tokens": 48}))


def test_a_model_name_that_the_server_does_not_have_is_a_typed_error(client, tuned, real, add):
    add(kind="openai", url=real[0], model="no-such-model", key="")
    response = client.post("/v1/chat/completions", json=ASK)
    assert response.status_code >= 400
    assert response.json["error"]["code"]


def test_the_plugin_talks_to_it_directly(real):
    """Over stdio as the daemon does, without the gateway."""
    credentials = {"endpoint_url": real[0], "context_size": "4096"}
    parameters = {"max_tokens": 16, "temperature": 0.01}
    with PluginProcess(ROOT / "models") as plugin:
        plugin.validate_model_credentials("kefu", real[1], credentials)
        for stream in (True, False):
            chunks = list(
                plugin.invoke_llm("kefu", real[1], ASK["messages"], credentials, parameters=parameters, stream=stream)
            )
            last = chunks[-1]["delta"]
            assert "".join(chunk["delta"]["message"]["content"] for chunk in chunks)
            assert last["usage"]["completion_tokens"] > 0
            assert last["finish_reason"] in ("stop", "length")
