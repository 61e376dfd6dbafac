"""`./kefu export KIND`: the shop's rows in the columns that `import` reads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.cli.imports import find_kind
from kefu.jobs.exports import WRITERS, write_table
from kefu.jobs.output import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="what to export; `./kefu import --help` lists the kinds")
    add_shop_argument(parser)
    forms = ", ".join(f".{form}" for form in WRITERS)
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"file to write: {forms} (default: CSV on the screen)")


def run(args: argparse.Namespace) -> int:
    kind = find_kind(args.kind)
    db = open_database(args)
    with db.read() as connection:
        items = kind.load(connection, open_shop(db, args).id)
    content = write_table(kind, items.values(), args.out.suffix if args.out else "csv")
    if args.out:
        write_whole(args.out, content)
    else:
        sys.stdout.write(content.decode("utf-8-sig"))
    return 0
