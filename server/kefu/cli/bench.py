"""`./kefu bench NAME`: measured figures, as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from kefu.errors import BadInput
from kefu.evaluation.bench_catalogue import run_catalogue
from kefu.evaluation.bench_knowledge import SIZES as KNOWLEDGE_SIZES
from kefu.evaluation.bench_knowledge import run_knowledge
from kefu.evaluation.bench_load import CLIENTS, run_load
from kefu.evaluation.bench_models import run_models
from kefu.evaluation.bench_rules import SIZES, run_rules
from kefu.evaluation.bench_workers import run_workers

Bench = Callable[[argparse.Namespace], list[dict[str, Any]]]


def _rules(args: argparse.Namespace) -> list[dict[str, Any]]:
    sizes = tuple(args.sizes) if args.sizes else SIZES
    return run_rules(sizes, messages=args.messages, seed=args.seed, say=_say)


def _catalogue(args: argparse.Namespace) -> list[dict[str, Any]]:
    return run_catalogue(args.sizes or (10_000, 100_000), asked=args.messages, seed=args.seed, say=_say)


def _knowledge(args: argparse.Namespace) -> list[dict[str, Any]]:
    return run_knowledge(args.sizes or KNOWLEDGE_SIZES, asked=args.messages, seed=args.seed, say=_say)


def _load(args: argparse.Namespace) -> list[dict[str, Any]]:
    return run_load(tuple(args.sizes) if args.sizes else CLIENTS, messages=args.messages, seed=args.seed, say=_say)


def _workers(args: argparse.Namespace) -> list[dict[str, Any]]:
    sizes = args.sizes or (10_000,)
    if len(sizes) > 1:
        raise BadInput("bench workers measures with one catalogue.", "Give one number of SKUs.")
    return run_workers(sizes[0], args.database, say=_say)


BENCHES: dict[str, Bench] = {
    "catalogue": _catalogue,
    "knowledge": _knowledge,
    "load": _load,
    "models": lambda args: run_models(args.messages, say=_say),
    "rules": _rules,
    "workers": _workers,
}
"""Name → what makes its rows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(BENCHES)}")
    parser.add_argument("--json", action="store_true", help='one object, {"rows": [{…}, …]}')
    parser.add_argument(
        "--sizes", type=int, nargs="+", metavar="N", help="how many rules, products, clients, … to measure with"
    )
    parser.add_argument("--messages", type=int, default=200, help="messages of each sort (200)")
    parser.add_argument(
        "--database", default="", metavar="URL", help="workers: an empty PostgreSQL database to measure with as well"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the made data (1)")


def run(args: argparse.Namespace) -> int:
    if args.name not in BENCHES:
        raise BadInput(f"There is no bench “{args.name}”.", f"Use one of {', '.join(BENCHES)}.")
    rows = BENCHES[args.name](args)
    if args.json:
        print(json.dumps({"rows": rows}, ensure_ascii=False))
    else:
        print(as_table(rows))
    return 0


def as_table(rows: list[dict[str, Any]]) -> str:
    """Figures one a line, a column for each row."""
    if not rows:
        return ""
    names = dict.fromkeys(name for row in rows for name in row)
    lines = [(name, *(_shown(row.get(name, "")) for row in rows)) for name in names]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    )


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
