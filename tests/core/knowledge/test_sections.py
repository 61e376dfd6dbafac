"""Documents are cut by headings, bounded in size, and nothing is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.core.knowledge.sections import MAX_SECTION, Block, cut, heading_level, markdown_blocks, pack, text_blocks

MANUAL = """# 飞岩手册

开头的话。

## 安装

1. 关机并拔掉电源。
2. **缺口**对准[插槽](https://example.org/a)。

```
# 不是标题
memtest --all
```

### 笔记本怎么装？
斜插到底。

| 型号 | 频率 |
| --- | --- |
| FY-5 | 5600 |

售后
----
终身质保。
"""


def test_headings_become_the_path_of_what_stands_below_them() -> None:
    """Levels nest; a heading of the same or a higher level ends the path below."""
    found = {section.title: section.text for section in cut(markdown_blocks(MANUAL))}
    assert list(found) == ["飞岩手册", "飞岩手册 › 安装", "飞岩手册 › 安装 › 笔记本怎么装？", "飞岩手册 › 售后"]
    assert found["飞岩手册 › 安装"] == ("1. 关机并拔掉电源。\n2. 缺口对准插槽。\n# 不是标题\nmemtest --all")
    assert "FY-5  5600" in found["飞岩手册 › 安装 › 笔记本怎么装？"]


def test_a_heading_that_asks_is_the_question() -> None:
    """Lists of frequent questions become question and answer."""
    asked = [section.question for section in cut(markdown_blocks(MANUAL))]
    assert asked == ["", "", "笔记本怎么装？", ""]


def test_text_without_any_heading_is_kept() -> None:
    """A plain note has an empty path."""
    (section,) = cut(markdown_blocks("只有一句话。"))
    assert (section.path, section.text, section.title) == ((), "只有一句话。", "")


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第一章 产品介绍", 1),
        ("第三节 安装", 2),
        ("一、退换货", 2),
        ("（二）运费", 3),
        ("1 概述", 2),
        ("1.2 安装步骤", 3),
        ("1.2.3 拆后盖", 4),
        ("1. 关机并拔掉电源。", 0),
        ("16GB 内存", 0),
        ("2026 年新品", 0),
        ("7天无理由退货", 0),
        ("今天发货", 0),
    ],
)
def test_numbered_lines_are_headings_only_when_short_and_unfinished(line: str, level: int) -> None:
    """A numbered sentence is a step, a numbered phrase a heading."""
    assert heading_level(line) == level


def test_plain_text_is_cut_by_its_numbered_lines() -> None:
    """Chapters and sections without any markup."""
    blocks = text_blocks("第一章 安装\n先关机。\n再拆盖。\n\n第二章 售后\n一、退货\n七天内。")
    assert [(section.title, section.text) for section in cut(blocks)] == [
        ("第一章 安装", "先关机。\n再拆盖。"),
        ("第二章 售后 › 一、退货", "七天内。"),
    ]


def test_a_long_chapter_is_cut_at_sentences_and_parts_are_numbered() -> None:
    """No piece is longer than the bound, and the same path counts its parts."""
    text = "这是一句不长也不短的说明文字。" * 200
    sections = cut([Block("长章", 1), Block(text)])
    assert [section.part for section in sections] == list(range(1, len(sections) + 1))
    assert all(len(section.text) <= MAX_SECTION and section.text.endswith("。") for section in sections)
    assert "".join(section.text for section in sections) == text


@given(st.lists(st.text(alphabet="安装说明ab 。！？\n1", min_size=1, max_size=60), max_size=12), st.integers(5, 60))
def test_packing_loses_nothing_and_keeps_the_bound(texts: list[str], limit: int) -> None:
    """Every visible character comes out once and in order; only a tiny last piece may join over the bound."""
    pieces = pack(texts, limit)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", "".join(texts))
    assert all(len(piece) <= 2 * limit for piece in pieces)


@given(st.text(alphabet="#-=`*|[]() \n安装1.>", max_size=200))
def test_any_markdown_is_read(text: str) -> None:
    """Broken markup never fails and never makes an empty section."""
    assert all(section.text.strip() for section in cut(markdown_blocks(text)))
