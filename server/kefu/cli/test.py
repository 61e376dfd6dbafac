"""`./kefu test`: every test, each plugin in a process of its own (the SDK patches the interpreter with gevent)."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SUITES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("server", ("tests", "--ignore=tests/plugins", "--ignore=tests/browser", "-n", "2", "--dist", "loadfile")),
    ("plugins", ("tests/plugins",)),
    ("browser", ("tests/browser",)),
)
FRAMEWORK = ("framework", ("-m", "finetune", "-s", "tests/finetune/framework"))
"""The real LLaMA-Factory: in one process, and its progress is shown."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dify", metavar="URL", help="also run the end-to-end suite against this Dify")
    parser.add_argument(
        "--finetune",
        action="store_true",
        help="also train a tiny model with the real framework (installs LLaMA-Factory in the user's cache: some GB)",
    )
    parser.add_argument("pytest", nargs="*", metavar="-- ARGS", help="paths and options: one run of just that")


def run(args: argparse.Namespace) -> int:
    environment = os.environ.copy()
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in gunicorn: two test workers want the cores themselves
    left_out = {"dify", "finetune"}
    if args.dify:
        environment["KEFU_TEST_DIFY"] = args.dify
        left_out.remove("dify")
    if args.finetune:
        environment["KEFU_TEST_FINETUNE"] = "1"
    suites = (*SUITES, FRAMEWORK) if args.finetune else SUITES
    if args.pytest:
        suites = (("chosen", tuple(args.pytest)),)
        left_out -= {"finetune"} if args.finetune else set()
    markers = " and ".join(f"not {marker}" for marker in sorted(left_out))
    failed = [name for name, arguments in suites if _run_suite(name, arguments, markers, environment)]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _run_suite(name: str, arguments: tuple[str, ...], markers: str, environment: dict[str, str]) -> int:
    """Run one pytest process; no test at all in a suite is a failure too (pytest's exit status 5)."""
    started = time.monotonic()
    print(f"== {name} tests", flush=True)
    command = [sys.executable, "-m", "pytest", *(["-m", markers] if markers else []), *arguments]
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    print(f"== {name}: {'passed' if status == 0 else 'failed'} in {time.monotonic() - started:.0f} s", flush=True)
    return status
