"""`./kefu eval app`: a question set through a deployed app's own API."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from kefu.cli.dify_access import secret
from kefu.dify.service import ServiceApi
from kefu.errors import BadInput
from kefu.evaluation.app_eval import Answered, evaluate, figures, latency, read_questions
from kefu.evaluation.report_html import render
from kefu.evaluation.understanding import as_table
from kefu.jobs.output import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--dify", metavar="URL", help="address of the Dify (or KEFU_DIFY_URL)")
    add("--key", metavar="KEY", help="the app's key; better in KEFU_DIFY_APP_KEY, a flag is seen in the process list")
    add("--key-file", metavar="FILE", type=Path, help="file that holds the key")
    add("--data", metavar="FILE", type=Path, required=True, help="columns query, conversation, expect (a|b), branch")
    add("--answers", metavar="FILE", type=Path, help="answers as JSONL; run again to continue (default: beside --data)")
    add("--out", metavar="FILE", type=Path, help="write the report as HTML, too")
    add("--workers", type=int, default=4, metavar="N", help="conversations at once (default 4; Dify serves about 8)")


def run(args: argparse.Namespace) -> int:
    url = args.dify or os.environ.get("KEFU_DIFY_URL", "")
    key = args.key or secret(args.key_file, "KEFU_DIFY_APP_KEY")
    if not url or not key:
        raise BadInput("Which app?", "Give --dify URL, and its key in KEFU_DIFY_APP_KEY or --key-file.")
    if args.workers < 1:
        raise BadInput("--workers must be 1 or more.")
    answers_file = args.answers or args.data.with_suffix(".answers.jsonl")
    with ServiceApi(url, key) as api:
        name = str(api.info().get("name", "app"))
    answers = evaluate(
        lambda: ServiceApi(url, key),
        read_questions(args.data),
        answers_file,
        workers=args.workers,
        pause=time.sleep,
        progress=_progress,
    )
    return _report(args, name, answers, answers_file)


def _progress(done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _report(args: argparse.Namespace, name: str, answers: list[Answered], answers_file: Path) -> int:
    table = figures(name, answers)
    middle, slow = latency(answers)
    errors = [one for one in answers if one.error]
    note = f"{len(answers)} turns, median {middle:.2f} s, 95 % within {slow:.2f} s, {len(errors)} errors."
    print(as_table(table))
    print(f"{note}\n{answers_file}")
    for one in errors[:5]:
        print(f"row {one.row}: {one.error[:200]}", file=sys.stderr)
    if args.out:
        write_whole(args.out, render(f"Through the app: {name}", table, note).encode())
    return 1 if errors else 0
