"""`./kefu eval ladder`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.evaluation.ladder import figures_of
from kefu.evaluation.ladder_html import ladder_page
from kefu.evaluation.ladder_run import Climb, as_json, run_ladder
from kefu.evaluation.understanding import as_table
from kefu.jobs.output import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shop_argument(parser)
    parser.add_argument("--set", metavar="FILE", type=Path, help="frozen set: rows text, label (CSV, JSON Lines, …)")
    parser.add_argument("--base", metavar="NAME", default="", help="the shop's upstream before tuning")
    parser.add_argument("--tuned", metavar="NAME", default="", help="the tuned one")
    parser.add_argument("--most", metavar="N", type=int, default=0, help="sentences at most (0 = all)")
    parser.add_argument("--cache", metavar="FILE", type=Path, help="keep answers: an interrupted run goes on there")
    parser.add_argument("--per-second", metavar="N", type=float, default=0.0, help="requests at most (0 = no limit)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write figures and guesses")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the report as HTML")


def run(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    engine = Engine(open_database(args), settings, make_clock(settings))
    try:
        shop = open_shop(engine.db, args)
        wanted = Climb(args.set, args.base, args.tuned, args.most, args.cache, args.per_second)
        task, results = run_ladder(engine, shop, wanted, lambda line: print(line, file=sys.stderr, flush=True))
    finally:
        engine.close()
    print(as_table([figure for result in results for figure in figures_of(task, result)]))
    if args.json:
        write_whole(args.json, json.dumps(as_json(task, results), ensure_ascii=False, indent=1).encode())
    if args.out:
        write_whole(args.out, ladder_page(task, results).encode())
    return 0
