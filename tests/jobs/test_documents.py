"""Documents become knowledge: every format, a second import, versions and bad files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from kefu.core.knowledge import KnowledgeIndex
from kefu.errors import BadInput, KefuError, NotFound
from kefu.jobs.documents import About, entries_of, import_document
from kefu.store import knowledge, knowledge_documents, revisions
from kefu.store.db import Database
from kefu.store.shops import create_shop

MANUAL = "# 手册\n\n## 安装\n\n先关机，再斜插到底。\n\n## 保修多久？\n\n终身质保。\n"


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = Database(f"sqlite:///{tmp_path}/t.db")
    db.migrate()
    return db


@pytest.fixture
def shop(db: Database) -> int:
    with db.write() as connection:
        return create_shop(connection, "one").id


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return file


def held(db: Database, shop: int) -> dict[str, str]:
    with db.read() as connection:
        return {entry.title: entry.content for entry in knowledge.list_entries(connection, shop).values()}


def test_a_markdown_file_becomes_entries(db: Database, shop: int, write: Callable[[str, str], Path]) -> None:
    """Pieces carry their path, the source is the file's name, and a question finds them."""
    report = import_document(db, shop, write("飞岩安装手册.md", MANUAL))
    assert report.summary() == "knowledge: 2 new"
    with db.read() as connection:
        entries = knowledge.list_entries(connection, shop).values()
    best = KnowledgeIndex(entries).search("保修多久")[0].entry
    assert (best.title, best.content, best.question) == ("手册 › 保修多久？", "终身质保。", "保修多久？")
    assert (best.source, best.metadata["document"]) == ("飞岩安装手册", "飞岩安装手册.md")


def test_front_matter_says_what_it_is_about(write: Callable[[str, str], Path]) -> None:
    """YAML between --- lines; the caller's words win."""
    path = write("a.md", f"---\nknowledge_id: after-sales\nproduct: ram-1\ntitle: 售后政策\n---\n{MANUAL}")
    _, entries = entries_of(path)
    assert {(e.knowledge_id, e.product, e.source) for e in entries} == {("after-sales", "ram-1", "售后政策")}
    _, entries = entries_of(path, About(product="ram-2"))
    assert entries[0].product == "ram-2"


def test_a_second_import_replaces_what_changed_and_deletes_what_is_gone(
    db: Database, shop: int, write: Callable[[str, str], Path]
) -> None:
    """Unchanged pieces stay untouched, and the revision moves only for a change."""
    import_document(db, shop, write("a.md", MANUAL))
    with db.read() as connection:
        before = revisions.current(connection, shop)
    assert import_document(db, shop, write("a.md", MANUAL)).summary() == "knowledge: 2 same"
    with db.read() as connection:
        assert revisions.current(connection, shop) == before
    report = import_document(db, shop, write("a.md", "# 手册\n\n## 安装\n\n先断电。\n\n## 清洁\n\n用软布。\n"))
    assert [row.status for row in report.rows] == ["changed", "new", "changed"]
    assert held(db, shop) == {"手册 › 安装": "先断电。", "手册 › 清洁": "用软布。"}


def test_versions_are_kept_and_brought_back(db: Database, shop: int, write: Callable[[str, str], Path]) -> None:
    """A roll-back is a new version with the old pieces; a deleted document can come back."""
    import_document(db, shop, write("a.md", MANUAL))
    old = held(db, shop)
    import_document(db, shop, write("a.md", "# 手册\n\n新的。\n"))
    with db.write() as connection:
        assert knowledge_documents.roll_back(connection, shop, "a.md", 1).version == 3
    assert held(db, shop) == old
    with db.write() as connection:
        assert knowledge_documents.delete_document(connection, shop, "a.md").version == 4
    assert held(db, shop) == {}
    with db.read() as connection:
        versions = knowledge_documents.list_versions(connection, shop)
        assert [(one.version, one.entries) for one in versions] == [(4, 0), (3, 2), (2, 1), (1, 2)]
    with db.write() as connection, pytest.raises(NotFound):
        knowledge_documents.roll_back(connection, shop, "a.md", 9)
    with db.write() as connection, pytest.raises(NotFound):
        knowledge_documents.delete_document(connection, shop, "b.md")


def test_old_versions_are_dropped(db: Database, shop: int, write: Callable[[str, str], Path]) -> None:
    """Only the newest KEPT_VERSIONS stay."""
    for number in range(knowledge_documents.KEPT_VERSIONS + 3):
        import_document(db, shop, write("a.md", f"第{number}版。"))
    with db.read() as connection:
        kept = knowledge_documents.list_versions(connection, shop, "a.md")
    assert len(kept) == knowledge_documents.KEPT_VERSIONS
    assert kept[0].version == knowledge_documents.KEPT_VERSIONS + 3


def test_two_documents_and_a_table_do_not_touch_each_other(
    db: Database, shop: int, write: Callable[[str, str], Path]
) -> None:
    """The same headings in two files are two entries; deleting one leaves the other."""
    import_document(db, shop, write("a.md", MANUAL))
    import_document(db, shop, write("b.md", MANUAL.replace("终身", "三年")))
    with db.write() as connection:
        knowledge_documents.delete_document(connection, shop, "a.md")
    assert held(db, shop)["手册 › 保修多久？"] == "三年质保。"


def test_a_preview_writes_nothing(db: Database, shop: int, write: Callable[[str, str], Path]) -> None:
    """It says what each piece would do."""
    report = import_document(db, shop, write("a.md", MANUAL), preview=True)
    assert (report.count("new"), report.written, held(db, shop)) == (2, False, {})


def test_a_text_in_gbk_is_read(tmp_path: Path) -> None:
    """As Windows writes it."""
    path = tmp_path / "说明.txt"
    path.write_bytes("一、安装\n先关机。".encode("gb18030"))
    _, entries = entries_of(path)
    assert [(e.title, e.content) for e in entries] == [("一、安装", "先关机。")]


def test_a_word_file_is_read_with_headings_and_tables(tmp_path: Path) -> None:
    """Heading styles nest; a table is read row by row where it stands."""
    document = Document()
    document.add_heading("售后政策", 1)
    document.add_paragraph("所有商品适用。")
    document.add_heading("退货", 2)
    document.add_paragraph("签收七天内。")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("类别", "期限", "内存", "终身"), strict=True):
        cell.text = text
    document.save(str(tmp_path / "政策.docx"))
    _, entries = entries_of(tmp_path / "政策.docx", About("after-sales"))
    assert [(e.title, e.content) for e in entries] == [
        ("售后政策", "所有商品适用。"),
        ("售后政策 › 退货", "签收七天内。\n类别  期限\n内存  终身"),
    ]


def pdf_of(path: Path, pages: list[list[str]]) -> Path:
    """A real PDF with one Latin text line after another."""
    writer = PdfWriter()
    font = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
    )
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        shown = " ".join(f"({line}) Tj 0 -20 Td" for line in lines)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 50 780 Td {shown} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    with path.open("wb") as file:
        writer.write(file)
    return path


def test_a_pdf_is_read_without_running_heads_and_page_numbers(tmp_path: Path) -> None:
    """Numbered lines are headings, and lines broken by the margin are joined again."""
    pages = [
        ["FY manual", f"{n} Step", "Switch the computer off before you open it and", f"pull {n} plugs.", str(n)]
        for n in (1, 2, 3, 4)
    ]
    _, entries = entries_of(pdf_of(tmp_path / "m.pdf", pages))
    assert [(e.title, e.content) for e in entries] == [
        (f"{n} Step", f"Switch the computer off before you open it and pull {n} plugs.") for n in (1, 2, 3, 4)
    ]


def test_a_scan_and_a_locked_pdf_say_what_to_do(tmp_path: Path) -> None:
    """No text is an error with a hint, not an empty document."""
    with pytest.raises(BadInput, match="OCR"):
        entries_of(pdf_of(tmp_path / "scan.pdf", [[]]))
    writer = PdfWriter(clone_from=pdf_of(tmp_path / "open.pdf", [["text"]]))
    writer.encrypt("secret", algorithm="RC4-128")
    with (tmp_path / "locked.pdf").open("wb") as file:
        writer.write(file)
    with pytest.raises(BadInput, match="password"):
        entries_of(tmp_path / "locked.pdf")


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.doc", "a.md", "none.md"])
def test_a_file_that_is_not_what_it_says_is_refused(name: str, tmp_path: Path) -> None:
    """Every reader turns rubbish into one clear error."""
    if name != "none.md":
        (tmp_path / name).write_bytes(b"" if name == "a.md" else b"\x00rubbish\xff\xfe")
    with pytest.raises(KefuError):
        entries_of(tmp_path / name)
