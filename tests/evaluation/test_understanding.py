"""`./kefu eval understanding` measures on held-out rows and writes a page."""

import json

import pytest

from kefu.cli import main
from kefu.core.intents import Example
from kefu.evaluation.understanding import evaluate_set, split

ROWS = [
    Example(f"{start} {middle}", label)
    for label, middles in {
        "parcel": ("where is my parcel", "track the shipment", "when will it arrive", "is it on the way"),
        "invoice": ("send an invoice", "tax receipt needed", "bill to my company", "print the vat bill"),
        "refund": ("money back now", "return these shoes", "refund to my card", "i want to send it back"),
        "price": ("how much is that", "any discount today", "what does it cost", "is there a coupon"),
        "repair": ("the screen is broken", "it does not switch on", "repair under warranty", "battery is dead"),
    }.items()
    for middle in middles
    for start in ("hello", "please", "so", "well", "hm")
]


def test_near_copies_never_stand_on_both_sides():
    learnt, held = split(ROWS)
    assert len(learnt) + len(held) == len(ROWS)
    assert held
    ends = {row.text.split(" ", 1)[1] for row in learnt}
    shared = [row for row in held if row.text.split(" ", 1)[1] in ends]
    assert len(shared) < len(held) / 2


def test_every_measure_is_there_with_its_interval():
    figures = evaluate_set("s", ROWS)
    assert [row.name for row in figures] == [
        "accuracy", "macro F1", "accuracy, most confident 50 %", "accuracy, most confident 70 %",
        "calibration error", "known kept", "unknown rejected",
    ]  # fmt: skip
    assert all(0 <= row.low <= row.value <= row.high <= 1 for row in figures)


def test_rows_marked_as_out_of_scope_are_tested_and_never_learnt():
    rows = [*ROWS, *(Example(text, "oos") for text in ("the weather is fine", "sing a song for me"))]
    rejected = [row for row in evaluate_set("s", rows) if row.name == "unknown rejected"]
    assert [row.total for row in rejected] == [2]


def test_the_command_prints_figures_and_writes_a_page(tmp_path, capsys):
    lines = "".join(json.dumps({"text": row.text, "label": row.label}) + "\n" for row in ROWS)
    (tmp_path / "intent_x_train.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "intent_x_test.jsonl").write_text(lines, encoding="utf-8")
    assert main(["eval", "understanding", "--data", str(tmp_path), "--out", str(tmp_path / "r.html")]) == 0
    assert "intent_x               accuracy" in capsys.readouterr().out
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_folder_without_sets_is_named(tmp_path, capsys):
    assert main(["eval", "understanding", "--data", str(tmp_path)]) == 2
    assert "has no intent_*_train.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_say_so(tmp_path, capsys, count):
    (tmp_path / "intent_x_train.jsonl").write_text('{"text": "a", "label": "b"}\n' * count, encoding="utf-8")
    (tmp_path / "intent_x_test.jsonl").write_text("", encoding="utf-8")
    assert main(["eval", "understanding", "--data", str(tmp_path)]) == 2
    assert "at least two intents" in capsys.readouterr().err
