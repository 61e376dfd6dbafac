"""`./kefu shop revoke`: a token that leaked opens nothing from then on."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kefu.cli import main
from kefu.errors import Unauthorized
from kefu.store.db import Database
from kefu.store.shops import shop_of_token


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


def test_an_unknown_token_changes_nothing_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(tmp_path, capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO("nonsense\n"))
    assert run("revoke", "--data", str(tmp_path), "tea") == 1
    assert "nothing changed" in capsys.readouterr().out
    assert opens(tmp_path, token)
