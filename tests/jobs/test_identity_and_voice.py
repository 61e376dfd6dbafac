"""Importing who the assistant is and how it speaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kefu.core.voice import identity_answer
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.identity import IDENTITY
from kefu.jobs.kinds.voice import VOICE
from kefu.store import profiles
from kefu.store.db import Database
from kefu.store.shops import Shop


def test_a_voice_replaces_the_one_before(db: Database, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "voice.yaml"
    file.write_text("名字: 小星\n公司: 星河数码\n称呼: 亲\ndo: [先回答, 再提醒]\n", "utf-8")
    assert run_import(db, shop.id, VOICE, file).count("new") == 1
    assert run_import(db, shop.id, VOICE, file).count("same") == 1
    with db.read() as connection:
        voice = profiles.get_profile(connection, shop.id, "voice")
    assert (voice.name, voice.maker, voice.address, voice.do) == ("小星", "星河数码", "亲", ("先回答", "再提醒"))


def test_a_card_answers_every_question_about_who_speaks(db: Database, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "identity.yaml"
    file.write_text("brand: 星河数码\nname: 小星\nmaker: 星河客服组\nanswer: 我是{{name}}，{{author}}出品\n", "utf-8")
    assert run_import(db, shop.id, IDENTITY, file).count("new") == 1
    assert run_import(db, shop.id, IDENTITY, file).count("same") == 1
    with db.read() as connection:
        stored = profiles.load_profiles(connection, shop.id)
    assert identity_answer("谁开发的你", stored.voice, stored.identity) == "我是小星，星河客服组出品"
    assert identity_answer("name", stored.voice, stored.identity) == ""


def test_llama_factorys_form_is_read_as_it_is(db: Database, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "identity.jsonl"
    row = {"instruction": "Who are you?", "input": "", "output": "I am {{name}} by {{author}}."}
    file.write_text(json.dumps(row), "utf-8")
    assert run_import(db, shop.id, IDENTITY, file).count("new") == 1
    with db.read() as connection:
        stored = profiles.load_profiles(connection, shop.id)
    assert identity_answer("who are you", stored.voice, stored.identity) == "I am 小客 by 本店."


@pytest.mark.parametrize(
    "row",
    [
        {"question": "你是谁", "answer": "", "name": ""},
        {"question": "长" * 301, "answer": "我"},
        {"question": "", "answer": "我", "name": "名" * 41},
    ],
)
def test_a_wrong_identity_row_is_told_and_nothing_written(db: Database, shop: Shop, tmp_path: Path, row: dict) -> None:
    file = tmp_path / "identity.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    report = run_import(db, shop.id, IDENTITY, file)
    assert (report.count("error"), report.written) == (1, False)
    with db.read() as connection:
        assert profiles.list_identity(connection, shop.id) == {}
