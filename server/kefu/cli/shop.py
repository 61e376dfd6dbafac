"""`./kefu shop create|starter|list|token|revoke|remove`."""

from __future__ import annotations

import argparse
import getpass
import sys

from kefu.cli.context import add_data_argument, open_database
from kefu.demo.starter import add_starter, is_learnt, remove_starter
from kefu.jobs.training import ensure_model
from kefu.store import shops
from kefu.store.db import Database
from kefu.store.examples import list_examples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="create|starter|list|token|revoke|remove")
    for name, help_text in (
        ("create", "make a shop and print its first token; beside the sample shop it has the general intents"),
        ("starter", "give a shop the general intents that a new one begins with, beside its own"),
        ("list", "the shops of this store"),
        ("token", "print a new token for the shop (shown once)"),
        ("revoke", "make a token useless; it is read from standard input, not from the command line"),
        ("remove", "take a shop away with all its data; asks for its name again"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_data_argument(action)
        if name != "list":
            action.add_argument("name", metavar="NAME")
        if name == "create":
            action.add_argument("--bare", action="store_true", help="without the general intents")
        if name == "starter":
            action.add_argument("--remove", action="store_true", help="take them away: only its own from now on")
        if name == "revoke":
            action.add_argument("--all", action="store_true", help="every token of the shop")
        if name == "remove":
            action.add_argument("--yes", metavar="NAME", help="the shop's name again, instead of being asked for it")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    if args.action == "list":
        _say(f"Shops in {_store(db)}:")
        with db.read() as connection:
            for shop in shops.list_shops(connection):
                print(shop.name)
        return 0
    if args.action == "revoke":
        return _revoke(db, args.name, every=args.all)
    if args.action == "remove":
        return _remove(db, args.name, again=args.yes)
    if args.action == "starter":
        return _starter(db, args.name, remove=args.remove)
    with db.write() as connection:
        shop = (shops.create_shop if args.action == "create" else shops.find_shop)(connection, args.name)
        token = shops.create_token(connection, shop.id, label="cli")
    if args.action == "create":
        _say(f"The shop {shop.name} is in {_store(db)}.")
    _say(f"The token of {shop.name}, shown once: Dify's kefu tools and ./kefu deploy ask for it.")
    print(token, flush=True)
    if args.action == "create" and not args.bare:
        _begin(db, shop)
    return 0


def _begin(db: Database, shop: shops.Shop) -> None:
    """The general intents, where that takes seconds."""
    if is_learnt(db):
        add_starter(db, shop.id)
        ensure_model(db, shop.id, _say)
    else:
        _say(
            f"It knows no intents yet: in {_store(db)} no sample shop has learnt them (./kefu up"
            f" with the same HOME or --data). A minute or two for the general ones: ./kefu shop starter {shop.name}"
        )


def _store(db: Database) -> str:
    """The store as a person knows it: the file or the address, without a password."""
    return db.engine.url.render_as_string()


def _say(line: str) -> None:
    """Beside the token, which may be read by another program."""
    print(line, file=sys.stderr, flush=True)


def _starter(db: Database, name: str, *, remove: bool) -> int:
    with db.read() as connection:
        shop = shops.find_shop(connection, name)
    count = (remove_starter if remove else add_starter)(db, shop.id)
    print(f"{count} general sentences {'removed' if remove else 'added'}.")
    with db.read() as connection:
        left = {row.intent for row in list_examples(connection, shop.id)}
    if len(left) > 1:
        ensure_model(db, shop.id, print)
    elif count:
        print("Fewer than two intents are left: the old model answers until `./kefu import intents FILE` brings yours.")
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


def _remove(db: Database, name: str, *, again: str | None) -> int:
    """Status 1 if the name was not given again."""
    with db.read() as connection:
        shop = shops.find_shop(connection, name)
    if again is None:
        _say(f"All data of the shop {name} in {_store(db)} will be gone; ./kefu backup keeps a copy of the store.")
        again = input("Its name again: ") if sys.stdin.isatty() else sys.stdin.readline()
    if again.strip() != name:
        print(f"“{again.strip()}” is not {name}: nothing was removed.")
        return 1
    with db.write() as connection:
        counts = shops.remove_shop(connection, shop)
    rows = ", ".join(f"{count} {table}" for table, count in counts.items())
    print(f"The shop {name} is gone from {_store(db)}" + (f", with {rows}." if rows else "."))
    return 0
