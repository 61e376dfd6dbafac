"""`./kefu extract`: rows in, predictions out, broken lines named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kefu.cli import main


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "明天从上海发到杭州"}\n\n{"text": "不要红色的"}\n', encoding="utf-8")
    return path


def test_each_row_gets_its_slots_in_the_documented_form(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["extract", "--data", str(data), "--out", str(out), "--now", "2026-11-18"]) == 0
    assert rows(out) == [
        {
            "text": "明天从上海发到杭州",
            "slots": [
                {"type": "date", "value": "明天", "start": 0, "end": 2, "normalised": "2026-11-19"},
                {"type": "from_city", "value": "上海", "start": 3, "end": 5, "normalised": "310000"},
                {"type": "to_city", "value": "杭州", "start": 7, "end": 9, "normalised": "330100"},
            ],
        },
        {"text": "不要红色的", "slots": []},
    ]


def test_a_schema_limits_the_slot_types(data: Path, tmp_path: Path) -> None:
    schema, out = tmp_path / "s.yaml", tmp_path / "out.jsonl"
    schema.write_text("when: date\n", encoding="utf-8")
    assert main(["extract", "--data", str(data), "--out", str(out), "--schema", str(schema)]) == 0
    assert [[s["type"] for s in row["slots"]] for row in rows(out)] == [["date"], []]


def test_broken_lines_are_named_and_the_others_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    data.write_bytes(b'{"text": "ok"}\n{"text": 3}\nnot json\n\xff\xfe\n[1]\n{"text": "ok"}\n')
    assert main(["extract", "--data", str(data), "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert [f"{data}:{line}:" in told for line in range(1, 7)] == [False, True, True, True, True, False]
    assert len(rows(out)) == 2


def test_dash_writes_to_standard_output(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", "--data", str(data), "--out", "-"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--data", "nowhere.jsonl", "--out", "-"], "no file nowhere.jsonl"),
        (["--data", "DATA", "--out", "/no/such/folder/out"], "cannot be written"),
        (["--data", "DATA", "--out", "-", "--now", "tomorrow"], "no ISO date"),
        (["--data", "DATA", "--out", "-", "--schema", "nowhere.yaml"], "cannot be read"),
    ],
)
def test_wrong_flags_are_one_clear_line(
    data: Path, flags: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["extract", *(str(data) if flag == "DATA" else flag for flag in flags)]) == 2
    assert told in capsys.readouterr().err
