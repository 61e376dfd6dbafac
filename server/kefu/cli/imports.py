"""`./kefu import KIND FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.demo.starter import is_all_starter, remove_starter
from kefu.errors import BadInput
from kefu.jobs.documents import READERS, About, import_document
from kefu.jobs.imports import ImportKind, ImportReport, run_import
from kefu.jobs.kinds import KINDS
from kefu.jobs.training import ensure_model
from kefu.store.db import Database
from kefu.store.shops import Shop

FIRST_ROWS = 5
"""So many rows without an error are shown of a preview."""


class _HelpOfKind(argparse.Action):
    """`--help` alone explains the command; `--help KIND` documents that kind's columns."""

    def __call__(self, parser, namespace, values, option_string=None):
        if values is None and namespace.__dict__.get("kind"):
            values = namespace.kind
        if values is None:
            parser.print_help()
        else:
            print(describe(find_kind(values)))
        parser.exit(0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for action in list(parser._actions):
        if "--help" in action.option_strings:  # argparse offers no other way to give --help a value
            parser._remove_action(action)
            for option in action.option_strings:
                parser._option_string_actions.pop(option)
    parser.add_argument(
        "-h", "--help", nargs="?", action=_HelpOfKind, metavar="KIND", help="this text, or KIND's columns"
    )
    parser.epilog = (
        "Moments without a zone are in that of KEFU_TIMEZONE. KEFU_NOW, if it is set, is the moment of the import"
        " (stock without a time of counting): set it as `chat --now` is, to try a shop on another day."
    )
    parser.add_argument("kind", metavar="KIND", help=f"one of {', '.join(KINDS)}")
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV (UTF-8 or GBK), XLSX, JSON Lines or YAML")
    add_shop_argument(parser)
    parser.add_argument("--preview", action="store_true", help="say what the rows would do, write nothing")
    parser.add_argument("--all", action="store_true", help="with --preview: every row, not only the first few")
    parser.add_argument("--skip-existing", action="store_true", help="leave rows that the shop already has as they are")
    parser.add_argument("--keep-going", action="store_true", help="write the good rows even if some are wrong")
    parser.add_argument(
        "--prune", action="store_true", help="take away what the shop has of this kind and FILE has not"
    )
    document = parser.add_argument_group(f"documents ({', '.join(READERS)}; kind knowledge)")
    document.add_argument("--knowledge-id", default="", metavar="ID", help="manuals (default), after-sales or scripts")
    document.add_argument(
        "--product", default="", metavar="ID", help="the product that the document is about, by its id or name"
    )
    document.add_argument("--source", default="", metavar="NAME", help="what is cited (default: the file's name)")
    document.add_argument("--name", default="", metavar="NAME", help="replaces the document of this name")


def run(args: argparse.Namespace) -> int:
    kind = find_kind(args.kind)
    db = open_database(args)
    shop = open_shop(db, args)
    if kind.name == "knowledge" and args.file.suffix.lower() in READERS:
        about = About(args.knowledge_id, args.product, args.name, args.source)
        report = import_document(db, shop.id, args.file, about, preview=args.preview)
    else:
        if kind.name == "intents" and not args.preview:
            _make_room(db, shop, args)
        report = run_import(
            db,
            shop.id,
            kind,
            args.file,
            preview=args.preview,
            overwrite=not args.skip_existing,
            keep_going=args.keep_going,
            prune=args.prune,
            progress=_show_progress if sys.stderr.isatty() else None,
        )
    _print_report(report, (len(report.rows) if args.all else FIRST_ROWS) if args.preview else 0)
    if kind.name == "intents" and report.written:
        ensure_model(db, shop.id, print)
    return 1 if report.count("error") else 0


def _make_room(db: Database, shop: Shop, args: argparse.Namespace) -> None:
    """A shop's first own sentences replace the general ones that it began with."""
    if not is_all_starter(db, shop.id):
        return
    report = run_import(db, shop.id, KINDS["intents"], args.file, preview=True)
    sentences = any(row.key.startswith("text ") for row in report.rows)
    if sentences and (args.keep_going or not report.count("error")):
        remove_starter(db, shop.id)
        print(f"Yours replace the general intents. Both: ./kefu shop starter {shop.name}, after this.")


def find_kind(name: str) -> ImportKind:
    if name not in KINDS:
        raise BadInput(f"There is no kind “{name}”.", f"Use one of {', '.join(KINDS)}.")
    return KINDS[name]


def describe(kind: ImportKind) -> str:
    """The columns of a kind as a person reads them, a sample and advice."""
    lines = [f"{kind.name}: {kind.help}", "", "columns (* required; other accepted headers in brackets):"]
    for column in kind.columns:
        also = f" [{', '.join(column.aliases)}]" if column.aliases else ""
        lines.append(f"  {column.name}{'*' if column.required and not column.default else ''}{also}: {column.help}")
    sample = kind.sample.read_text(encoding="utf-8").rstrip()
    lines += ["", f"for example ({kind.name}.csv; columns that stay empty may be left out):", "", sample]
    return "\n".join([*lines, "", kind.advice] if kind.advice else lines)


def _show_progress(count: int) -> None:
    print(f"\r{count} rows read", end="", file=sys.stderr, flush=True)


def _print_report(report: ImportReport, most: int) -> None:
    """Every error, and of the other rows the first ``most``."""
    good = 0
    for row in report.rows:
        good += row.status != "error"
        if row.status in ("error", "removed") or good <= most:
            print(row.told())
    if most and good > most:
        print(f"… and {good - most} more rows without an error; --all shows them")
    for warning in report.warnings:
        print(f"warning: {warning}")
    print(report.summary())
    if (wrong := report.count("error")) and not report.written:
        print(f"Correct {'that row' if wrong == 1 else 'those rows'}, or import the others with --keep-going.")
