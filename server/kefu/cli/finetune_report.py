"""`./kefu finetune report`: should I tune, and may I switch to what I tuned?"""

from __future__ import annotations

import argparse
from pathlib import Path

import orjson

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.core.decide import Asked, Ports, decide
from kefu.core.dialogue import State
from kefu.core.orders import OrderAnswer
from kefu.engine import Engine
from kefu.errors import BadInput
from kefu.evaluation.gates import read_gates
from kefu.evaluation.runs import read_run
from kefu.finetune.chain import QUESTION, measure_chains
from kefu.finetune.readiness import readiness_of
from kefu.finetune.report import Report, report_text
from kefu.finetune.shop_rows import read_shop
from kefu.jobs.output import write_whole

GATES = Path(__file__).resolve().parents[3] / "finetune" / "gates.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shop_argument(parser)
    parser.add_argument("ladder", metavar="LADDER.json", type=Path, help="what `./kefu eval ladder --json` wrote")
    parser.add_argument("--gates", metavar="FILE", type=Path, default=GATES, help="thresholds (finetune/gates.yaml)")
    parser.add_argument("--seconds", metavar="N", type=float, default=2.0, help="how long the stub model takes")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write it with every failure and its cause")


def run(args: argparse.Namespace) -> int:
    if not 0 <= args.seconds <= 60:
        raise BadInput("--seconds is out of range.", "0 to 60.")
    measured, gates = read_run(args.ladder), read_gates(args.gates)
    settings = settings_of(args)
    engine = Engine(open_database(args), settings, make_clock(settings))
    try:
        shop = open_shop(engine.db, args)
        with engine.db.read() as connection:
            rows = read_shop(connection, shop.id)
        parts = engine.snapshots.of(shop.id).parts
        asked, nothing = Asked(QUESTION, "", engine.clock()), OrderAnswer(found=False, reply="")
        ports = Ports(lambda _skus: {}, lambda *_asked: nothing)
        chains = measure_chains(args.seconds, lambda: decide(parts, asked, State(), ports))
    finally:
        engine.close()
    gates = gates.of_shop(rows.roles)
    report = Report.of(measured, gates, rows.examples, readiness_of(rows, gates), chains, args.seconds)
    print(report_text(report))
    if args.json:
        write_whole(args.json, orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))
    return 0
