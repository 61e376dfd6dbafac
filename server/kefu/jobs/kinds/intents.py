"""Import kind `intents`: intents with their names, and the sentences that mean them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import now, several
from kefu.jobs.tables import SEPARATOR
from kefu.store.examples import IntentExample, list_examples, save_examples
from kefu.store.intents import Intent, list_intents, save_intents

Item = Intent | IntentExample


def _parse(cells: Mapping[str, str]) -> Iterable[Item]:
    intent = Intent(
        cells["intent"], cells["name"], several(cells["aliases"]), cells["description"], several(cells["class_texts"])
    )
    items: list[Item] = [intent]
    if cells["text"]:
        items.append(IntentExample(cells["text"], cells["intent"]))
    return items


def _key(item: Item) -> str:
    return f"intent {item.id}" if isinstance(item, Intent) else f"text {item.text}"


def _merge(first: Item, later: Item) -> Item:
    """An intent's rows add up; the same sentence under two intents means the later one."""
    if not (isinstance(first, Intent) and isinstance(later, Intent)):
        return later
    return replace(
        first,
        name=later.name or first.name,
        aliases=tuple(dict.fromkeys(first.aliases + later.aliases)),
        description=later.description or first.description,
        class_texts=tuple(dict.fromkeys(first.class_texts + later.class_texts)),
    )


def _load(connection: Connection, shop_id: int) -> dict[str, Any]:
    items: list[Item] = [*list_intents(connection, shop_id)]
    items += [IntentExample(row.text, row.intent) for row in list_examples(connection, shop_id)]
    return {_key(item): item for item in items}


def _save(connection: Connection, shop_id: int, items: list[Any]) -> None:
    intents = [item for item in items if isinstance(item, Intent)]
    if intents:
        save_intents(connection, shop_id, intents)
    save_examples(connection, shop_id, [item for item in items if isinstance(item, IntentExample)], now())


def _dump(item: Item) -> Mapping[str, str]:
    cells = {column.name: "" for column in INTENTS.columns}
    if isinstance(item, IntentExample):
        return {**cells, "intent": item.intent, "text": item.text}
    names = {"aliases": SEPARATOR.join(item.aliases), "class_texts": SEPARATOR.join(item.class_texts)}
    return {**cells, "intent": item.id, "name": item.name, "description": item.description, **names}


INTENTS = ImportKind(
    name="intents",
    help="what customers want: an intent's names and the sentences that mean it",
    columns=(
        Column("intent", "the intent's id, e.g. stock_query", required=True, aliases=("意图", "label")),
        Column("name", "what people call it, e.g. 库存查询; once is enough", aliases=("名称",)),
        Column("aliases", f"other names, separated by {SEPARATOR}", aliases=("别名",)),
        Column("text", "a sentence a customer types", aliases=("例句", "示例")),
        Column("description", "what belongs to it", aliases=("说明",)),
        Column("class_texts", f"class texts of Dify that mean it, separated by {SEPARATOR}", aliases=("分类",)),
    ),
    parse=_parse,
    key=_key,
    load=_load,
    save=_save,
    dump=_dump,
    merge=_merge,
)
