"""`./kefu shop create|list|token|revoke`."""

from __future__ import annotations

import argparse
import getpass
import sys

from kefu.cli.context import add_data_argument, open_database
from kefu.store import shops
from kefu.store.db import Database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|token|revoke")
    for name, help_text in (
        ("create", "make a shop and print its first token"),
        ("list", "the shops of this store"),
        ("token", "print a new token for the shop (shown once)"),
        ("revoke", "make a token useless; it is read from standard input, not from the command line"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_data_argument(action)
        if name != "list":
            action.add_argument("name", metavar="NAME")
        if name == "revoke":
            action.add_argument("--all", action="store_true", help="every token of the shop")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    if args.action == "list":
        with db.read() as connection:
            for shop in shops.list_shops(connection):
                print(shop.name)
        return 0
    if args.action == "revoke":
        return _revoke(db, args.name, every=args.all)
    with db.write() as connection:
        shop = (shops.create_shop if args.action == "create" else shops.find_shop)(connection, args.name)
        token = shops.create_token(connection, shop.id, label="cli")
    print(token)
    return 0


def _revoke(db: Database, name: str, *, every: bool) -> int:
    """Status 1 if there was nothing to revoke."""
    with db.write() as connection:
        shop = shops.find_shop(connection, name)
        if every:
            count = shops.forget_tokens(connection, shop.id)
        else:
            token = getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline()
            count = int(shops.forget_token(connection, shop.id, token.strip()))
    print(f"{count} revoked. ./kefu shop token {name} makes a new one." if count else "No such token: nothing changed.")
    return 0 if count else 1
