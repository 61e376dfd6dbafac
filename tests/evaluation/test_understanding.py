"""`./kefu eval understanding` measures on held-out rows and writes a page."""

import json

import pytest

from kefu.cli import main
from kefu.core.intents import Example
from kefu.errors import BadInput, NotFound
from kefu.evaluation.places import evaluate_places
from kefu.evaluation.sample_dialogues import evaluate_dialogues, figures_of
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
        "accuracy, 25 % of the examples", "accuracy, 50 % of the examples",
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
    assert (
        main(["eval", "understanding", "--data", str(tmp_path), "--dialogues", "--out", str(tmp_path / "r.html")]) == 0
    )
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


def test_groups_of_intents_are_learnt_as_a_set_of_their_own(tmp_path, capsys):
    rows = [
        {
            "text": row.text,
            "label": row.label,
            "coarse": {"parcel": "order", "invoice": "order"}.get(row.label, "goods"),
        }
        for row in ROWS
    ]
    lines = "".join(
        json.dumps({**row, "coarse": None if row["label"] == "price" else row["coarse"]}) + "\n" for row in rows
    )
    (tmp_path / "intent_x_train.jsonl").write_text(lines, encoding="utf-8")
    assert main(["eval", "understanding", "--data", str(tmp_path), "--dialogues"]) == 0
    told = capsys.readouterr()
    assert "intent_x coarse        accuracy " in told.out
    assert "intent_x: learn 25% of the examples" in told.err


def test_places_and_dates_are_scored_by_span(tmp_path):
    text = "明天从上海发到杭州"
    slots = [
        {"norm": kind, "start": text.index(value), "end": text.index(value) + 2}
        for kind, value in (("date", "明天"), ("from_city", "上海"), ("to_city", "杭州"))
    ]
    path = tmp_path / "slots_zh_place_date.jsonl"
    path.write_text(json.dumps({"text": text, "slots": slots}), encoding="utf-8")
    figures = evaluate_places(tmp_path)
    assert [(row.name, row.value, row.total) for row in figures] == [
        *((name, 1, 1) for name in ("from and to both right", "from and to both in the marked words")),
        ("city F1", 1, 2), ("date F1", 1, 1),
    ]  # fmt: skip
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"date\.jsonl:1"):
        evaluate_places(tmp_path)


def test_a_missing_folder_or_file_is_named(tmp_path, capsys):
    assert main(["eval", "understanding", "--data", str(tmp_path / "none")]) != 0
    assert "There is no folder" in capsys.readouterr().err
    with pytest.raises(NotFound, match=r"no file .*none\.yaml"):
        evaluate_dialogues([tmp_path / "none.yaml"], lambda line: None)


def test_dialogues_with_the_sample_shop_are_scored_turn_by_turn(sample_engine, sample_shop, tmp_path):
    path = tmp_path / "few.yaml"
    path.write_text(
        "- id: a\n  turns:\n    - say: 平川鼠标垫大号还有货吗\n      intent: stock_query\n"
        "      slots: {product: 平川鼠标垫, size: 大号}\n",
        encoding="utf-8",
    )
    bare = tmp_path / "bare.yaml"
    bare.write_text("- id: b\n  turns:\n    - {say: 怎么还不发货啊, intent: urge_delivery}\n", encoding="utf-8")
    figures = figures_of(sample_engine, sample_shop, [path, bare], lambda line: None)
    assert [(row.set, row.name, row.value, row.total) for row in figures] == [
        ("few", "intent", 1, 1), ("few", "slot F1", 1, 2), ("few", "intent and slots right", 1, 1),
        ("bare", "intent", 1, 1),
    ]  # fmt: skip
