"""`./kefu classify` refuses what is no model and writes its result whole or not at all."""

from kefu.cli import main
from kefu.core.intents import Example, train


def test_a_file_that_is_no_model_is_refused(tmp_path, capsys):
    model, data = tmp_path / "m", tmp_path / "f.jsonl"
    model.write_bytes(b"PK\x03\x04 no zip")
    data.write_text('{"text":"a"}\n', encoding="utf-8")
    assert main(["classify", "--model", str(model), "--data", str(data), "--out", str(tmp_path / "p")]) == 2
    assert "no intent model" in capsys.readouterr().err
    assert main(["classify", "--model", str(tmp_path / "x"), "--data", str(data), "--out", str(tmp_path / "p")]) == 2
    assert "There is no model" in capsys.readouterr().err


def test_an_out_file_that_cannot_be_written_is_named(tmp_path, capsys):
    model, data = tmp_path / "m", tmp_path / "f.jsonl"
    model.write_bytes(train([Example("track my parcel", "a"), Example("send an invoice", "b")]).to_bytes())
    data.write_text('{"text":"invoice"}\n', encoding="utf-8")
    assert main(["classify", "--model", str(model), "--data", str(data), "--out", str(tmp_path / "no" / "p")]) == 2
    assert "cannot be written" in capsys.readouterr().err
