"""`./kefu knowledge list|rollback|delete|embed|search`."""

from __future__ import annotations

import argparse
import sys

from sqlalchemy import Connection

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.core.knowledge import KNOWLEDGE_IDS
from kefu.core.knowledge.nearness import digest_of
from kefu.engine import Engine
from kefu.gateway.http import Pool
from kefu.jobs.embeddings import embed_knowledge
from kefu.store import knowledge, knowledge_documents, knowledge_vectors, upstreams
from kefu.store.db import Database
from kefu.store.knowledge_vectors import Made
from kefu.store.shops import Shop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="documents and their versions")
    rollback = actions.add_parser("rollback", help="bring back an earlier version of a document")
    rollback.add_argument("name", metavar="DOCUMENT")
    rollback.add_argument("version", metavar="VERSION", type=int)
    removal = actions.add_parser("delete", help="take a document out (its versions stay)")
    removal.add_argument("name", metavar="DOCUMENT")
    embed = actions.add_parser("embed", help="make the vectors that are missing, by the model that kefu-embed leads to")
    embed.add_argument("--again", action="store_true", help="make all anew: the server has another model of that name")
    search = actions.add_parser("search", help="what a question finds, with scores")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("--knowledge-id", choices=[one for one in KNOWLEDGE_IDS if one != "products"], default="")
    search.add_argument("--top-k", type=int, default=5)
    for one in (listing, rollback, removal, embed, search):
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
        vectors = _say_vectors(connection, shop.id)
    lines = [f"{one.name}  v{one.version}  {one.entries} pieces  {one.imported_at:%Y-%m-%d %H:%M}" for one in versions]
    return [*(lines or ["No documents yet: `./kefu import knowledge FILE.md`."]), *vectors]


def _say_vectors(connection: Connection, shop_id: int) -> list[str]:
    model = upstreams.load_table(connection, shop_id).embedding
    if model is None:
        return []
    entries = knowledge.list_entries(connection, shop_id)
    made = knowledge_vectors.made_vectors(connection, shop_id)
    there = sum(made.get(name) == Made(model.model, digest_of(entry)) for name, entry in entries.items())
    return [f"vectors of {model.model}: {there} of {len(entries)} pieces"]


def _rollback(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    with db.write() as connection:
        return [say(knowledge_documents.roll_back(connection, shop.id, args.name, args.version))]


def _delete(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    with db.write() as connection:
        return [say(knowledge_documents.delete_document(connection, shop.id, args.name))]


def _embed(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    pool = Pool()
    try:
        done = embed_knowledge(db, shop.id, pool, again=args.again, progress=_progress)
    finally:
        pool.close()
    if done is None:
        return ["There is no embedding model: ./kefu models add NAME …, then ./kefu models alias kefu-embed NAME."]
    settings = settings_of(args)
    engine = Engine(db, settings, make_clock(settings))
    fit = engine.snapshots.of(shop.id).parts.knowledge.nearness.finds_own_text()
    engine.close()
    lines = [f"{done.model}: {done.made} made, {done.same} there already, {done.gone} gone"]
    lines.append(f"It finds a text by its own title first for {fit:.0%} of the pieces.")
    if fit < POOR_FIT:
        lines.append("That is little: does this model know the language of the texts? Words alone may be better.")
    return lines


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


POOR_FIT = 0.2
"""A model of English has 0.1 on the sample shop's Chinese texts, one that knows the language far more."""


def _search(db: Database, shop: Shop, args: argparse.Namespace) -> list[str]:
    settings = settings_of(args)
    engine = Engine(db, settings, make_clock(settings))
    snapshot = engine.snapshots.of(shop.id)
    vector = engine.questions.vector_of(snapshot, args.question)
    index = snapshot.parts.knowledge
    hits = index.search(args.question, args.top_k, knowledge_id=args.knowledge_id, vector=vector)
    engine.close()
    lines = [f"{hit.score:.2f}  {hit.entry.knowledge_id:<11}  {hit.entry.title}" for hit in hits]
    return lines or ["Nothing found."]


def say(change: knowledge_documents.DocumentChange) -> str:
    counts = {"new": change.new, "changed": change.changed, "same": change.same, "deleted": change.gone}
    said = ", ".join(f"{len(ids)} {name}" for name, ids in counts.items() if ids)
    return f"{change.name}: version {change.version}: {said or 'nothing to do'}"


_ACTIONS = {"list": _list, "rollback": _rollback, "delete": _delete, "embed": _embed, "search": _search}
