"""`./kefu undeploy`: takes away from a Dify what `deploy` made there, and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from kefu.cli.context import add_data_argument, settings_of
from kefu.cli.deploy import MARKS
from kefu.cli.dify_access import add_dify_arguments, dify_url, way_in
from kefu.dify.console import Console, say_nothing
from kefu.dify.deploy import Line, state_folder
from kefu.dify.state import State
from kefu.dify.undeploy import undeploy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_dify_arguments(parser)
    add_data_argument(parser)
    parser.add_argument("--dry-run", action="store_true", help="print each call that would change something, make none")


def run(args: argparse.Namespace) -> int:
    failed: list[Line] = []
    trace: Callable[[str], None] = print if args.dry_run else say_nothing

    def show(line: Line) -> None:
        print(f"{MARKS[line.happened]} {line.what}: {line.happened}  {line.detail}")
        if line.happened == "failed":
            failed.append(line)

    with Console(dify_url(args), dry_run=args.dry_run, trace=trace) as console:
        state = State.load(state_folder(settings_of(args).data_dir), console.url, keep=not args.dry_run)
        if not state.made:
            print(f"Nothing of ours is known in {console.url} ({state.path}).")
            return 0
        console.open(way_in(args))
        undeploy(console, state, show)
    return 1 if failed else 0
