"""Import kinds `knowledge` (question–answer tables) and `scripts` (客服话术)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from kefu.core.knowledge import Entry
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import limited
from kefu.jobs.kinds.unknown import unknown_products
from kefu.jobs.tables import SEPARATOR
from kefu.store import knowledge as store

_QUESTION = Column("question", "how customers ask", aliases=("问题", "问", "客户问题"))
_CONTENT = Column("content", "the answer", required=True, aliases=("answer", "内容", "答案", "回答", "话术"))
_SOURCE = Column("source", "what is cited, for example the manual's name", aliases=("来源", "出处"))
_PRODUCT = Column(
    "product",
    f"product id if it is about one product, several separated by {SEPARATOR}; empty = the whole shop",
    aliases=("商品", "产品", "商品编号", "商品ID"),
)
_TAGS = Column(
    "tags",
    f"words that help to find it, and how else customers ask (five characters or more), separated by {SEPARATOR}",
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


def _warn(connection: Connection, shop_id: int, rows: Sequence[tuple[int, Entry]]) -> Iterator[str]:
    hint = "Correct it, or import the products: until then the entry is taken as one for the whole shop."
    yield from unknown_products(connection, shop_id, ((n, one) for n, entry in rows for one in entry.products), hint)


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


KNOWLEDGE = ImportKind(
    name="knowledge",
    help="question–answer entries for manuals and after-sales",
    columns=(
        Column(
            "knowledge_id", "manuals (说明, default), after-sales (售后), scripts (话术)", aliases=("知识库", "分类")
        ),
        Column("title", "short name of the entry", aliases=("标题",)),
        _QUESTION,
        _CONTENT,
        _SOURCE,
        _PRODUCT,
        _TAGS,
    ),
    parse=_parse_knowledge,
    key=lambda entry: entry.id,
    load=lambda c, s: {k: e for k, e in store.list_entries(c, s).items() if e.knowledge_id != "scripts"},
    save=store.save_entries,
    dump=_dump,
    warn=_warn,
)

SCRIPTS = ImportKind(
    name="scripts",
    help="what agents say (客服话术), as question and answer",
    columns=(_QUESTION, _CONTENT, _SOURCE, _TAGS),
    parse=_parse_script,
    key=lambda entry: entry.id,
    load=lambda c, s: {k: e for k, e in store.list_entries(c, s).items() if e.knowledge_id == "scripts"},
    save=store.save_entries,
    dump=lambda entry: {name: _dump(entry)[name] for name in ("question", "content", "source", "tags")},
)
