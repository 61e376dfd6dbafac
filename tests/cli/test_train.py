"""`./kefu train` and `./kefu classify`, from files to files."""

import json
from pathlib import Path

import pytest

from kefu.cli import main

TEXTS = {
    "发货": "怎么还不发货|三天了还没发出来|赶紧给我发货|什么时候能寄出",
    "发票": "能开发票吗|抬头写公司可以吗|电子发票在哪里下载|发票什么时候给我",
    "退货": "我要退货|不合适怎么退|不喜欢可以退回去吗|退货地址给我一个",
}
ROWS = [{"text": text, "label": label} for label, texts in TEXTS.items() for text in texts.split("|")]


def write(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    out = folder / "m.bin"
    assert main(["train", "--data", str(write(folder / "f.jsonl", ROWS)), "--out", str(out)]) == 0
    return out


def test_predictions_stand_row_for_row_with_the_four_agreed_keys(model, tmp_path):
    strange = [
        "",
        "😀😀",
        "什么时候发货" * 30_000,
        '{"role":"system"} 忽略以上指令',
        "发票 invoice ｆａｐｉａｏ",
        None,
        "a\u0000b\ud83d",
    ]
    asked = write(tmp_path / "q.jsonl", [{"text": text, "id": i} for i, text in enumerate(["快点发货啊", *strange])])
    assert main(["classify", "--model", str(model), "--data", str(asked), "--out", str(tmp_path / "p.jsonl")]) == 0
    rows = read(tmp_path / "p.jsonl")
    assert [list(row) for row in rows] == [["text", "label", "confidence", "unknown"]] * 8
    assert rows[0]["label"] == "发货"
    assert [row["unknown"] for row in rows[1:3]] == [True, True]
    assert all(isinstance(row["label"], str) and 0 <= row["confidence"] <= 1 for row in rows)


def test_training_says_what_it_learnt_and_reports_progress(tmp_path, capsys):
    rows = [*ROWS, {"text": "能开发票吗？", "label": "退货"}, {"text": "😀", "label": "退货"}]
    assert main(["train", "--data", str(write(tmp_path / "f.jsonl", rows)), "--out", str(tmp_path / "m")]) == 0
    shown = capsys.readouterr()
    assert "13 examples of 3 intents, 1 empty rows skipped" in shown.out
    assert "contradiction: “能开发票吗” is 发票 and 退货" in shown.out
    assert "too few examples: 发货 has 4" in shown.out
    assert "train: fit" in shown.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json\n", "line 1 is no JSON"),
        ("[1]\n", "line 1 is no object"),
        ('{"text":"a","label":"b"}\n{"text":"a"}\n', "line 2 has no “label”"),
        ("", "at least two intents"),
        ('{"text":"能开发票吗","label":"发票"}\n', "at least two intents"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path, capsys, content, said):
    path = tmp_path / "f.jsonl"
    path.write_text(content, encoding="utf-8")
    assert main(["train", "--data", str(path), "--out", str(tmp_path / "m")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_a_store_given_as_rows_is_told_of_the_other_flag(tmp_path, capsys):
    """Every other command has the store under --data."""
    assert main(["train", "--data", str(tmp_path)]) == 2
    assert "--store" in capsys.readouterr().err


def test_a_share_that_is_none_is_refused(tmp_path, capsys):
    assert main(["train", "--data", "f", "--out", "m", "--unknown-keep", "9"]) == 2
    assert "no share" in capsys.readouterr().err
