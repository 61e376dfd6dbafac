"""`./kefu eval NAME`: measure a part and write what came out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from kefu.cli import eval_app, eval_compare, eval_ladder, eval_understanding


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


EVALUATIONS: dict[str, Evaluation] = {
    "ladder": Evaluation("rules to tuned model, on one set", eval_ladder.add_arguments, eval_ladder.run),
    "compare": Evaluation("two saved runs of the ladder", eval_compare.add_arguments, eval_compare.run),
    "understanding": Evaluation(
        "intents, places and dates, dialogues", eval_understanding.add_arguments, eval_understanding.run
    ),
    "app": Evaluation("a question set through a deployed app", eval_app.add_arguments, eval_app.run),
}
