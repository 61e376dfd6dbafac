"""`./kefu eval NAME`: measure a part and write what came out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import kefu.demo
from kefu.cli import eval_app, eval_compare, eval_ladder
from kefu.core.intents import Example
from kefu.evaluation.report_html import render
from kefu.evaluation.understanding import as_table, evaluate_folder, evaluate_set
from kefu.jobs.output import write_whole
from kefu.jobs.tables import read_table


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``add_arguments`` adds flags, ``run`` measures, prints and returns the exit status."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = parser.add_subparsers(dest="evaluation", metavar="NAME", required=True)
    for name, evaluation in EVALUATIONS.items():
        evaluation.add_arguments(names.add_parser(name, help=evaluation.help, description=evaluation.help))


def run(args: argparse.Namespace) -> int:
    return EVALUATIONS[args.evaluation].run(args)


def _understanding_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", metavar="DIR", type=Path, help="folder of intent_*_train.jsonl (default: the sample shop)"
    )
    parser.add_argument("--unlabelled", metavar="FILE", type=Path, help='rows {"text"} of real customers, any topic')
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the report as HTML, too")


def _understanding(args: argparse.Namespace) -> int:
    if args.data:
        figures = evaluate_folder(args.data, args.unlabelled, lambda line: print(line, file=sys.stderr, flush=True))
    else:
        rows = read_table(Path(kefu.demo.__file__).parent / "intents.csv")
        examples = [Example(row.values["text"], row.values["intent"]) for row in rows if row.values["text"]]
        figures = evaluate_set("sample shop", examples)
    print(as_table(figures))
    if args.out:
        note = "Held-out rows; sentences that are nearly the same never stand on both sides. Intervals are Wilson's."
        write_whole(args.out, render("Understanding", figures, note).encode())
    return 0


EVALUATIONS: dict[str, Evaluation] = {
    "ladder": Evaluation("rules to tuned model, on one set", eval_ladder.add_arguments, eval_ladder.run),
    "compare": Evaluation("two saved runs of the ladder", eval_compare.add_arguments, eval_compare.run),
    "understanding": Evaluation("intents on labelled sentences", _understanding_arguments, _understanding),
    "app": Evaluation("a question set through a deployed app", eval_app.add_arguments, eval_app.run),
}
