"""`./kefu backup FILE`: everything in the store as one file; `--restore` brings it back, on another database too."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kefu.cli.context import add_data_argument, open_database
from kefu.store.backup import restore_backup, write_backup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument("file", metavar="FILE", help="e.g. kefu-2026-11-22.gz; it holds keys and secrets, keep it safe")
    parser.add_argument("--restore", action="store_true", help="read FILE instead of writing it")
    parser.add_argument("--replace", action="store_true", help="with --restore: drop what the store holds now")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    path = Path(args.file)
    try:
        if args.restore:
            rows = restore_backup(db, path, replace=args.replace, say=_say)
            print(f"{rows:,} rows restored from {path}. Restart running servers.")
        else:
            rows = write_backup(db, path, say=_say)
            print(f"{rows:,} rows written to {path}.")
    finally:
        db.close()
    return 0


def _say(table: str, rows: int) -> None:
    if rows:
        print(f"  {table}: {rows:,}", file=sys.stderr)
