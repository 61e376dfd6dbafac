"""`./kefu shop revoke`: a token that leaked opens nothing from then on."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from kefu.cli import main
from kefu.clock import make_clock
from kefu.core.decide import Asked, Decision
from kefu.engine import Engine
from kefu.errors import Unauthorized
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import find_shop, shop_of_token


def run(*words: str) -> int:
    return main(["shop", *words])


def opens(folder: Path, token: str) -> bool:
    db = Database(f"sqlite:///{folder}/kefu.sqlite")
    try:
        with db.read() as connection:
            return bool(shop_of_token(connection, token))
    except Unauthorized:
        return False
    finally:
        db.close()


def made(folder: Path, capsys: pytest.CaptureFixture[str], action: str = "create") -> str:
    assert run(action, "--data", str(folder), "tea") == 0
    return capsys.readouterr().out.strip()


def test_one_token_or_all_are_revoked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (made(tmp_path, capsys, action) for action in ("create", "token", "token"))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{first}\n"))
    assert run("revoke", "--data", str(tmp_path), "tea") == 0
    assert [opens(tmp_path, token) for token in (first, second, third)] == [False, True, True]
    assert run("revoke", "--data", str(tmp_path), "tea", "--all") == 0
    assert [opens(tmp_path, token) for token in (second, third)] == [False, False]


def test_a_shop_in_a_store_without_the_sample_shop_is_told_which_store_that_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("create", "--data", str(tmp_path), "tea")
    assert f"in sqlite:///{tmp_path}/kefu.sqlite no sample shop has learnt them" in capsys.readouterr().err


def test_an_unknown_token_changes_nothing_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(tmp_path, capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO("nonsense\n"))
    assert run("revoke", "--data", str(tmp_path), "tea") == 1
    assert "nothing changed" in capsys.readouterr().out
    assert opens(tmp_path, token)


def said(folder: Path, text: str) -> Decision:
    """What the shop tea answers to the first message of a conversation."""
    db = Database(f"sqlite:///{folder}/kefu.sqlite")
    settings = load_settings(data_dir=str(folder))
    engine = Engine(db, settings, make_clock(settings))
    with db.read() as connection:
        shop = find_shop(connection, "tea")
    try:
        return engine.turn(shop, Asked(text, text, engine.clock()), tool="understand").decision
    finally:
        engine.close()
        db.close()


@pytest.fixture
def beside_the_sample(tmp_path: Path, sample_file: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the sample shop and a new one that sells one tea."""
    shutil.copy(sample_file, tmp_path / "kefu.sqlite")
    assert run("create", "--data", str(tmp_path), "tea") == 0
    said = capsys.readouterr()
    assert len(said.out.split()) == 1  # the token alone, for a script to read
    assert "Learning" not in said.err  # the sample shop has learnt the same
    (tmp_path / "products.csv").write_text("product,name,sku,price\nlj,明前龙井,LJ-1,168\n", encoding="utf-8")
    assert main(["import", "products", str(tmp_path / "products.csv"), "--shop", "tea", "--data", str(tmp_path)]) == 0
    return tmp_path


def test_a_new_shop_understands_everyday_messages(beside_the_sample: Path) -> None:
    assert said(beside_the_sample, "你好").route == "smalltalk"
    price = said(beside_the_sample, "龙井多少钱")
    assert (price.intent, "168.00元" in price.reply) == ("price_query", True)
    assert said(beside_the_sample, "我的订单到哪了").missing == ("order_no", "phone_last4")


def test_a_shop_by_itself_is_told_where_to_get_general_intents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("create", "--data", str(tmp_path), "tea") == 0
    assert "./kefu shop starter tea" in capsys.readouterr().err
    assert run("create", "--data", str(tmp_path), "bare", "--bare") == 0
    told = capsys.readouterr().err
    assert ("The token of bare" in told, "starter" in told) == (True, False)


def test_own_sentences_replace_the_general_ones_and_names_alone_do_not(
    beside_the_sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--shop", "tea", "--data", str(beside_the_sample)]
    (beside_the_sample / "names.csv").write_text("intent,class_texts\nstock_query,有没有货呀\n", encoding="utf-8")
    (beside_the_sample / "bad.csv").write_text("intent,text\n,苦不苦\nstock,还有茶吗\n", encoding="utf-8")
    (beside_the_sample / "own.csv").write_text("intent,text\ntaste,苦不苦\nstock,还有茶吗\n", encoding="utf-8")
    for name, status in (("bad.csv", 1), ("names.csv", 0)):
        assert main(["import", "intents", str(beside_the_sample / name), *flags]) == status
        assert "replace" not in capsys.readouterr().out
    assert main(["import", "intents", str(beside_the_sample / "own.csv"), *flags]) == 0
    out = capsys.readouterr().out
    assert "Yours replace the general intents" in out
    assert "Learnt 2 intents" in out


def test_general_intents_can_be_taken_away_and_given(
    beside_the_sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--data", str(beside_the_sample)]
    assert run("starter", *flags, "tea", "--remove") == 0
    assert "Fewer than two intents" in capsys.readouterr().out
    assert run("starter", *flags, "tea") == 0
    out = capsys.readouterr().out
    assert "general sentences added" in out
    assert "Learning" not in out


def test_the_store_that_is_written_to_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("create", "--data", str(tmp_path), "tea", "--bare")
    assert f"The shop tea is in sqlite:///{tmp_path}/kefu.sqlite." in capsys.readouterr().err
    run("list", "--data", str(tmp_path))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("tea\n", f"Shops in sqlite:///{tmp_path}/kefu.sqlite:\n")


@pytest.mark.parametrize("way", ["--yes", "asked"])
def test_a_shop_is_removed_when_its_name_is_given_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    token = made(tmp_path, capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO("tea\n"))
    assert run("remove", "--data", str(tmp_path), "tea", *(["--yes", "tea"] if way == "--yes" else [])) == 0
    assert f"The shop tea is gone from sqlite:///{tmp_path}/kefu.sqlite, with 1 tokens" in capsys.readouterr().out
    assert not opens(tmp_path, token)


def test_a_shop_stays_when_another_name_is_given_and_an_unknown_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(tmp_path, capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert run("remove", "--data", str(tmp_path), "tea") == 1
    assert run("remove", "--data", str(tmp_path), "tea", "--yes", "coffee") == 1
    assert capsys.readouterr().out.count("nothing was removed") == 2
    assert opens(tmp_path, token)
    assert run("remove", "--data", str(tmp_path), "coffee", "--yes", "coffee") != 0
    assert "There is no shop “coffee”" in capsys.readouterr().err
