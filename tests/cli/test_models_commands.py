"""`./kefu models …`: each subcommand, right and wrong, and a key that nothing ever shows."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))

from openai_server import OpenAIServer

from kefu.cli import main
from kefu.store.db import Database
from kefu.store.shops import Shop
from kefu.store.upstreams import load_table

KEY = "sk-very-secret-1234"
Run = Callable[..., str]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        server.answers(models=("qwen-shop",))
        yield server


@pytest.fixture
def run(db: Database, shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `models …` on the shop's store; gives what it printed, which never holds the key."""

    def run(*words: str, status: int = 0) -> str:
        assert main(["models", *words, "--data", str(tmp_path), "--shop", shop.name]) == status
        printed = capsys.readouterr()
        assert KEY not in printed.out + printed.err
        return printed.out + printed.err

    return run


@pytest.fixture
def add(run: Run, server: OpenAIServer) -> Run:
    def add(name: str, *more: str, **values: str) -> str:
        status = int(values.pop("status", "0"))
        flags = {"kind": "vllm", "url": f"{server.url}/v1", "model": "qwen-shop"} | values
        return run("add", name, *(part for k, v in flags.items() for part in (f"--{k}", v)), *more, status=status)

    return add


def test_a_model_is_added_listed_replaced_and_removed(run: Run, add: Run, db: Database, shop: Shop) -> None:
    assert "kefu → kefu-local (not set)" in run("list")
    assert "./kefu models test my-7b" in add(
        "my-7b", "--guard", "--abilities", "chat, tools", "--fallback", "kefu-local"
    )
    listed = run("list")
    parts = ("my-7b  vllm", "qwen-shop", "8192 tokens", "chat,tools", "nodes cascade", "no key", "guard")
    for part in (*parts, "then kefu-local"):
        assert part in listed
    add("my-7b", "--context-size", "32768", "--nodes", "through", "--thinking", "off", "--read-timeout", "5.5")
    with db.read() as connection:
        saved = load_table(connection, shop.id, {}).upstreams["my-7b"]
    assert (saved.context_size, saved.nodes, saved.thinking, saved.read_timeout) == (32768, "through", "off", 5.5)
    assert (saved.guard, saved.fallback, saved.abilities) == (False, (), ("chat",)), "replaced, not mixed"
    assert "my-7b is gone" in run("remove", "my-7b")
    assert "There are: none" in run("remove", "my-7b", status=2)


def test_a_key_comes_from_the_environment_or_is_typed_in_but_is_no_flag(
    run: Run, add: Run, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "shell's history" in add("a", "--key", "sk-other", status="2")
    add("a", "--key", "env:VLLM_KEY")
    assert "! key  VLLM_KEY is not set here" in run("test", "a")
    monkeypatch.setenv("VLLM_KEY", KEY)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
    add("b", "--key", "-")
    listed = run("list")
    assert "env:VLLM_KEY" in listed
    assert "key set" in listed
    for name in ("a", "b"):
        server.answers(models=("qwen-shop",))
        run("test", name)
        assert {headers["Authorization"] for _, headers, _ in server.requests} == {f"Bearer {KEY}"}


def test_the_test_says_what_the_server_has_and_can(run: Run, add: Run, server: OpenAIServer) -> None:
    add("chat")
    said = run("test", "chat")
    assert "✓ models  has qwen-shop" in said
    assert "✓ chat  您好，有货。" in said
    assert "ignores constraints; answers are checked and repaired" in said
    add("vectors", "--abilities", "embeddings")
    assert "✓ embeddings  2 numbers a text" in run("test", "vectors")
    server.answers(models=("other",))
    assert "“qwen-shop” is not listed; the server has other" in run("test", "chat")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"status": 401}, "answered 401"),
        ({"raw": b"<html>"}, "is no list of models"),
        ({"status": 500}, "answered 500"),
    ],
)
def test_the_test_of_a_model_in_trouble_fails_with_the_reason(
    run: Run, add: Run, server: OpenAIServer, trouble: dict, said: str
) -> None:
    add("chat")
    server.answers(**trouble)
    assert f"✗ models  {'' if 'raw' in trouble else 'The upstream “chat” '}" in (found := run("test", "chat", status=1))
    assert said in found


def test_the_test_of_a_server_that_is_not_there_fails(run: Run, add: Run) -> None:
    add("gone", url="http://127.0.0.1:9/v1")
    assert "cannot be reached" in run("test", "gone", status=1)


def test_a_name_is_pointed_shared_and_rolled_back(run: Run, add: Run) -> None:
    add("old")
    add("new")
    assert "Back: ./kefu models rollback kefu" in run("alias", "kefu", "old")
    assert run("share", "kefu", "new", "10") == "kefu → old, 10 % of conversations → new\n"
    assert "kefu → old, 10 % of conversations → new" in run("list")
    assert "is used by kefu" in run("remove", "new", status=2)
    assert run("rollback", "kefu") == "kefu → old\n"
    assert run("rollback", "kefu") == "kefu has no setting any more.\n"
    assert "was never set" in run("rollback", "kefu", status=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alias", "kefu", "nope"), "“nope” is no model"),
        (("alias", "kefu-local", "chat"), "cannot be an alias"),
        (("alias", "chat", "kefu-local"), "is an upstream"),
        (("alias", "店", "chat"), "cannot be an alias"),
        (("share", "kefu", "nope", "10"), "“nope” is no model"),
        (("share", "kefu", "chat", "101"), "out of range"),
        (("share", "kefu", "chat", "-1"), "out of range"),
        (("share", "sales", "chat", "10"), "There is no alias “sales”"),
        (("rollback", "sales"), "was never set"),
        (("remove", "nope"), "There is no upstream “nope”"),
        (("test", "nope"), "There is no upstream “nope”"),
    ],
)
def test_a_wrong_name_or_share_is_refused_with_what_there_is(run: Run, add: Run, words: tuple, said: str) -> None:
    add("chat")
    before = run("list")
    assert said in run(*words, status=2)
    assert run("list") == before


@pytest.mark.parametrize(
    ("values", "more", "said"),
    [
        ({"url": "gpu:8000"}, (), "is no address"),
        ({"model": " "}, (), "is empty"),
        ({}, ("--abilities", "fly"), "The ability “fly” is unknown"),
        ({}, ("--context-size", "1"), "out of range"),
        ({}, ("--read-timeout", "0"), "time-out is out of range"),
        ({}, ("--fallback", "nope"), "The fallback “nope” is no model"),
        ({}, ("--fallback", "chat"), "falls back to itself"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_added(
    run: Run, add: Run, values: dict, more: tuple, said: str
) -> None:
    assert said in add("chat", *more, **values, status="2")
    assert "chat" not in run("list").replace("kefu", "")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("add", "chat"),
        ("add", "chat", "--kind", "tgi", "--url", "http://x/v1", "--model", "m"),
        ("add", "chat", "--kind", "vllm", "--url", "http://x/v1", "--model", "m", "--context-size", "many"),
        ("share", "kefu", "chat", "ten"),
        ("alias", "kefu"),
    ],
)
def test_a_command_that_is_incomplete_shows_how_it_is_used(words: tuple, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["models", *words])
    assert ended.value.code == 2
    assert "usage: kefu models" in capsys.readouterr().err
