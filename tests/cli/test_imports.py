"""`./kefu import --preview`: counts, the first rows, and all that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.cli import main


def preview(folder: Path, file: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> list[str]:
    main(["import", "jargon", str(file), "--shop", "tea", "--data", str(folder), "--preview", *flags])
    return capsys.readouterr().out.splitlines()


def test_a_preview_shows_the_first_rows_and_every_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["shop", "create", "--data", str(tmp_path), "tea"])
    file = tmp_path / "jargon.csv"
    rows = [f"词{number},意思,x" for number in range(30)]
    file.write_text("\n".join(("术语,含义,备注", *rows, "空,,x", "")), encoding="utf-8")
    capsys.readouterr()
    short = preview(tmp_path, file, capsys)
    assert short[:2] == ["row 2: new 词0", "row 3: new 词1"]
    assert short[5].startswith("row 32: error")
    assert short[6:] == [
        "… and 25 more rows without an error; --all shows them",
        "warning: Columns not used: 备注.",
        "jargon: 30 new, 1 error (nothing written)",
        "Correct that row, or import the others with --keep-going.",
    ]
    assert len(preview(tmp_path, file, capsys, "--all")) == 31 + 3
