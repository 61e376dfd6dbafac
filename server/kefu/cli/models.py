"""`./kefu models …`: which model a name means, from the next request on."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.core.upstreams import ABILITIES, KINDS, NODES, THINKING, Alias, Upstream
from kefu.errors import BadInput
from kefu.gateway.http import Pool
from kefu.gateway.kinds import UPSTREAM_KINDS
from kefu.gateway.probe import probe
from kefu.store import upstreams
from kefu.store.db import Database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_shop_argument(actions.add_parser("list", help="upstreams and aliases (keys are never shown)"))
    add = actions.add_parser("add", help="add an upstream model, or replace the one of that name")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--kind", required=True, choices=KINDS, help=", ".join(k.title for k in UPSTREAM_KINDS.values()))
    add.add_argument("--url", required=True, help="like http://gpu-host:8000/v1")
    add.add_argument("--model", required=True, help="its name on that server")
    add.add_argument("--key", default="", help="env:NAME (read by the server at run time), or - to type it in")
    add.add_argument("--context-size", type=int, default=8192, metavar="TOKENS")
    add.add_argument("--abilities", default="chat", help=f"comma-separated: {', '.join(ABILITIES)}")
    add.add_argument("--thinking", choices=THINKING, default="as-asked")
    add.add_argument(
        "--nodes", choices=NODES, default="cascade", help="Dify's nodes: local first, always it, untouched"
    )
    add.add_argument("--guard", action="store_true", help="replace claims of another maker by the brand's sentence")
    add.add_argument("--connect-timeout", type=float, default=3.0, metavar="SECONDS")
    add.add_argument("--read-timeout", type=float, default=60.0, metavar="SECONDS", help="longest silence")
    add.add_argument("--fallback", default="", help="comma-separated models to try when it cannot answer")
    for name, text in (("remove", "forget an upstream"), ("test", "try it: models, chat, constraints, embeddings")):
        sub = actions.add_parser(name, help=text)
        sub.add_argument("name", metavar="NAME")
        add_shop_argument(sub)
    alias = actions.add_parser("alias", help="let a name lead to a model: models alias kefu my-7b")
    alias.add_argument("name", metavar="NAME")
    alias.add_argument("target", metavar="MODEL")
    share = actions.add_parser(
        "share", help="send a share of a name's conversations elsewhere: models share kefu my-7b 10"
    )
    share.add_argument("name", metavar="NAME")
    share.add_argument("target", metavar="MODEL")
    share.add_argument("percent", type=float, metavar="PERCENT")
    rollback = actions.add_parser("rollback", help="undo the last change of a name")
    rollback.add_argument("name", metavar="NAME")
    for sub in (add, alias, share, rollback):
        add_shop_argument(sub)


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    shop = open_shop(db, args)
    if args.action == "test":
        return _test(db, shop.id, args.name)
    if args.action == "list":
        _list(db, shop.id)
        return 0
    now = datetime.now(UTC)
    with db.write() as connection:
        if args.action == "add":
            upstreams.save_upstream(connection, shop.id, read_upstream(args))
            print(f"{args.name} leads to {args.model} at {args.url}. Try it: ./kefu models test {args.name}")
        elif args.action == "remove":
            upstreams.remove_upstream(connection, shop.id, args.name)
            print(f"{args.name} is gone.")
        elif args.action == "alias":
            upstreams.save_alias(connection, shop.id, Alias(args.name, args.target), now)
            print(f"{args.name} → {args.target} from the next request on. Back: ./kefu models rollback {args.name}")
        elif args.action == "share":
            print(described(upstreams.share_alias(connection, shop.id, args.name, args.target, args.percent, now)))
        else:
            alias = upstreams.roll_back_alias(connection, shop.id, args.name)
            print(described(alias) if alias else f"{args.name} has no setting any more.")
    return 0


def read_upstream(args: argparse.Namespace) -> Upstream:
    """The flags as a value; raises BadInput for a key in clear, which the shell's history would keep."""
    key = args.key
    if key == "-":
        key = sys.stdin.readline().strip()
    elif key and not key.startswith("env:"):
        raise BadInput("A key on the command line stays in the shell's history.", "Use --key env:NAME or --key -.")
    return Upstream(
        args.name,
        args.kind,
        args.url.rstrip("/"),
        args.model,
        key,
        args.context_size,
        _words(args.abilities),
        args.thinking,
        args.nodes,
        args.guard,
        args.connect_timeout,
        args.read_timeout,
        _words(args.fallback),
    )


def described(alias: Alias) -> str:
    share = f", {alias.share_percent:g} % of conversations → {alias.share_target}" if alias.share_target else ""
    return f"{alias.name} → {alias.target}{share}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _list(db: Database, shop_id: int) -> None:
    with db.read() as connection:
        rows, aliases = upstreams.list_upstreams(connection, shop_id), upstreams.list_aliases(connection, shop_id)
    for row in rows:
        key = row.key if row.key.startswith("env:") else "key set" if row.key else "no key"
        extras = [f"nodes {row.nodes}", f"thinking {row.thinking}", key, *(["guard"] if row.guard else [])]
        extras += [f"then {', '.join(row.fallback)}"] if row.fallback else []
        can = ",".join(row.abilities)
        size = f"{row.context_size} tokens"
        print("  ".join((row.name, row.kind, row.url, row.model, size, can, f"({'; '.join(extras)})")))
    for alias in aliases:
        print(described(alias))
    if "kefu" not in {alias.name for alias in aliases}:
        print("kefu → kefu-local (not set)")


def _test(db: Database, shop_id: int, name: str) -> int:
    with db.read() as connection:
        key = upstreams.get_upstream(connection, shop_id, name).key
        upstream = upstreams.load_table(connection, shop_id, os.environ).upstreams[name]
    if key.startswith("env:") and not upstream.key:
        print(f"! key  {key[4:]} is not set here, so that none is sent; the server reads its own environment")
    pool = Pool()
    checks = probe(pool, upstream)
    pool.close()
    for check in checks:
        print(f"{'✓' if check.ok else '✗'} {check.name}  {check.detail}  ({check.ms:g} ms)")
    return 0 if all(check.ok for check in checks) else 1
