"""`./kefu unanswered list|show|approve|dismiss|reopen`: what the bot could not answer, and making it known."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.store import unanswered
from kefu.store.db import Database
from kefu.store.unanswered import Approval, Cluster


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|approve|dismiss|reopen")
    for name, help_text in (
        ("list", "clusters of questions without an answer, the most asked first"),
        ("show", "one cluster with its examples"),
        ("approve", "give one answer: makes a rule or knowledge entry, an evaluation case and training examples"),
        ("dismiss", "hide a cluster and every later question like it"),
        ("reopen", "show a decided cluster again"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_shop_argument(action)
        action.add_argument("--json", action="store_true", help="print JSON")
        if name != "list":
            action.add_argument("id", type=int, metavar="ID", help="the number in `list`")
    _list_arguments(actions.choices["list"])
    _approve_arguments(actions.choices["approve"])


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", default="open", choices=unanswered.STATUSES, help="default: open")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most N clusters (default 20)")


def _approve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answer", required=True, metavar="TEXT", help="what is answered from now on")
    parser.add_argument("--kind", default="rule", choices=("rule", "knowledge"), help="what to make (default: rule)")
    parser.add_argument(
        "--knowledge-id", default="manuals", metavar="ID", help="for --kind knowledge (default: manuals)"
    )
    parser.add_argument("--intent", default="", metavar="NAME", help="intent of the training examples")
    parser.add_argument("--title", default="", metavar="TEXT", help="name of the rule or entry")
    parser.add_argument("--pattern", action="append", default=[], metavar="TEXT", help="one more sentence; repeatable")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    shop = open_shop(db, args)
    if args.action == "list":
        found = list_fresh(db, shop.id, args.status, args.limit)
        print(_as_json([unanswered.describe(c) for c in found]) if args.json else _table(found))
        return 0
    cluster = _decide(db, shop.id, args, make_clock(settings_of(args))())
    print(_as_json(unanswered.describe(cluster)) if args.json else _describe(cluster))
    return 0


def list_fresh(db: Database, shop_id: int, status: unanswered.Status, limit: int) -> list[Cluster]:
    """The clusters, with the latest turns in them."""
    with db.write() as connection:
        unanswered.refresh(connection, shop_id)
        return unanswered.list_clusters(connection, shop_id, status, limit=limit)


def _decide(db: Database, shop_id: int, args: argparse.Namespace, now: datetime) -> Cluster:
    with db.write() as connection:
        if args.action == "approve":
            return unanswered.approve(connection, shop_id, args.id, _approval(args), now)
        if args.action == "dismiss":
            return unanswered.dismiss(connection, shop_id, args.id, now)
        if args.action == "reopen":
            return unanswered.reopen(connection, shop_id, args.id)
        return unanswered.get_cluster(connection, shop_id, args.id)


def _approval(args: argparse.Namespace) -> Approval:
    return Approval(
        args.answer,
        args.kind,
        intent=args.intent,
        title=args.title,
        patterns=tuple(args.pattern),
        knowledge_id=args.knowledge_id,
    )


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(clusters: list[Cluster]) -> str:
    if not clusters:
        return "nothing here"
    rows = [f"{c.id:>5}  {c.count:>5}×  {c.last_seen:%Y-%m-%d %H:%M}  {c.title or '(no words)'}" for c in clusters]
    return "\n".join(["   id  asked  last seen (UTC)   question", *rows])


def _describe(cluster: Cluster) -> str:
    lines = [f"{cluster.id} {cluster.status}: {cluster.title or '(no words)'} (asked {cluster.count} times)"]
    lines += [f"  - {example}" for example in cluster.examples]
    lines += [f"  made {name}: {value}" for name, value in cluster.made.items()]
    return "\n".join(lines)
