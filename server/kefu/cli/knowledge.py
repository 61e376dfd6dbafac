"""`./kefu knowledge list|rollback|delete|search`."""

from __future__ import annotations

import argparse

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.core.knowledge import KNOWLEDGE_IDS, KnowledgeIndex
from kefu.store import knowledge, knowledge_documents
from kefu.store.db import Database
from kefu.store.shops import Shop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="documents and their versions")
    rollback = actions.add_parser("rollback", help="bring back an earlier version of a document")
    rollback.add_argument("name", metavar="DOCUMENT")
    rollback.add_argument("version", metavar="VERSION", type=int)
    removal = actions.add_parser("delete", help="take a document out (its versions stay)")
    removal.add_argument("name", metavar="DOCUMENT")
    search = actions.add_parser("search", help="what a question finds, with scores")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("--knowledge-id", choices=[one for one in KNOWLEDGE_IDS if one != "products"], default="")
    search.add_argument("--top-k", type=int, default=5)
    for one in (listing, rollback, removal, search):
        add_shop_argument(one)


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    shop = open_shop(db, args)
    for line in _ACTIONS[args.action](db, shop, args):
        print(line)
    return 0


def _list(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    with db.read() as connection:
        versions = knowledge_documents.list_versions(connection, shop.id)
    lines = [f"{one.name}  v{one.version}  {one.entries} pieces  {one.imported_at:%Y-%m-%d %H:%M}" for one in versions]
    return lines or ["No documents yet: `./kefu import knowledge FILE.md`."]


def _rollback(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    with db.write() as connection:
        return [say(knowledge_documents.roll_back(connection, shop.id, args.name, args.version))]


def _delete(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    with db.write() as connection:
        return [say(knowledge_documents.delete_document(connection, shop.id, args.name))]


def _search(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    with db.read() as connection:
        index = KnowledgeIndex(knowledge.list_entries(connection, shop.id).values())
    hits = index.search(args.question, args.top_k, knowledge_id=args.knowledge_id)
    lines = [f"{hit.score:.2f}  {hit.entry.knowledge_id:<11}  {hit.entry.title}" for hit in hits]
    return lines or ["Nothing found."]


def say(change: knowledge_documents.DocumentChange) -> str:
    counts = {"new": change.new, "changed": change.changed, "same": change.same, "deleted": change.gone}
    said = ", ".join(f"{len(ids)} {name}" for name, ids in counts.items() if ids)
    return f"{change.name}: version {change.version}: {said or 'nothing to do'}"


_ACTIONS = {"list": _list, "rollback": _rollback, "delete": _delete, "search": _search}
