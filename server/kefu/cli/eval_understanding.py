"""`./kefu eval understanding`: intents, places and dates, dialogues."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import kefu.demo
from kefu.core.intents import Example
from kefu.errors import NotFound
from kefu.evaluation.metrics import Figure
from kefu.evaluation.places import evaluate_places
from kefu.evaluation.report_html import render
from kefu.evaluation.sample_dialogues import evaluate_dialogues
from kefu.evaluation.understanding import as_table, evaluate_folder, evaluate_set
from kefu.jobs.output import write_whole
from kefu.jobs.tables import read_table

CASES = Path(kefu.demo.__file__).parents[3] / "tests" / "cases"
NOTE = (
    "Held-out rows; sentences that are nearly the same never stand on both sides. Intervals are Wilson's; an F1 is no "
    "share and has none. The accuracy after 25 and 50 % of the examples, and after all, is the learning curve: if it "
    "still climbs, more and more varied examples help more than anything else."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="folder of intent_*_train.jsonl and slots_*place_date*.jsonl (default: the sample shop's examples)",
    )
    parser.add_argument("--unlabelled", metavar="FILE", type=Path, help='rows {"text"} of real customers, any topic')
    parser.add_argument(
        "--dialogues",
        metavar="FILE",
        type=Path,
        nargs="*",
        help="dialogues (YAML) with the sample shop (default: those of the repository; no FILE: none)",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the report as HTML, too")


def run(args: argparse.Namespace) -> int:
    figures = _intents(args)
    if args.data:
        figures += evaluate_places(args.data)
    dialogues = sorted(CASES.glob("dialogues*.yaml")) if args.dialogues is None else args.dialogues
    if dialogues:
        figures += evaluate_dialogues(dialogues, _say)
    print(as_table(figures))
    if args.out:
        write_whole(args.out, render("Understanding", figures, NOTE).encode())
    return 0


def _intents(args: argparse.Namespace) -> list[Figure]:
    if args.data:
        if not args.data.is_dir():
            raise NotFound(f"There is no folder {args.data}.", "Name the folder with --data.")
        return evaluate_folder(args.data, args.unlabelled, _say)
    rows = read_table(Path(kefu.demo.__file__).parent / "intents.csv")
    examples = [Example(row.values["text"], row.values["intent"]) for row in rows if row.values["text"]]
    return evaluate_set("sample shop", examples, say=_say)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
