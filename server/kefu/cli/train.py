"""`./kefu train`: learn intents from a file into a file, or from a shop's examples into the shop."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from kefu.cli.context import open_database, open_shop
from kefu.core.intents import train
from kefu.core.intents.report import TrainingReport
from kefu.errors import BadInput
from kefu.jobs.labelled import read_examples, read_texts
from kefu.jobs.output import write_whole
from kefu.jobs.training import train_shop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", metavar="FILE", type=Path, help='rows {"text", "label"}; without it the shop\'s examples'
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="where the model goes; without it into the shop")
    parser.add_argument("--unlabelled", metavar="FILE", type=Path, help='rows {"text"} of real customers, any topic')
    parser.add_argument(
        "--unknown-keep",
        metavar="SHARE",
        type=float,
        default=0.9,
        help="share of known texts not to reject (default 0.9)",
    )
    parser.add_argument("--seed", type=int, default=0, help="number that fixes the folds (default 0)")
    parser.add_argument("--shop", metavar="NAME", help="the shop to train, when there is no --data")
    parser.add_argument("--store", metavar="DIR", help="folder of the shop's store (default: KEFU_DATA_DIR or ~/.kefu)")


def run(args: argparse.Namespace) -> int:
    if not 0 < args.unknown_keep <= 1:
        raise BadInput(f"--unknown-keep {args.unknown_keep} is no share.", "Give a number over 0, at most 1.")
    others = read_texts(args.unlabelled) if args.unlabelled else []
    if args.data is None:
        return _train_shop(args, others)
    if args.data.is_dir():
        raise BadInput(f"{args.data} is a folder; --data is a file of rows here.", "A shop's store is --store.")
    if args.out is None:
        raise BadInput("--data needs --out.", "Name the file for the model.")
    model = train(read_examples(args.data), others, seed=args.seed, keep=args.unknown_keep, progress=show_progress)
    write_whole(args.out, model.to_bytes())
    print(describe(model.report))
    return 0


def _train_shop(args: argparse.Namespace, others: list[str]) -> int:
    db = open_database(argparse.Namespace(data=args.store))
    shop = open_shop(db, args)
    version = train_shop(
        db, shop.id, datetime.now(UTC), unlabelled=others, keep=args.unknown_keep, progress=show_progress
    )
    print(describe(TrainingReport.from_dict(version.report)))
    print(f"Version {version.version} is in use.")
    return 0


def show_progress(step: str, share: float) -> None:
    print(f"train: {step} {share:.0%}", file=sys.stderr, flush=True)


def describe(report: TrainingReport) -> str:
    """The report as lines for a terminal."""
    folds = " ".join(f"{fold:.3f}" for fold in report.folds)
    lines = [
        f"{report.examples} examples of {report.intents} intents, {report.skipped} empty rows skipped",
        f"held-out accuracy {report.accuracy:.3f} (folds {folds})",
    ]
    lines += [f"with {point.share:.0%} of the examples: {point.accuracy:.3f}" for point in report.curve]
    lines += [f"too few examples: {label} has {count}" for label, count in report.too_few]
    lines += [f"contradiction: “{row.text}” is {' and '.join(row.labels)}" for row in report.contradictions]
    lines += [
        f"confused: {row.truth} taken for {row.guess} {row.count} times, e.g. “{row.example}”"
        for row in report.confusions[:10]
    ]
    return "\n".join(lines)
