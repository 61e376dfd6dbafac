"""Documents cut into pieces that a model reads whole: by headings, bounded in size, each with its path of headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_SECTION = 800
"""Characters a piece may have. Three pieces and their labels stay below 2,500 characters of prompt."""

MIN_SECTION = 40
"""A last piece shorter than this joins the one before it, if both fit into twice the bound."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (``level`` 1–6) or, with level 0, a paragraph, list item, table row or code block."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """``path``: the headings above the text, outermost first. ``part`` counts pieces of one path from 1."""

    path: tuple[str, ...]
    text: str
    part: int = 1

    @property
    def title(self) -> str:
        return " › ".join(self.path)

    @property
    def question(self) -> str:
        """The last heading if it is written as a question, as in a list of frequent questions."""
        last = self.path[-1] if self.path else ""
        return last if last.endswith(("?", "？", "吗", "么", "呢")) else ""


def cut(blocks: Iterable[Block], limit: int = MAX_SECTION) -> list[Section]:
    """The sections of a document. Headings without text of their own live on in the path of what follows."""
    sections: list[Section] = []
    counts: dict[tuple[str, ...], int] = {}
    for path, texts in _by_heading(blocks):
        for text in pack(texts, limit):
            counts[path] = counts.get(path, 0) + 1
            sections.append(Section(path, text, counts[path]))
    return sections


def _by_heading(blocks: Iterable[Block]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    path: list[tuple[int, str]] = []
    texts: list[str] = []
    for block in blocks:
        text = block.text.strip()
        if not block.level:
            if text:
                texts.append(text)
            continue
        if texts:
            yield tuple(name for _, name in path), texts
        texts = []
        path = [step for step in path if step[0] < block.level]
        if text:
            path.append((block.level, text))
    if texts:
        yield tuple(name for _, name in path), texts


def pack(texts: Iterable[str], limit: int = MAX_SECTION) -> list[str]:
    """Paragraphs joined while they fit; one that alone is too long is cut at sentence ends, then anywhere."""
    pieces: list[str] = []
    for text in texts:
        for part in _bounded(text, limit):
            if pieces and len(pieces[-1]) + 1 + len(part) <= limit:
                pieces[-1] += f"\n{part}"
            else:
                pieces.append(part)
    if len(pieces) > 1 and len(pieces[-1]) < MIN_SECTION and len(pieces[-2]) < 2 * limit - MIN_SECTION:
        last = pieces.pop()
        pieces[-1] += f"\n{last}"
    return pieces


_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+$")


def _bounded(text: str, limit: int) -> list[str]:
    if len(text) <= limit:
        return [text]
    parts: list[str] = []
    for sentence in _SENTENCE.findall(text):
        if parts and len(parts[-1]) + len(sentence) <= limit:
            parts[-1] += sentence
        else:
            parts.extend(sentence[at : at + limit] for at in range(0, len(sentence), limit))
    return [part.strip() for part in parts if part.strip()]


_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+|(?=[\u3400-\u9fff]))(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_RULED = re.compile(r"^[\s|:—–-]+$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|~~|`)(?=\S)(.+?)(?<=\S)\1")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")


def markdown_blocks(text: str) -> list[Block]:
    """Markdown as blocks: ATX and underlined headings, fenced code whole, table rows and list items line by line."""
    blocks: list[Block] = []
    held: list[str] = []
    fence = ""

    def flush() -> None:
        if held:
            blocks.append(Block("\n".join(held)))
            held.clear()

    for line in text.splitlines():
        opening = _FENCE.match(line)
        if fence:
            if opening and opening.group(1).startswith(fence):
                fence = ""
            else:
                held.append(line)
            continue
        if opening:
            fence = opening.group(1)
            continue
        heading = _ATX.match(line)
        under = _SETEXT.match(line)
        if heading:
            flush()
            blocks.append(Block(plain(heading.group(2)), len(heading.group(1))))
        elif under and len(held) == 1 and not _ITEM.match(held[0]) and "|" not in held[0]:
            blocks.append(Block(held.pop(), 1 if line.strip()[0] == "=" else 2))
        elif not line.strip():
            flush()
        elif not ("|" in line and _RULED.match(line)) and not under:
            held.append(plain(line))
    flush()
    return blocks


def plain(line: str) -> str:
    """A line without Markdown's signs: links keep their text, table rows become cells joined by blanks."""
    line = _LINK.sub(r"\1", line)
    for _ in range(2):
        line = _EMPHASIS.sub(r"\2", line)
    if line.lstrip().startswith("|"):
        line = "  ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    return line.strip().removeprefix("> ").strip()


_NUMBERED = re.compile(
    r"^(?:(?P<chapter>第[一二三四五六七八九十百\d]{1,4}[章篇部])|(?P<part>第[一二三四五六七八九十百\d]{1,4}[节条])"
    r"|(?P<han>[一二三四五六七八九十]{1,3}、)|(?P<bracket>[（(][一二三四五六七八九十]{1,3}[）)])"
    r"|(?P<dotted>\d{1,2}(?:\.\d{1,2}){0,3})(?:[ 、．]|\.\s))\s*(?=\S)"
)
_LEVELS = {"chapter": 1, "part": 2, "han": 2, "bracket": 3}
MAX_HEADING = 30


def text_blocks(text: str) -> list[Block]:
    """Plain text as blocks: short numbered lines without a full stop (第一章, 一、, 1.2) are headings."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text):
        held: list[str] = []
        for line in filter(None, (line.strip() for line in paragraph.splitlines())):
            level = heading_level(line)
            if level:
                blocks.extend([Block("\n".join(held))] if held else [])
                held = []
                blocks.append(Block(line, level))
            else:
                held.append(line)
        blocks.extend([Block("\n".join(held))] if held else [])
    return blocks


def heading_level(line: str) -> int:
    """1–6 for a line that reads as a numbered heading, else 0."""
    found = _NUMBERED.match(line)
    if not found or len(line) > MAX_HEADING or line[-1] in "。；;，,！!：:":
        return 0
    kind = found.lastgroup or ""
    return min(found.group("dotted").count(".") + 2, 6) if kind == "dotted" else _LEVELS[kind]
