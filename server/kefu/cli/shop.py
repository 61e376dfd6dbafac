"""`./kefu shop create|list|token`."""

from __future__ import annotations

import argparse

from kefu.cli.context import add_data_argument, open_database
from kefu.store import shops


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|token")
    for name, help_text in (
        ("create", "make a shop and print its first token"),
        ("list", "the shops of this store"),
        ("token", "print a new token for the shop (shown once)"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_data_argument(action)
        if name != "list":
            action.add_argument("name", metavar="NAME")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    if args.action == "list":
        with db.read() as connection:
            for shop in shops.list_shops(connection):
                print(shop.name)
        return 0
    with db.write() as connection:
        shop = (shops.create_shop if args.action == "create" else shops.find_shop)(connection, args.name)
        token = shops.create_token(connection, shop.id, label="cli")
    print(token)
    return 0
