"""`./kefu export KIND`: the shop's rows in the columns that `import` reads."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.cli.imports import find_kind
from kefu.errors import BadInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="what to export; `./kefu import --help` lists the kinds")
    add_shop_argument(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="CSV file to write (default: standard output)")


def run(args: argparse.Namespace) -> int:
    kind = find_kind(args.kind)
    if kind.dump is None:
        raise BadInput(f"{kind.name} cannot be exported.", "Keep the file that you imported.")
    db = open_database(args)
    with db.read() as connection:
        items = kind.load(connection, open_shop(db, args).id)
    out = args.out.open("w", encoding="utf-8-sig", newline="") if args.out else sys.stdout
    writer = csv.DictWriter(out, [column.name for column in kind.columns], lineterminator="\n")
    writer.writeheader()
    for item in items.values():
        writer.writerow(kind.dump(item))
    if args.out:
        out.close()
    return 0
