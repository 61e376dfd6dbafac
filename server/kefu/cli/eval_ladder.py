"""`./kefu eval ladder`."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.errors import BadInput
from kefu.evaluation.climb import Pace
from kefu.evaluation.frozen import write_frozen
from kefu.evaluation.ladder_html import run_page
from kefu.evaluation.ladder_run import Climb, frozen_set, run_ladder
from kefu.evaluation.ladder_text import run_text
from kefu.evaluation.measured import SECTIONS, Price
from kefu.evaluation.runs import write_run
from kefu.jobs.output import write_whole
from kefu.settings import Settings

REPEATED = 50
"""Questions of a rung that are asked again for pass^k."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_shop_argument(parser)
    add = parser.add_argument
    add("--set", metavar="FILE", type=Path, help="frozen set: text with label, slots or both (CSV, JSON Lines, …)")
    add("--freeze", metavar="FILE", type=Path, help="write the set that is measured, to give to later runs")
    add("--base", metavar="NAME", default="", help="the shop's upstream before tuning")
    add("--tuned", metavar="NAME", default="", help="the tuned one")
    add("--only", choices=SECTIONS, action="append", help="this section only (may be given again)")
    add("--most", metavar="N", type=int, default=0, help="questions of a section at most (0 = all)")
    add("--repeat", metavar="K", type=int, default=4, help=f"ask {REPEATED} of each K times for pass^K (default 4)")
    add("--workers", metavar="N", type=int, default=1, help="questions at once (more than 1 changes latencies)")
    add("--per-second", metavar="N", type=float, default=0.0, help="requests at most (0 = no limit)")
    add("--price", metavar="NAME=IN,OUT", action="append", default=[], help="price of 1,000 tokens of a model")
    add("--currency", metavar="CODE", help="of the prices (or KEFU_CURRENCY)")
    add("--cache", metavar="FILE", type=Path, help="keep every answer there and ask none of them again, ever")
    add("--fresh", action="store_true", help="forget what an interrupted run was answered")
    add(
        "--json", metavar="FILE", type=Path, help="write every row and figure, for `finetune report` and `eval compare`"
    )
    add("--out", metavar="FILE", type=Path, help="write the report as HTML")


def run(args: argparse.Namespace) -> int:
    if args.repeat < 1 or args.workers < 1 or args.most < 0 or args.per_second < 0:
        raise BadInput("--repeat, --workers, --most or --per-second is out of range.", "1 or more; 0 or more.")
    settings = settings_of(args)
    engine = Engine(open_database(args), settings, make_clock(settings))
    try:
        shop = open_shop(engine.db, args)
        journal = args.cache or settings.data_dir / f"ladder-{shop.id}.unfinished.jsonl"
        if args.fresh:
            journal.unlink(missing_ok=True)
        wanted = _wanted(args, settings, journal)
        frozen = frozen_set(engine, shop, wanted)
        if args.freeze:
            write_frozen(args.freeze, frozen)
        run = run_ladder(engine, shop, wanted, frozen, _say, Line().show)
    finally:
        engine.close()
    print(run_text(run))
    if args.json:
        write_run(args.json, run)
    if args.out:
        write_whole(args.out, run_page(run).encode())
    if run.left_out:
        return 1
    if not args.cache:
        journal.unlink(missing_ok=True)  # finished: the next run measures anew
    return 0


def _wanted(args: argparse.Namespace, settings: Settings, journal: Path) -> Climb:
    default = Price(settings.price_prompt, settings.price_completion)
    prices = {name: default for name in (args.base, args.tuned) if name}
    return Climb(
        data=args.set,
        base=args.base,
        tuned=args.tuned,
        sections=tuple(args.only or SECTIONS),
        most=args.most,
        journal=journal,
        per_second=args.per_second,
        pace=Pace(args.workers, args.repeat, REPEATED),
        prices=prices | dict(map(read_price, args.price)),
        currency=args.currency or settings.currency,
    )


def read_price(text: str) -> tuple[str, Price]:
    """NAME=IN,OUT. Raises BadInput."""
    name, _, values = text.partition("=")
    try:
        prompt, completion = (float(value) for value in values.split(","))
    except ValueError as error:
        raise BadInput(
            f"--price {text} is no price.", "Like --price base=0.0008,0.002 (1,000 tokens in, out)."
        ) from error
    return name, Price(prompt, completion)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(slots=True)
class Line:
    """Progress on standard error: a line at the end of a rung, and every few seconds within one."""

    every: float = 5.0
    _name: str = ""
    _began: float = 0.0
    _shown: float = field(default=0.0)

    def show(self, name: str, done: int, total: int) -> None:
        now = time.monotonic()
        if name != self._name:
            self._name, self._began, self._shown = name, now, now
        if done < total and now - self._shown < self.every:
            return
        self._shown = now
        left = (now - self._began) / done * (total - done)
        _say(f"{name}: {done}/{total}{f', about {left:.0f} s left' if done < total else ''}")
