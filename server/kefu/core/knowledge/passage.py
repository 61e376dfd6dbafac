"""An entry as one line of text: what a model reads, what is cited, and what is said.

Dify joins the contents of a knowledge node with newlines and adds nothing, so each line carries its own label and
source: ``【title / question】text（来源：source）``. The label says what the text is about; it is never said.
"""

from __future__ import annotations

import re

from kefu.core.knowledge.entry import Entry

MAX_LABEL = 120
_LABELLED = re.compile(rf"^【([^】\n]{{1,{MAX_LABEL}}})】\s*")
_BRACKETS = str.maketrans("【】", "[]")


def said(entry: Entry) -> str:
    """The text with its source, as it may stand before a customer; a script is said without one."""
    text = " ".join(entry.content.split())
    return f"{text}（来源：{entry.source}）" if entry.source and entry.knowledge_id != "scripts" else text


def passage(entry: Entry) -> str:
    """The labelled line for prompts, records and contexts."""
    return f"【{label(entry)}】{said(entry)}"


def label(entry: Entry) -> str:
    """Title and question, once each, without brackets that would end the label."""
    parts = dict.fromkeys(" ".join(part.split()) for part in (entry.title, entry.question))
    names = [part for part in parts if part] or [entry.id]
    return " / ".join(names).translate(_BRACKETS)[:MAX_LABEL]


def split_passage(line: str) -> tuple[str, str]:
    """Label and text of a line; the label is "" where the line has none."""
    found = _LABELLED.match(line)
    return (found.group(1), line[found.end() :].strip()) if found else ("", line.strip())
