"""`./kefu check`: the one gate. It edits nothing."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", "--quiet", ".")),
    ("lint", ("ruff", "check", "--quiet", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("import rule", ("pytest", "-q", "tests/test_architecture.py")),
    ("docs and DSL fresh", ("pytest", "-q", "tests/test_docs.py", "tests/dify/test_dsl_render.py")),
    ("duplicates", ("kefu.evaluation.duplicates", "server/kefu", "models", "tools", "provider")),
)
"""Name and module with arguments, each run as `python -m`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("only", nargs="*", metavar="CHECK", help=f"any of: {', '.join(name for name, _ in CHECKS)}")


def run(args: argparse.Namespace) -> int:
    failed = []
    for name, command in CHECKS:
        if args.only and name not in args.only:
            continue
        result = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False)
        print(f"{'ok  ' if result.returncode == 0 else 'FAIL'} {name}")
        if result.returncode:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0
