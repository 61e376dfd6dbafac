"""`./kefu finetune NAME`: should I, prepare, prove."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kefu.cli import finetune_report
from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.errors import BadInput
from kefu.finetune.frameworks import MODELS
from kefu.finetune.prepare import Plan, prepare
from kefu.finetune.shop_rows import read_shop
from kefu.finetune.splits import Split


@dataclass(frozen=True, slots=True)
class Part:
    """``add_arguments`` adds flags, ``run`` does it and returns the exit status."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = parser.add_subparsers(dest="part", metavar="NAME", required=True)
    for name, part in PARTS.items():
        part.add_arguments(names.add_parser(name, help=part.help, description=part.help))


def run(args: argparse.Namespace) -> int:
    return PARTS[args.part].run(args)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _prepare_arguments(parser: argparse.ArgumentParser) -> None:
    add_shop_argument(parser)
    add = parser.add_argument
    add("--out", metavar="DIR", type=Path, default=Path("finetune-data"), help="folder to make")
    add("--frozen", metavar="FILE", type=Path, help="what `eval ladder --freeze` wrote: measured on, never trained on")
    add("--own", metavar="FILE", type=Path, action="append", default=[],
        help="your rows: alpaca, sharegpt, query/response, messages, text/label; JSON, JSON Lines")  # fmt: skip
    add("--turns", metavar="N", type=int, default=10_000, help="latest turns of the store to learn from; 0 = none")
    add("--per-intent", metavar="N", type=int, default=60, help="sentences of each intent; 0 = all")
    add("--copies", metavar="N", type=int, default=12, help="fillings of each sentence with holes")
    add("--model", choices=sorted(MODELS), action="append", help="configurations for (default: all)")
    add("--test-since", metavar="DAY", default="", help="rows of that day (ISO) and later are test")
    add("--seed", metavar="N", type=int, default=1)
    add("--replace", action="store_true", help="replace the folder if it exists")


def _prepare(args: argparse.Namespace) -> int:
    if args.per_intent < 0 or args.copies < 1 or args.turns < 0:
        raise BadInput("--per-intent, --turns or --copies is out of range.", "0 or more; 0 or more; 1 or more.")
    plan = Plan(
        out=args.out,
        own=tuple(args.own),
        frozen=args.frozen,
        per_intent=args.per_intent,
        copies=args.copies,
        split=Split(since=args.test_since, seed=args.seed),
        models=tuple(args.model or MODELS),
        replace=args.replace,
    )
    db = open_database(args)
    try:
        shop = open_shop(db, args)
        with db.read() as connection:
            rows = read_shop(connection, shop.id, args.turns)
    finally:
        db.close()
    tally = prepare(rows, plan, f"{shop.id}:{shop.name}", say)
    for split, count in tally.as_dict()["splits"].items():
        print(f"{split:6} {count:6} rows")
    print(f"{args.out}: read DATA_CARD.md, then SERVE.md.")
    return 0


PARTS: dict[str, Part] = {
    "report": Part("should I tune? may I switch?", finetune_report.add_arguments, finetune_report.run),
    "prepare": Part("training rows and configurations from the shop's data", _prepare_arguments, _prepare),
}
