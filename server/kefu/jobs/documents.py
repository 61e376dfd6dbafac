"""Import a document as knowledge: Markdown, text, Word and PDF, cut by headings; a new import replaces the old one."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

import yaml
from docx import Document
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from sqlalchemy import Connection

from kefu.core.knowledge import Entry
from kefu.core.knowledge.sections import Block, Section, cut, heading_level, markdown_blocks, text_blocks
from kefu.errors import BadInput, NotFound
from kefu.jobs.imports import ImportReport, RowResult, Status
from kefu.jobs.kinds.product_names import as_ids, ids_by_name
from kefu.jobs.tables import decode
from kefu.store.db import Database
from kefu.store.knowledge_documents import DocumentChange, compare_document, save_document


@dataclass(frozen=True, slots=True)
class About:
    """What a document is about; empty fields are filled from its front matter, then from the defaults.

    ``name`` identifies the document between imports (default: the file's name); ``source`` is what is cited.
    """

    knowledge_id: str = ""
    product: str = ""
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """``front`` is the YAML head of a Markdown file."""

    blocks: list[Block]
    front: Mapping[str, str] = field(default_factory=dict)


def import_document(
    db: Database, shop_id: int, path: Path, about: About = About(), *, preview: bool = False
) -> ImportReport:
    """Read, cut and store ``path``; one result a piece, and one for each that is gone. Raises BadInput, NotFound."""
    name, entries = entries_of(path, about)
    if preview:
        with db.read() as connection:
            entries = _with_ids(connection, shop_id, entries)
            change = compare_document(connection, shop_id, name, entries)
    else:
        with db.write() as connection:
            entries = _with_ids(connection, shop_id, entries)
            change = save_document(connection, shop_id, name, entries)
    return ImportReport("knowledge", tuple(_results(entries, change)), written=not preview)


def _with_ids(connection: Connection, shop_id: int, entries: list[Entry]) -> list[Entry]:
    """The entries with their product by its id where it was named."""
    ids = ids_by_name(connection, shop_id)
    return [replace(entry, product=as_ids(entry.product, ids)) for entry in entries]


def entries_of(path: Path, about: About = About()) -> tuple[str, list[Entry]]:
    """The document's name and its entries. Raises NotFound, BadInput with what to do."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name}: unknown kind of document.", f"Use one of {', '.join(READERS)}.")
    read = reader(path)
    sections = cut(read.blocks)
    if not sections:
        raise BadInput(
            f"{path.name} holds no text.", "A scanned document must go through text recognition (OCR) first."
        )
    front = read.front
    name = about.name or path.name
    knowledge_id = about.knowledge_id or front.get("knowledge_id", "") or "manuals"
    source = about.source or front.get("source", "") or front.get("title", "") or path.stem
    product = about.product or front.get("product", "")
    return name, [_entry(section, name, knowledge_id, source, product) for section in sections]


def _entry(section: Section, name: str, knowledge_id: str, source: str, product: str) -> Entry:
    named = json.dumps([name, *section.path, section.part], ensure_ascii=False)
    return Entry(
        id="d" + hashlib.sha256(named.encode()).hexdigest()[:19],
        knowledge_id=knowledge_id,
        title=(section.title or source)[:255],
        content=section.text,
        question=section.question,
        source=source[:255],
        product=product,
        metadata={"document": name, "part": str(section.part)},
    )


def _results(entries: list[Entry], change: DocumentChange) -> Iterator[RowResult]:
    status: dict[str, Status] = dict.fromkeys(change.new, "new")
    status |= dict.fromkeys(change.changed, "changed")
    status |= dict.fromkeys(change.same, "same")
    for number, entry in enumerate(entries, start=1):
        yield RowResult(number, status[entry.id], entry.id, entry.title)
    for number, gone in enumerate(change.gone, start=len(entries) + 1):
        yield RowResult(number, "changed", gone, "no longer in the document: deleted")


_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)


def _read_markdown(path: Path) -> ReadDocument:
    text = decode(path).replace("\r\n", "\n")
    found = _FRONT.match(text)
    if not found:
        return ReadDocument(markdown_blocks(text))
    try:
        head = yaml.safe_load(found.group(1))
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name}: the lines between --- are not YAML.", "Write `name: value`.") from error
    front = {str(k): str(v) for k, v in head.items() if v is not None} if isinstance(head, dict) else {}
    return ReadDocument(markdown_blocks(text[found.end() :]), front)


def _read_text(path: Path) -> ReadDocument:
    return ReadDocument(text_blocks(decode(path)))


_WORD_HEADING = re.compile(r"^(?:heading|标题)\s*(\d)$", re.IGNORECASE)


def _read_word(path: Path) -> ReadDocument:
    try:
        document = Document(str(path))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise BadInput(f"{path.name} cannot be read as Word.", "Save it as .docx (not .doc) and try again.") from error
    return ReadDocument(list(_word_blocks(document)))


def _word_blocks(document: WordDocument) -> Iterator[Block]:
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph):
            style = (item.style.name or "") if item.style else ""
            found = _WORD_HEADING.match(style)
            title = 1 if style.lower() == "title" or style == "标题" else 0
            yield Block(item.text, min(int(found.group(1)), 6) if found else title)
        elif isinstance(item, Table):
            rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in item.rows]
            yield from (Block("  ".join(dict.fromkeys(filter(None, cells)))) for cells in rows)


MAX_PAGES = 2_000


def _read_pdf(path: Path) -> ReadDocument:
    try:
        reader = PdfReader(path)
        if reader.is_encrypted:
            raise BadInput(f"{path.name} is locked with a password.", "Save it without one and try again.")
        pages = [page.extract_text().splitlines() for page in reader.pages[:MAX_PAGES]]
    except (PyPdfError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path.name} cannot be read as PDF.", "Save or print it as PDF again.") from error
    return ReadDocument(text_blocks(_flow(pages)))


_PAGE_NUMBER = re.compile(r"^[-—\s]*(?:第\s*)?\d{1,4}(?:\s*[/／]\s*\d{1,4})?(?:\s*页)?[-—\s]*$")
_ENDS = "。！？!?：:；;”）)"


def _flow(pages: list[list[str]]) -> str:
    """Lines of pages as paragraphs: running heads and page numbers dropped, lines broken by the margin joined."""
    seen = Counter(line.strip() for page in pages for line in {*page[:2], *page[-2:]})
    running = {line for line, times in seen.items() if times > max(2, len(pages) / 2)}
    lines = [line.strip() for page in pages for line in page]
    lines = [line for line in lines if line not in running and not _PAGE_NUMBER.match(line)]
    width = max((len(line) for line in lines), default=0)
    out = ""
    broken = False
    for line in lines:
        joined = broken and line and not heading_level(line)
        out += (" " if out[-1:].isascii() and line[:1].isascii() else "") + line if joined else f"\n{line}"
        broken = len(line) > 0.7 * width and not line.endswith(tuple(_ENDS)) and not heading_level(line)
    return out


READERS: dict[str, Callable[[Path], ReadDocument]] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".docx": _read_word,
    ".pdf": _read_pdf,
}
"""Suffix → reader. Tables (.csv, .xlsx, …) are question–answer files and go through the import kind."""
