"""`./kefu source pull|watch`: keep a shop's data as its own systems have them."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from functools import partial
from pathlib import Path
from threading import Event

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.cli.imports import find_kind
from kefu.errors import BadInput, KefuError
from kefu.jobs.imports import ImportReport, run_import
from kefu.jobs.pull import PullSource, pull
from kefu.jobs.watch import watch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = actions.add_parser("pull", help="import what an HTTP endpoint or a database query gives now")
    one.add_argument("kind", metavar="KIND")
    one.add_argument("place", metavar="URL", help="http(s)://… or an SQLAlchemy URL; env:NAME reads it from NAME")
    one.add_argument("--query", default="", help="SQL for a database, or @FILE")
    one.add_argument("--header", action="append", default=[], metavar="NAME: VALUE", help="VALUE may be env:NAME")
    one.add_argument("--rows-at", default="", metavar="PATH", help="where the list is in a JSON answer: data.items")
    one.add_argument("--rename", action="append", default=[], metavar="THEIRS=OURS", help="a column's name here")
    one.add_argument("--every", type=float, default=0, metavar="SECONDS", help="again and again until Ctrl-C")
    one.add_argument("--preview", action="store_true", help="say what each row would do, write nothing")
    one.add_argument("--keep-going", action="store_true", help="write the good rows even if some are wrong")
    add_shop_argument(one)
    two = actions.add_parser("watch", help="import a file each time it changes, until Ctrl-C")
    two.add_argument("kind", metavar="KIND")
    two.add_argument("file", metavar="FILE", type=Path)
    two.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="how often to look (default 2)")
    two.add_argument("--keep-going", action="store_true", help="write the good rows even if some are wrong")
    add_shop_argument(two)


def run(args: argparse.Namespace) -> int:
    kind = find_kind(args.kind)
    db = open_database(args)
    shop = open_shop(db, args)
    if args.action == "watch":
        read = partial(run_import, db, shop.id, kind, keep_going=args.keep_going)
        watch(args.file, read, _tell, _stop_on_signal(), args.every)
        return 0
    source = read_source(args)
    again = partial(pull, db, shop.id, kind, source, preview=args.preview, keep_going=args.keep_going)
    if not args.every:
        report = again(progress=_progress if sys.stderr.isatty() else None)
        _tell(report)
        return 1 if report.count("error") else 0
    stop = _stop_on_signal()
    while not stop.is_set():
        try:
            _tell(again())
        except KefuError as error:
            _tell(error)
        stop.wait(args.every)
    return 0


def read_source(args: argparse.Namespace) -> PullSource:
    """The flags as a source; secrets come from the environment with env:NAME."""
    query = args.query
    if query.startswith("@"):
        try:
            query = Path(query[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{query[1:]} cannot be read: {error.strerror}.", "Check the path.") from error
    headers = dict(_pair(header, ":", "--header") for header in args.header)
    return PullSource(
        _secret(args.place),
        query,
        {name: _secret(value) for name, value in headers.items()},
        args.rows_at,
        dict(_pair(one, "=", "--rename") for one in args.rename),
    )


def _pair(text: str, separator: str, flag: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not found or not name.strip():
        raise BadInput(f"{flag} {text!r} has no “{separator}”.", f"Write NAME{separator}VALUE.")
    return name.strip(), value.strip()


def _secret(value: str) -> str:
    if not value.startswith("env:"):
        return value
    if (found := os.environ.get(value[4:])) is None:
        raise BadInput(f"The environment has no {value[4:]}.", f"Set it, or write the value instead of {value}.")
    return found


def _stop_on_signal() -> Event:
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _tell(outcome: ImportReport | KefuError) -> None:
    if isinstance(outcome, KefuError):
        print(outcome, file=sys.stderr, flush=True)
        return
    for row in outcome.rows:
        if row.status == "error":
            print(row.told())
    for warning in outcome.warnings:
        print(f"warning: {warning}")
    print(outcome.summary(), flush=True)


def _progress(count: int) -> None:
    print(f"\r{count} rows read", end="", file=sys.stderr, flush=True)
