"""`./kefu profile show|set KIND`: voice, emotion, guard and desk of a shop as JSON."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.errors import BadInput, NotFound
from kefu.store import profiles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|set")
    for name, help_text in (
        ("show", "print what is in force"),
        ("set", "replace it by a JSON file; names left out get defaults"),
    ):
        action = actions.add_parser(name, help=help_text, description=help_text)
        action.add_argument("kind", choices=tuple(profiles.KINDS), metavar="KIND", help=", ".join(profiles.KINDS))
        if name == "set":
            action.add_argument("file", type=Path, metavar="FILE", help="JSON as `show` prints it")
        add_shop_argument(action)


def run(args: argparse.Namespace) -> int:
    data = read_json(args.file) if args.action == "set" else None
    db = open_database(args)
    shop = open_shop(db, args)
    with db.write() as connection:
        if data is not None:
            profiles.set_profile(connection, shop.id, args.kind, data, datetime.now(UTC))
        value = profiles.get_profile(connection, shop.id, args.kind)
    print(json.dumps(asdict(value), ensure_ascii=False, indent=2))
    return 0


def read_json(path: Path) -> dict:
    """The object in ``path``. Raises NotFound, BadInput."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{path.name} is no JSON ({error}).", "Start from what `show` prints.") from error
    if not isinstance(data, dict):
        raise BadInput(f"{path.name} holds no object.", "Start from what `show` prints.")
    return data
