"""`./kefu eval compare`: two saved runs of the ladder."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from kefu.evaluation.compare import compare_runs
from kefu.evaluation.ladder_text import differences_text
from kefu.evaluation.runs import read_run
from kefu.jobs.output import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="BEFORE.json", type=Path, help="what `eval ladder --json` wrote")
    parser.add_argument("after", metavar="AFTER.json", type=Path)
    parser.add_argument("--rungs", nargs=2, metavar=("RUNG", "RUNG"), action="append", default=[],
                        help="also compare these two: of BEFORE, of AFTER (may be given again)")  # fmt: skip
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the differences, too")


def run(args: argparse.Namespace) -> int:
    found = compare_runs(read_run(args.before), read_run(args.after), [tuple(pair) for pair in args.rungs])
    print(differences_text(found))
    if args.json:
        write_whole(args.json, json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1).encode())
    return 0
