"""`./kefu extract`: slots of every sentence in a file."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import yaml

from kefu.core.slots import Schema, parse_schema
from kefu.errors import BadInput
from kefu.evaluation.slots import extract_file, progress_line

_ZONE = ZoneInfo("Asia/Shanghai")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, metavar="F.jsonl", help='rows {"text": …}')
    parser.add_argument("--out", required=True, metavar="P.jsonl", help="predictions; - for standard output")
    parser.add_argument("--schema", metavar="S.yaml", help="only slot types that this schema's fields take")
    parser.add_argument("--now", metavar="ISO", help="the moment that 明天 and 下周三 are meant at (default: now)")


def run(args: argparse.Namespace) -> int:
    """0 when every line was read, 1 when some were broken (each is named on standard error)."""
    schema = read_schema(Path(args.schema)) if args.schema else None
    now = read_now(args.now) if args.now else datetime.now(_ZONE)
    data = Path(args.data)
    if not data.is_file():
        raise BadInput(f"There is no file {data}.", 'Name a JSON-lines file with rows {"text": …}.')
    with open_out(args.out) as out:
        done = extract_file(data, out, now=now, schema=schema, progress=progress_line())
    for line in done.broken:
        print(f"kefu extract: {line.where}: {line.why}", file=sys.stderr)
    print(f"{done.rows} rows, {len(done.broken)} broken lines left out", file=sys.stderr)
    return 1 if done.broken else 0


def open_out(name: str) -> IO[str] | nullcontext[IO[str]]:
    """The file to write, or standard output for ``-``. Raises BadInput if it cannot be written."""
    if name == "-":
        return nullcontext(sys.stdout)
    try:
        return Path(name).open("w", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{name} cannot be written: {error.strerror}.", "Name another with --out.") from error


def read_schema(path: Path) -> Schema:
    """A schema in YAML or JSON. Raises BadInput with file (and line, if YAML knows it)."""
    try:
        source = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read as YAML: {error}", "Check it, or leave --schema out.") from error
    return parse_schema(source)


def read_now(text: str) -> datetime:
    """An ISO date or date and time; without a zone it is meant in China."""
    try:
        now = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--now {text} is no ISO date.", "Write 2026-11-11 or 2026-11-11T20:00.") from error
    return now if now.tzinfo else now.replace(tzinfo=_ZONE)
