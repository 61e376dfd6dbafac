"""`./kefu finetune NAME`: should I, prepare, prove."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.core.rules import RuleSet
from kefu.core.text import normalise
from kefu.errors import BadInput
from kefu.evaluation.should_i import Identity, may_switch, read_gates, should_i
from kefu.finetune.chain import measure_chains
from kefu.finetune.frameworks import MODELS
from kefu.finetune.prepare import Plan, prepare
from kefu.finetune.shop_rows import read_shop
from kefu.finetune.splits import Split
from kefu.store.examples import list_examples
from kefu.store.rules import list_rules

GATES = Path(__file__).resolve().parents[3] / "finetune" / "gates.yaml"


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
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("finetune-data"), help="folder to make")
    parser.add_argument("--own", metavar="FILE", type=Path, action="append", default=[],
                        help="your rows: alpaca, sharegpt, query/response, messages; JSON, JSON Lines")  # fmt: skip
    parser.add_argument("--per-intent", metavar="N", type=int, default=60, help="sentences of each intent; 0 = all")
    parser.add_argument("--copies", metavar="N", type=int, default=12, help="fillings of each sentence with holes")
    parser.add_argument("--model", choices=sorted(MODELS), action="append", help="configurations for (default: all)")
    parser.add_argument("--test-since", metavar="DAY", default="", help="rows of that day (ISO) and later are test")
    parser.add_argument("--seed", metavar="N", type=int, default=1)
    parser.add_argument("--replace", action="store_true", help="replace the folder if it exists")


def _prepare(args: argparse.Namespace) -> int:
    if args.per_intent < 0 or args.copies < 1:
        raise BadInput("--per-intent or --copies is out of range.", "0 or more; 1 or more.")
    plan = Plan(
        out=args.out,
        own=tuple(args.own),
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
            rows = read_shop(connection, shop.id)
    finally:
        db.close()
    tally = prepare(rows, plan, f"{shop.id}:{shop.name}", say)
    for split, count in tally.as_dict()["splits"].items():
        print(f"{split:6} {count:6} rows")
    print(f"{args.out}: read DATA_CARD.md, then SERVE.md.")
    return 0


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    add_shop_argument(parser)
    parser.add_argument("ladder", metavar="LADDER.json", type=Path, help="what `./kefu eval ladder --json` wrote")
    parser.add_argument("--gates", metavar="FILE", type=Path, default=GATES, help="thresholds (finetune/gates.yaml)")
    parser.add_argument("--identity-hit", metavar="SHARE", type=float, help="measured share (0–1) of right answers")
    parser.add_argument("--identity-leak", metavar="SHARE", type=float, default=0.0, help="share naming another maker")
    parser.add_argument("--seconds", metavar="N", type=float, default=2.0, help="how long the stub model takes")


def _report(args: argparse.Namespace) -> int:
    ladder, gates = _ladder(args.ladder), read_gates(args.gates)
    identity = None if args.identity_hit is None else Identity(args.identity_hit, args.identity_leak)
    db = open_database(args)
    try:
        shop = open_shop(db, args)
        with db.read() as connection:
            examples = Counter(row.intent for row in list_examples(connection, shop.id))
            rules = list_rules(connection, shop.id)
    finally:
        db.close()
    verdict = should_i(ladder, examples, gates, identity)
    print("\n  ".join((f"Verdict: {verdict.verdict}", *verdict.reasons)))
    switch, against = may_switch(ladder, gates, identity)
    print("\n  ".join((f"Tuned model: {'switch' if switch else 'do not switch'}", *against)))
    print(f"A model of {args.seconds:g} s:")
    ruleset = RuleSet.build(rules)
    for name, took in measure_chains(args.seconds, lambda: ruleset.match(normalise("怎么还不发货"))).items():
        print(f"  {name:28} {took:.2f} s")
    return 0


def _ladder(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", "Run `./kefu eval ladder --json FILE`.") from error
    if not isinstance(found, dict) or not isinstance(found.get("rungs"), list):
        raise BadInput(f"{path} is no ladder.", "Run `./kefu eval ladder --json FILE`.")
    return found


PARTS: dict[str, Part] = {
    "report": Part("should I tune? may I switch?", _report_arguments, _report),
    "prepare": Part("training rows and configurations from the shop's data", _prepare_arguments, _prepare),
}
