"""An entry that is about several products answers for these, not for their sisters."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.engine import Engine
from kefu.engine.tools import ToolRequest, understand
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

ENTRY = """knowledge_id,title,question,content,product
manuals,键帽清洗,键帽怎么拆下来清洗,用附带的拔键器垂直拔起。,kb-q87|kb-q104
"""


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("Q87键盘的键帽怎么拆下来清洗", True),
        ("Q104键盘的键帽怎么拆下来清洗", True),
        ("薄玉键盘的键帽怎么拆下来清洗", False),
    ],
)
def test_an_entry_of_two_products_answers_for_both(
    sample_engine: Engine, sample_shop: Shop, tmp_path: Path, asked: str, answers: bool
) -> None:
    path = tmp_path / "knowledge.csv"
    path.write_text(ENTRY, encoding="utf-8")
    report = run_import(sample_engine.db, sample_shop.id, KINDS["knowledge"], path)
    assert (report.written, report.warnings) == (True, ())
    told = understand(sample_engine, sample_shop, ToolRequest(asked))
    assert ("拔键器" in told["reply"] + told["context"]) == answers


def test_a_product_that_is_not_there_is_told(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "knowledge.csv"
    path.write_text(ENTRY.replace("kb-q104", "kb-x"), encoding="utf-8")
    (told,) = run_import(sample_engine.db, sample_shop.id, KINDS["knowledge"], path).warnings
    assert told.startswith("There is no product kb-x (row 2).")
