"""Import kinds `knowledge` (question–answer tables) and `scripts` (客服话术)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from kefu.core.knowledge import Entry
from kefu.core.knowledge.entry import SHORTEST_QUESTION, SHORTEST_WAY
from kefu.jobs.imports import Column, ImportKind, Numbered, listed
from kefu.jobs.kinds.cells import limited
from kefu.jobs.kinds.product_names import as_ids, ids_by_name
from kefu.jobs.kinds.unknown import unknown_products
from kefu.jobs.tables import SEPARATOR
from kefu.store import knowledge as store

_TITLE = Column("title", "short name of the entry", aliases=("标题",))
_QUESTION = Column("question", "how customers ask", aliases=("问题", "问", "客户问题"))
_CONTENT = Column("content", "the answer", required=True, aliases=("answer", "内容", "答案", "回答", "话术"))
_SOURCE = Column("source", "what is cited, for example the manual's name", aliases=("来源", "出处"))
_PRODUCT = Column(
    "product",
    "if it is about one product: its id, or a name or alias that no other product has, several separated by"
    f" {SEPARATOR}; empty = the whole shop",
    aliases=("商品", "产品", "商品编号", "商品ID"),
)
_TAGS = Column(
    "tags",
    f"words that help to find it, and how else customers ask ({SHORTEST_WAY} characters or more), separated by"
    f" {SEPARATOR}",
    aliases=("标签",),
)


def _entry(knowledge_id: str, cells: Mapping[str, str]) -> Entry:
    title = cells.get("title") or cells["question"] or cells["content"][:30]
    return Entry(
        id=store.entry_id(knowledge_id, title, cells["question"], cells.get("product", "")),
        knowledge_id=knowledge_id,
        title=title,
        content=cells["content"],
        question=cells["question"],
        source=cells["source"] or title,
        product=limited(cells.get("product", ""), "product", 64),
        tags=tuple(filter(None, (tag.strip() for tag in cells["tags"].split(SEPARATOR)))),
    )


_IN_CHINESE = {
    **dict.fromkeys(("说明", "说明书", "手册", "使用", "商品知识", "常见问题"), "manuals"),
    **dict.fromkeys(("售后", "售后政策", "售后服务", "政策"), "after-sales"),
    **dict.fromkeys(("话术", "客服话术"), "scripts"),
}


def _parse_knowledge(cells: Mapping[str, str]) -> Iterable[Entry]:
    named = cells["knowledge_id"].strip()
    return [_entry(_IN_CHINESE.get(named, named) or "manuals", cells)]


def _parse_script(cells: Mapping[str, str]) -> Iterable[Entry]:
    return [_entry("scripts", cells)]


def _settle(
    connection: Connection, shop_id: int, _present: Mapping[str, Entry], rows: list[Numbered]
) -> list[Numbered]:
    ids = ids_by_name(connection, shop_id)
    return [(number, _with_ids(entry, ids)) for number, entry in rows]


def _with_ids(entry: Entry, ids: Mapping[str, str]) -> Entry:
    """The entry with its products by their ids, which are a part of its own."""
    product = limited(as_ids(entry.product, ids), "product", 64)
    own = store.entry_id(entry.knowledge_id, entry.title, entry.question, product)
    return replace(entry, id=own, product=product)


def _save(connection: Connection, shop_id: int, entries: list[Entry]) -> None:
    """Also takes away what an earlier import of the same row left under a product's name that meant none yet."""
    ids, saved = ids_by_name(connection, shop_id), {entry.id for entry in entries}
    present = [one for one in store.list_entries(connection, shop_id).values() if one.product and not one.metadata]
    stale = [one.id for one in present if one.id not in saved and _with_ids(one, ids).id in saved]
    store.delete_entries(connection, shop_id, stale)
    store.save_entries(connection, shop_id, entries)


def _warn(connection: Connection, shop_id: int, rows: Sequence[tuple[int, Entry]]) -> Iterator[str]:
    hint = (
        "Write its id, or a name or alias that it has alone, or import the products: until then the entry is taken as"
        " one for the whole shop."
    )
    yield from unknown_products(connection, shop_id, ((n, one) for n, entry in rows for one in entry.products), hint)
    yield from _too_short(rows)


_ASKS = re.compile(
    r"[吗么嘛不没]$|(?<!毛)呢$|怎么|咋|几|多少|多久|什么|啥|哪|(.)[不没]\1|^(?:能|可以|会|要|有没有|是不是)(?!量|耗|员|求)"
)
"""A tag that is a question: a word (尺码, 保修) is of use however short it is."""


def _too_short(rows: Sequence[tuple[int, Entry]]) -> Iterator[str]:
    """Tags that were meant as ways of asking and are too short to count as that."""
    short: dict[str, list[int]] = {}
    for number, entry in rows:
        for tag in entry.tags:
            if len(tag) < SHORTEST_WAY and _ASKS.search(tag):
                short.setdefault(tag, []).append(number)
    if short:
        yield (
            f"Tags that ask something and are too short to count as ways of asking ({SHORTEST_WAY} characters; of"
            f" {SHORTEST_QUESTION} only word for word): {len(short)}: {listed(short)}. Write them longer: 这个能机洗吗."
        )


def _dump(entry: Entry) -> Mapping[str, str]:
    return {
        "knowledge_id": entry.knowledge_id,
        "title": entry.title,
        "question": entry.question,
        "content": entry.content,
        "source": entry.source,
        "product": entry.product,
        "tags": SEPARATOR.join(entry.tags),
    }


def _part(entry: Entry) -> str:
    """What is pruned together: manuals, after-sales or scripts; documents have a command of their own."""
    return "document" if "document" in entry.metadata else entry.knowledge_id


def _remove(connection: Connection, shop_id: int, entries: Sequence[Entry]) -> None:
    store.delete_entries(connection, shop_id, [entry.id for entry in entries])


KNOWLEDGE = ImportKind(
    name="knowledge",
    help="question–answer entries of every sort: manuals, after-sales and scripts",
    columns=(
        Column(
            "knowledge_id", "manuals (说明, default), after-sales (售后), scripts (话术)", aliases=("知识库", "分类")
        ),
        _TITLE,
        _QUESTION,
        _CONTENT,
        _SOURCE,
        _PRODUCT,
        _TAGS,
    ),
    parse=_parse_knowledge,
    key=lambda entry: entry.id,
    load=store.list_entries,
    save=_save,
    remove=_remove,
    part=_part,
    dump=_dump,
    settle=_settle,
    warn=_warn,
    advice="""\
Leave 商品 empty for services, fitting, vouchers, postage and invoices (上门搭建 above), even where a service or voucher
is sold as a product: an entry with a product answers only while that product is spoken of. A tag of five characters or
more (折不回去怎么办) counts as a way of asking, a shorter one as words that help to find the entry.""",
)

SCRIPTS = ImportKind(
    name="scripts",
    help="what agents say (客服话术), as question and answer",
    columns=(_TITLE, _QUESTION, _CONTENT, _SOURCE, _PRODUCT, _TAGS),
    parse=_parse_script,
    key=lambda entry: entry.id,
    load=lambda c, s: {k: e for k, e in store.list_entries(c, s).items() if e.knowledge_id == "scripts"},
    save=_save,
    remove=_remove,
    part=_part,
    dump=lambda entry: {name: cell for name, cell in _dump(entry).items() if name != "knowledge_id"},
    settle=_settle,
    warn=_warn,
)
