"""The frozen set: the same rows from any kind of file, and a line number for what is wrong."""

from __future__ import annotations

import json

import pytest

from kefu.errors import BadInput
from kefu.evaluation.frozen import FrozenRow, FrozenSet, read_frozen, write_frozen

KNOWN = ("ship", "stock")
SLOTS = {"product": "键盘", "place": ""}
BOTH = FrozenRow("键盘有货吗", "stock", SLOTS, (("你好", "您好"),))


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "frozen.jsonl"
    frozen = FrozenSet((FrozenRow("催一下", "ship"), FrozenRow("天气", ""), BOTH), (BOTH, FrozenRow("在吗", None, {})))
    write_frozen(path, frozen)
    assert read_frozen(path, KNOWN) == frozen
    assert read_frozen(path, KNOWN).digest == frozen.digest


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_and_json_lines_of_any_encoding_are_the_same_set(tmp_path, encoding):
    table = tmp_path / "f.csv"
    cells = json.dumps(SLOTS, ensure_ascii=False).replace('"', '""')
    before = '[[""你好"", ""您好""]]'
    table.write_text(f'text,label,slots,before\n键盘有货吗,stock,"{cells}","{before}"\n', encoding=encoding)
    lines = tmp_path / "f.jsonl"
    row = {"text": "键盘有货吗", "label": "stock", "slots": SLOTS, "before": [["你好", "您好"]]}
    lines.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding=encoding)
    assert read_frozen(table, KNOWN) == read_frozen(lines, KNOWN) == FrozenSet((BOTH,), (BOTH,))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("f.jsonl", '{"text": "a", "label": "ship"}\n{"text": "b", "label": "shop"}\n', "f.jsonl line 2.*“shop”"),
        ("f.csv", "text,label\na,ship\nb,shop\n", "f.csv row 3.*“shop”"),
        ("f.jsonl", '{"text": "a"\n', "f.jsonl line 1: not JSON"),
        ("f.jsonl", '{"text": "", "label": "ship"}\n', "line 1 has no text"),
        ("f.jsonl", '{"text": "a", "slots": {"n": 3}}\n', "no object of texts"),
        ("f.jsonl", '{"text": "a", "label": "ship", "before": ["x"]}\n', "no list of"),
        ("f.jsonl", '{"text": "a"}\n', "neither labels nor slots"),
        ("f.csv", 'text,slots\na,"{broken"\n', "f.csv row 2: not JSON"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(tmp_path, name, text, words):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        read_frozen(tmp_path / name, KNOWN)


def test_none_of_these_has_several_names(tmp_path):
    path = tmp_path / "f.jsonl"
    path.write_text("".join(f'{{"text": "a{n}", "label": "{n}"}}\n' for n in ("oos", "other", "unknown", "")))
    assert {row.label for row in read_frozen(path, KNOWN).intents} == {""}
